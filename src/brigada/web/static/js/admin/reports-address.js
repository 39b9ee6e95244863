// What a report page shows, as the address of the page: it can be kept, sent and gone back to.

import { serverNow } from "../core/clock.js";
import { prefs } from "../core/prefs.js";
import { toField } from "../core/zoned.js";

/**
 * @typedef {{name: string, period: string, from: string, to: string, group: string, interval: string, norm_set: string, compare: boolean,
 *   filters: Record<string, string>}} Asked
 */

export const PRESETS = ["today", "yesterday", "7d", "30d", "week", "last_week", "month", "last_month", "quarter", "year", "last_year", "own"];
export const FILTERS = ["criticality", "status", "outcome", "late", "station_id", "profile", "team", "district", "reason", "dispatcher_id", "hour", "weekday"];
export const DEFAULT_PERIOD = "7d";

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** @param {string} day @param {number} days */
export const plusDays = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Today by the clock of the service. */
export const today = () => toField(serverNow()).slice(0, 10);

/** @param {string} day @param {number} months the first day of a month that lies so many months away */
function firstOfMonth(day, months) {
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 10);
}

/** The first and the last day of a preset, both counted in. @param {string} preset @param {string} now a day @returns {[string, string]} */
export function daysOf(preset, now) {
  const monday = plusDays(now, -((new Date(`${now}T00:00:00Z`).getUTCDay() + 6) % 7));
  const year = now.slice(0, 4);
  switch (preset) {
    case "today":
      return [now, now];
    case "yesterday":
      return [plusDays(now, -1), plusDays(now, -1)];
    case "30d":
      return [plusDays(now, -29), now];
    case "week":
      return [monday, plusDays(monday, 6)];
    case "last_week":
      return [plusDays(monday, -7), plusDays(monday, -1)];
    case "month":
      return [firstOfMonth(now, 0), plusDays(firstOfMonth(now, 1), -1)];
    case "last_month":
      return [firstOfMonth(now, -1), plusDays(firstOfMonth(now, 0), -1)];
    case "quarter": {
      const first = firstOfMonth(now, -((Number(now.slice(5, 7)) - 1) % 3));
      return [first, plusDays(firstOfMonth(first, 3), -1)];
    }
    case "year":
      return [`${year}-01-01`, `${year}-12-31`];
    case "last_year":
      return [`${Number(year) - 1}-01-01`, `${Number(year) - 1}-12-31`];
    default:
      return [plusDays(now, -6), now];
  }
}

/** The period as long as this one, before or after it; whole months move by months. @param {string} from @param {string} to @param {1 | -1} way @returns {[string, string]} */
export function neighbour(from, to, way) {
  const end = plusDays(to, 1);
  if (from.endsWith("-01") && end.endsWith("-01") && from < end) {
    const months = (Number(end.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(end.slice(5, 7)) - Number(from.slice(5, 7));
    return [firstOfMonth(from, way * months), plusDays(firstOfMonth(end, way * months), -1)];
  }
  const days = Math.round((Date.parse(end) - Date.parse(from)) / DAY_MS);
  return [plusDays(from, way * days), plusDays(to, way * days)];
}

/** Reads the address of the page. @param {string} path @param {string} search @returns {Asked} */
export function read(path, search) {
  const query = new URLSearchParams(search);
  const parts = path.split("/");
  const period = query.get("period") ?? DEFAULT_PERIOD;
  const known = PRESETS.includes(period) ? period : DEFAULT_PERIOD;
  const preset = daysOf(known, today());
  /** @param {string | null} day @param {string} otherwise */
  const own = (day, otherwise) => (known === "own" && day && DAY.test(day) ? day : otherwise);
  /** @type {Record<string, string>} */
  const filters = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null) filters[name] = value;
  }
  return {
    name: parts[parts.indexOf("reports") + 1] ?? "",
    period: known,
    from: own(query.get("from"), preset[0]),
    to: own(query.get("to"), preset[1]),
    group: query.get("group") ?? "",
    interval: query.get("interval") ?? "",
    norm_set: query.get("norm_set") ?? "",
    compare: query.get("compare") === "true",
    filters,
  };
}

/** Writes the address of the page. @param {string} base @param {Asked} asked */
export function write(base, asked) {
  const query = new URLSearchParams();
  if (asked.period !== DEFAULT_PERIOD) query.set("period", asked.period);
  if (asked.period === "own") {
    query.set("from", asked.from);
    query.set("to", asked.to);
  }
  for (const name of /** @type {const} */ (["group", "interval", "norm_set"])) if (asked[name]) query.set(name, asked[name]);
  if (asked.compare) query.set("compare", "true");
  for (const [name, value] of Object.entries(asked.filters)) query.set(name, value);
  const text = query.toString();
  return `${base}/${asked.name}${text ? `?${text}` : ""}`;
}

/** What the server is asked for. People name the last day that counts, the server the day at which the period ends. @param {Asked} asked */
export function question(asked) {
  const query = new URLSearchParams({ from: asked.from, to: plusDays(asked.to, 1), lang: prefs.lang });
  for (const name of /** @type {const} */ (["group", "interval", "norm_set"])) if (asked[name]) query.set(name, asked[name]);
  if (asked.compare) query.set("compare", "true");
  for (const [name, value] of Object.entries(asked.filters)) query.set(name, value);
  return query;
}

/** Filters as the body of a request has them. @param {Record<string, string>} filters */
export function typed(filters) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const [name, value] of Object.entries(filters)) found[name] = /_id$|^hour$|^weekday$/.test(name) ? Number(value) : name === "late" ? value === "true" : value;
  return found;
}

/**
 * The question for the calls behind a number: what the page asks for, narrowed by the row and the column. Null: the number counts nothing
 * that the two have in common.
 * @param {URLSearchParams} base @param {Record<string, unknown>} column @param {Record<string, unknown>} row
 */
export function questionBehind(base, column, row) {
  for (const [key, value] of Object.entries(column)) if (key in row && String(row[key]) !== String(value)) return null;
  const query = new URLSearchParams(base);
  for (const name of ["group", "compare"]) query.delete(name);
  for (const [key, value] of Object.entries({ ...column, ...row })) query.set(key, String(value));
  return query;
}
