// What an entry of the journal changed, in words: old values and new ones, or what was added.

import { dateTime, duration } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { changes as callChanges } from "../parts/history.js";

// These say nothing to a person.
const SILENT = ["id", "version", "created_at", "free", "assignment_id", "call_id", "team_id", "on_shift", "condition", "position_at"];
// Values that have words of their own, by the name of the field.
/** @type {Record<string, string>} */
const WORDS = {
  criticality: "criticality", role: "role", serviceability: "serviceability", profile: "profile", language: "language",
  statistic: "normJudged", clock_start: "clock", clock_stop: "clock", profiles: "hospitalProfile", scopes: "scope", automatic: "criticality",
};
// What tells a new thing from others.
const NAMES = ["name", "number", "login", "title_ru", "surname", "norm_set", "target_s"];

/** @param {string} name @param {any} value @returns {string} */
function word(name, value) {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? t("word.yes") : t("word.no");
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.map((item) => word(name, item)).join(", ");
  if (typeof value === "object") return object(value);
  if (WORDS[name]) return tOr(`${WORDS[name]}.${value}`, String(value));
  if (name.endsWith("_s") && typeof value === "number") return duration(value);
  if (/(_at|_since|^shift_start|^shift_end)$/.test(name) && typeof value === "string") return dateTime(value);
  return String(value);
}

/** @param {Record<string, any>} value */
function object(value) {
  if (typeof value.lat === "number") return `${value.lat.toFixed(5)}, ${value.lon.toFixed(5)}`;
  if (typeof value.surname === "string") return [value.surname, value.name].filter(Boolean).join(" ");
  if (value.number !== undefined) return String(value.number);
  return Object.entries(value).map(([name, part]) => `${tOr(`criticality.${name}`, name)} ${word(name, part)}`).join(", ");
}

/** @param {Record<string, any>} fields @param {Record<string, any>} before @returns {string[]} */
function differences(fields, before) {
  return Object.keys(fields)
    .filter((name) => name in before && !SILENT.includes(name) && JSON.stringify(fields[name]) !== JSON.stringify(before[name]))
    .map((name) => `${tOr(`field.${name}`, name)}: ${word(name, before[name])} → ${word(name, fields[name])}`);
}

/** @param {Record<string, any>} item an entry of the journal @returns {string[]} */
export function changeLines(item) {
  const area = item.kind.split(".")[0];
  if (area === "call" || area === "assignment") {
    const lines = callChanges(item);
    return lines.length > 0 ? lines : [...(item.data?.call && item.old?.call ? differences(item.data.call, item.old.call) : [])];
  }
  const lines = [];
  for (const [entity, fields] of Object.entries(item.data ?? {})) {
    if (fields === null || typeof fields !== "object" || Array.isArray(fields)) continue;
    const before = item.old?.[entity];
    if (before) lines.push(...differences(fields, before));
    else if (item.kind.endsWith(".created")) {
      const named = NAMES.filter((name) => fields[name] !== undefined && fields[name] !== "").map((name) => word(name, fields[name]));
      if (named.length > 0) lines.push(named.join(" · "));
    }
  }
  return lines;
}
