// What the sections of the administrator have in common.

import { session } from "../../core/session.js";
import { t } from "../../core/i18n.js";

/**
 * @typedef {import("../table.js").Row} Row
 * @typedef {import("../table.js").Column} Column
 * @typedef {import("../form.js").Field} Field
 * @typedef {{path: string, id?: string, follow: RegExp, columns: Column[], fields?: (row: Row | null) => Field[], prepare?: () => Promise<void>,
 *   fresh?: () => Row, fromRow?: (row: Row) => Row, toBody?: (value: Row, row: Row | null) => Row, name: (row: Row) => string,
 *   addable?: boolean, removable?: boolean, editable?: boolean, removeWord?: string, removeNote?: string, versioned?: boolean,
 *   conflicts?: Record<string, string>, changed?: (name: string, value: Row) => Row, note?: string, needs?: string[], export?: boolean,
 *   ended?: (row: Row) => boolean, second?: {word: string, note: string, path: (row: Row) => string}}} Section
 */

export const PROFILES = ["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"];
export const CRITICALITIES = ["critical", "important", "common"];

/** @param {string[]} values @param {string} group */
export const choices = (values, group) => values.map((value) => ({ value, text: t(`${group}.${value}`) }));

/** @param {boolean} optional */
export const stationChoices = (optional) => [
  ...(optional ? [{ value: "", text: "—" }] : []),
  ...[...session.store.stations.values()].map((station) => ({ value: String(station.id), text: station.name })),
];

/** The sign of a number stays with its number. @param {string} text */
export const unbroken = (text) => text.replace(/№ /g, "№\u00a0");

/** @param {number | null | undefined} id */
export const stationName = (id) => (id == null ? "—" : unbroken(session.store.stations.get(id)?.name ?? `#${id}`));

/** @param {boolean} value */
export const yesNo = (value) => (value ? t("word.yes") : t("word.no"));

/** @param {Row} value @param {string} name */
export const number = (value, name) => (value[name] === "" || value[name] == null ? null : Number(value[name]));
