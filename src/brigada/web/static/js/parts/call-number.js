// A call by the number that people say, whether it is open or closed.

import { api } from "../core/api.js";

/** @param {string} digits @returns {Promise<number | null>} the call's id; nothing where there is no such call */
export async function callByNumber(digits) {
  const found = await api(`/calls?q=${encodeURIComponent(digits)}&limit=20`);
  return found.items.find((/** @type {any} */ call) => String(call.number) === digits)?.id ?? null;
}
