// Times, ages, names and addresses as people read them.

import { serverNow } from "./clock.js";
import { t } from "./i18n.js";
import { prefs } from "./prefs.js";

/** @typedef {import("../types.js").Call} Call */

/** @type {string | undefined} */
let timeZone;

/** The service's own time zone; without it, the device's. @param {unknown} name */
export function setTimeZone(name) {
  if (typeof name !== "string" || name === "") return;
  try {
    new Intl.DateTimeFormat("ru", { timeZone: name });
    timeZone = name;
  } catch {
    timeZone = undefined;
  }
}

export const serviceZone = () => timeZone;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} name @param {Intl.DateTimeFormatOptions} options */
function format(name, options) {
  const key = `${name}/${prefs.lang}/${timeZone ?? ""}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(prefs.lang === "ru" ? "ru-RU" : "en-GB", { ...options, timeZone, hourCycle: "h23" });
    formats.set(key, found);
  }
  return found;
}

/** @param {string | number | null | undefined} at */
export const clockTime = (at) =>
  at == null ? "—" : format("time", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(at));

/** @param {string | number | null | undefined} at */
export const shortTime = (at) =>
  at == null ? "—" : format("short", { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

/** @param {string | number | null | undefined} at */
export const dateTime = (at) =>
  at == null
    ? "—"
    : format("dateTime", { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" })
        .format(new Date(at))
        .replace(",", "");

/** Minutes and seconds, hours when there are any: 1:24, 1:02:09. @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** Seconds since a moment, by the server's clock. @param {string | null | undefined} at */
export const ageS = (at) => (at == null ? Number.POSITIVE_INFINITY : Math.max(0, (serverNow() - Date.parse(at)) / 1000));

/** Иванова А. С. @param {{surname?: string, name?: string, patronym?: string} | null | undefined} person */
export function shortName(person) {
  if (!person) return "";
  const initials = [person.name, person.patronym].filter(Boolean).map((part) => `${part?.charAt(0)}.`);
  return [person.surname, initials.join(" ")].filter(Boolean).join(" ");
}

/** @param {{surname?: string, name?: string, patronym?: string} | null | undefined} person */
export const fullName = (person) => [person?.surname, person?.name, person?.patronym].filter(Boolean).join(" ");

/** К-1043 @param {{number: number}} call */
export const callNumber = (call) => t("call.number", { number: call.number });

/** Entrance, floor, flat and intercom in one line. @param {Call} call */
export function addressDetails(call) {
  const details = call.address_details ?? {};
  return /** @type {const} */ (["entrance", "floor", "flat", "intercom"])
    .filter((name) => details[name])
    .map((name) => t(`address.${name}`, { value: details[name] }))
    .join(", ");
}

/** @param {import("../types.js").Patient | null | undefined} patient */
export function patientLine(patient) {
  if (!patient) return t("patient.unknown");
  const parts = [];
  if (patient.sex) parts.push(t(`sex.${patient.sex}`));
  if (patient.age != null) parts.push(patient.age === 0 ? t("patient.newborn") : t("patient.age", { n: patient.age }));
  const name = fullName(patient);
  if (name) parts.unshift(name);
  return parts.length > 0 ? parts.join(", ") : t("patient.unknown");
}

/** A share of one as a percentage. @param {number} share @param {number} [digits] */
export const percent = (share, digits = 0) =>
  new Intl.NumberFormat(prefs.lang === "ru" ? "ru-RU" : "en-GB", { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    // Never rounded up to the whole: "100 %" would say that nothing is missing.
    share < 1 ? Math.min(share, 1 - 10 ** -(digits + 2)) : share,
  );

/** @param {number | null | undefined} metres */
export function distance(metres) {
  if (metres == null) return "—";
  const number = new Intl.NumberFormat(prefs.lang === "ru" ? "ru-RU" : "en-GB", { maximumFractionDigits: 1 });
  return metres < 950 ? t("distance.m", { value: Math.round(metres / 10) * 10 }) : t("distance.km", { value: number.format(metres / 1000) });
}
