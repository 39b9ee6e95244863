// Reasons of calls, norms, rules of attention.

import { duration } from "../../core/format.js";
import { t, tOr } from "../../core/i18n.js";
import { prefs } from "../../core/prefs.js";
import { critMark } from "../../parts/crit.js";
import { CRITICALITIES, PROFILES, choices, yesNo } from "./shared.js";

/** @typedef {import("./shared.js").Row} Row @typedef {import("./shared.js").Column} Column @typedef {import("./shared.js").Field} Field @typedef {import("./shared.js").Section} Section */

const CLOCKS = ["received", "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];

/** @type {Column} */
const CRITICALITY = {
  name: "criticality", title: "call.criticality",
  text: (row) => (row.criticality ? t(`criticality.${row.criticality}`) : t("rule.every")),
  face: (row) => (row.criticality ? critMark(row.criticality) : t("rule.every")),
  sort: (row) => CRITICALITIES.indexOf(row.criticality),
};

/** Seconds as minutes that a person types. @param {number | null | undefined} seconds */
const minutes = (seconds) => (seconds == null ? "" : String(Math.round((seconds / 60) * 100) / 100));

/** @param {string} text */
const seconds = (text) => Math.round(Number(text.replace(",", ".")) * 60);

/** @param {Row} value @param {string} name */
const dot = (value, name) => String(value[name] ?? "").replace(",", ".");

/** @type {Section} */
export const reasons = {
  path: "/reasons?inactive=true",
  id: "code",
  follow: /^reason\./,
  name: (row) => row.title_ru,
  addable: true,
  removable: true,
  removeWord: "reason.retire",
  removeNote: "reason.retireNote",
  versioned: false,
  conflicts: { reason_taken: "title_ru" },
  ended: (row) => row.active === false,
  columns: [
    { name: "title_ru", title: "reason.ru", text: (row) => row.title_ru },
    { name: "title_en", title: "reason.en", text: (row) => row.title_en },
    CRITICALITY,
    { name: "profile", title: "team.profile", text: (row) => (row.profile ? t(`profile.${row.profile}`) : "—") },
    { name: "code", title: "reason.code", text: (row) => row.code },
    { name: "active", title: "reason.offered", text: (row) => yesNo(row.active) },
  ],
  fresh: () => ({ criticality: "common" }),
  fields: (row) => [
    ...(row ? [] : [/** @type {Field} */ ({ name: "code", label: "reason.code", required: true, hint: "reason.codeHint" })]),
    { name: "title_ru", label: "reason.ru", required: true },
    { name: "title_en", label: "reason.en", required: true },
    { name: "criticality", label: "call.criticality", type: "select", choices: () => choices(CRITICALITIES, "criticality") },
    { name: "profile", label: "team.profile", type: "select", hint: "reason.profileHint", choices: () => [{ value: "", text: "—" }, ...choices(PROFILES, "profile")] },
    ...(row ? [/** @type {Field} */ ({ name: "active", label: "reason.offered", type: "checkbox" })] : []),
  ],
  toBody: (value) => ({ ...value, profile: value.profile || null }),
};

/** @param {Row} row */
export const normSetName = (row) => tOr(`normSet.${row.norm_set}`, row.norm_set);

/** @type {Section} */
export const norms = {
  path: "/norms",
  follow: /^norm\./,
  name: (row) => `${normSetName(row)}: ${t(`criticality.${row.criticality}`)}, ${duration(row.target_s)}`,
  addable: true,
  conflicts: { norm_taken: "criticality" },
  note: "norm.about",
  columns: [
    { name: "set", title: "norm.set", text: normSetName },
    { name: "active", title: "norm.inForce", text: (row) => yesNo(row.active) },
    CRITICALITY,
    { name: "clock", title: "norm.clock", text: (row) => `${t(`clock.${row.clock_start}`)} → ${t(`clock.${row.clock_stop}`)}` },
    { name: "target", title: "norm.target", text: (row) => duration(row.target_s), sort: (row) => row.target_s },
    { name: "share", title: "norm.share", text: (row) => (row.statistic === "mean" ? t("norm.mean") : `${Math.round((row.share ?? 0) * 100)} %`) },
    { name: "title", title: "norm.title", text: (row) => (prefs.lang === "ru" ? row.title_ru : row.title_en) },
  ],
  fresh: () => ({ norm_set: "ru", criticality: "critical", clock_start: "received", clock_stop: "on_scene", statistic: "share", percent: "90", active: true }),
  fields: (row) => [
    ...(row ? [] : /** @type {Field[]} */ ([
      { name: "norm_set", label: "norm.set", required: true, hint: "norm.setHint" },
      { name: "criticality", label: "call.criticality", type: "select", choices: () => choices(CRITICALITIES, "criticality") },
      { name: "clock_start", label: "norm.from", type: "select", choices: () => choices(CLOCKS, "clock") },
      { name: "clock_stop", label: "norm.to", type: "select", choices: () => choices(CLOCKS, "clock") },
    ])),
    { name: "minutes", api: "target_s", label: "norm.minutes", type: "number", required: true, min: 0.02, max: 43_200 },
    { name: "statistic", label: "norm.judged", type: "select", choices: () => choices(["share", "mean"], "normJudged") },
    { name: "percent", api: "share", label: "norm.percent", type: "number", required: true, min: 1, max: 100, hint: "norm.percentHint" },
    { name: "title_ru", label: "reason.ru" },
    { name: "title_en", label: "reason.en" },
    { name: "active", label: "norm.inForce", type: "checkbox" },
  ],
  fromRow: (row) => ({ ...row, minutes: minutes(row.target_s), percent: String(Math.round((row.share ?? 0) * 1000) / 10) }),
  toBody: ({ minutes: target, percent, ...value }) => ({ ...value, target_s: seconds(String(target)), share: Number(dot({ percent }, "percent")) / 100 }),
};

/** @type {Section} */
export const attention = {
  path: "/attention/rules",
  id: "code",
  follow: /^attention_rule\./,
  name: (row) => (prefs.lang === "ru" ? row.title_ru : row.title_en),
  note: "rule.about",
  columns: [
    { name: "title", title: "rule.title", text: (row) => (prefs.lang === "ru" ? row.title_ru : row.title_en) },
    CRITICALITY,
    { name: "after", title: "rule.after", text: (row) => duration(row.after_s), sort: (row) => row.after_s },
    { name: "escalate", title: "rule.escalate", text: (row) => (row.escalate_s == null ? t("rule.never") : duration(row.escalate_s)), sort: (row) => row.escalate_s ?? Number.MAX_SAFE_INTEGER },
    { name: "active", title: "rule.on", text: (row) => yesNo(row.active) },
  ],
  fields: () => [
    { name: "after", api: "after_s", label: "rule.afterMinutes", type: "number", required: true, min: 0, max: 1440, hint: "rule.afterHint" },
    { name: "escalate", api: "escalate_s", label: "rule.escalateMinutes", type: "number", min: 0.02, max: 1440, hint: "rule.escalateHint" },
    { name: "active", label: "rule.on", type: "checkbox" },
  ],
  fromRow: (row) => ({ ...row, after: minutes(row.after_s), escalate: minutes(row.escalate_s) }),
  toBody: (value) => ({ after_s: seconds(String(value.after)), escalate_s: value.escalate === "" ? null : seconds(String(value.escalate)), active: value.active }),
};
