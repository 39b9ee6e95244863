// Words of the console in two languages; a missing key is a bug that a test finds.

import { enAdmin } from "../i18n/en-admin.js";
import { enCrew } from "../i18n/en-crew.js";
import { enDesk } from "../i18n/en-desk.js";
import { enReports } from "../i18n/en-reports.js";
import { en } from "../i18n/en.js";
import { ruAdmin } from "../i18n/ru-admin.js";
import { ruCrew } from "../i18n/ru-crew.js";
import { ruDesk } from "../i18n/ru-desk.js";
import { ruReports } from "../i18n/ru-reports.js";
import { ru } from "../i18n/ru.js";
import { prefs } from "./prefs.js";

/** @typedef {string | {one: string, few?: string, many?: string, other: string}} Entry */

/** @type {Record<string, Record<string, Entry>>} */
const WORDS = {
  ru: { ...ru, ...ruDesk, ...ruCrew, ...ruAdmin, ...ruReports },
  en: { ...en, ...enDesk, ...enCrew, ...enAdmin, ...enReports },
};
const PLURALS = { ru: new Intl.PluralRules("ru"), en: new Intl.PluralRules("en") };

/**
 * The words for a key; `{name}` is filled from the values, and `n` chooses the plural.
 * @param {string} key @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const entry = WORDS[prefs.lang]?.[key];
  if (entry === undefined) return key;
  let text;
  if (typeof entry === "string") {
    text = entry;
  } else {
    const form = PLURALS[prefs.lang].select(Number(values.n ?? 0));
    text = /** @type {Record<string, string>} */ (entry)[form] ?? entry.other;
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The words for a code if there are any, else the given text. @param {string} key @param {string} otherwise */
export const tOr = (key, otherwise) => (WORDS[prefs.lang]?.[key] === undefined ? otherwise : t(key));
