// What a person reads when a request fails.

import { NoLink } from "../core/api.js";
import { t } from "../core/i18n.js";

/** The server's own words, or that no answer came. @param {unknown} error @returns {string} */
export function said(error) {
  if (error instanceof NoLink) return t("error.noLink");
  return error instanceof Error ? error.message : String(error);
}
