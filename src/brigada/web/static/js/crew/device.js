// What a crew's phone keeps so that it works without a network: who is signed in, the current card and the
// taps that the server has not answered yet. All of it is erased at sign-out.

import { deleteDB, openDB } from "../../vendor/idb.js";

const NAME = "brigada-crew";

/** @returns {Promise<import("idb").IDBPDatabase>} */
const open = () =>
  openDB(NAME, 1, {
    upgrade(database) {
      database.createObjectStore("kept");
      database.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
    },
  });

/** @param {string} key @param {unknown} value */
export async function keep(key, value) {
  const database = await open();
  await database.put("kept", value, key);
  database.close();
}

/** @param {string} key */
export async function recall(key) {
  const database = await open();
  const value = await database.get("kept", key);
  database.close();
  return value;
}

/** @returns {Promise<import("../types.js").User | null>} */
export async function recallMe() {
  try {
    return (await recall("me")) ?? null;
  } catch {
    return null;
  }
}

/** Nothing of a shift stays on the phone. */
export async function forgetDevice() {
  try {
    await deleteDB(NAME);
  } catch {
    // No storage on this device: nothing was kept either.
  }
}

export { open as openDevice };
