// What the administrator keeps: for each section its columns, its form and how a form becomes a request.

import { all } from "../core/api.js";
import { dateTime, duration, fullName, shortName, shortTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { session } from "../core/session.js";
import { critMark } from "../parts/crit.js";

/**
 * @typedef {import("./table.js").Row} Row
 * @typedef {import("./table.js").Column} Column
 * @typedef {import("./form.js").Field} Field
 * @typedef {{path: string, id?: string, follow: RegExp, columns: Column[], fields?: (row: Row | null) => Field[], prepare?: () => Promise<void>,
 *   fromRow?: (row: Row) => Row, toBody?: (value: Row, row: Row | null) => Row, name: (row: Row) => string, removable?: boolean, editable?: boolean,
 *   removeWord?: string, versioned?: boolean}} Section
 */

/** Lists that forms choose from, read when a form opens. @type {{workers: Row[], cars: Row[]}} */
const lists = { workers: [], cars: [] };

const PROFILES = ["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"];
const HOSPITAL_PROFILES = ["general", "cardiology", "neurology", "trauma", "surgery", "burns", "paediatric", "obstetric", "infectious", "psychiatric", "toxicology"];
const SCOPES = ["calls:create", "calls:read", "teams:read", "positions:read", "reports:read"];
const SHIFT_HOURS = 12;

/** @param {string[]} values @param {string} group */
const choices = (values, group) => values.map((value) => ({ value, text: t(`${group}.${value}`) }));

/** @param {boolean} optional */
const stationChoices = (optional) => [
  ...(optional ? [{ value: "", text: "—" }] : []),
  ...[...session.store.stations.values()].map((station) => ({ value: String(station.id), text: station.name })),
];

/** @param {number | null | undefined} id */
const stationName = (id) => (id == null ? "—" : session.store.stations.get(id)?.name ?? `#${id}`);

/** @param {boolean} value */
const yesNo = (value) => (value ? t("word.yes") : t("word.no"));

/** A moment as the browser's own field wants it, in the device's zone. @param {string | Date} at */
function fieldTime(at) {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {Row} value @param {string} name */
const number = (value, name) => (value[name] === "" ? null : Number(value[name]));

/** @type {Field[]} */
const PLACE_FIELDS = [
  { name: "name", label: "place.name", required: true, wide: true },
  { name: "address", label: "call.address", wide: true },
  { name: "lat", label: "place.lat", type: "number", required: true },
  { name: "lon", label: "place.lon", type: "number", required: true },
  { name: "phone", label: "user.phone", type: "tel" },
];

/** @param {Row} row */
const placeFromRow = (row) => ({ ...row, lat: row.location?.lat, lon: row.location?.lon });

/** @param {Row} value */
const placeBody = (value) => ({ name: value.name, address: value.address, phone: value.phone, location: { lat: Number(value.lat), lon: Number(value.lon) } });

/** @type {Column[]} */
const PLACE_COLUMNS = [
  { name: "name", title: "place.name", text: (row) => row.name },
  { name: "address", title: "call.address", text: (row) => row.address ?? "" },
  { name: "phone", title: "user.phone", text: (row) => row.phone ?? "" },
  { name: "point", title: "place.point", text: (row) => (row.location ? `${row.location.lat.toFixed(5)}, ${row.location.lon.toFixed(5)}` : "") },
];

/** @type {Section} */
const teams = {
  path: "/teams",
  follow: /^(team|assignment)\./,
  name: (row) => t("team.short", { name: row.name }),
  removable: true,
  removeWord: "team.end",
  columns: [
    { name: "name", title: "team.name", text: (row) => row.name },
    { name: "profile", title: "team.profile", text: (row) => t(`profile.${row.profile}`) },
    { name: "crew", title: "team.crew", text: (row) => (row.members ?? []).map(shortName).join(", ") },
    { name: "car", title: "team.car", text: (row) => row.car?.number ?? "—" },
    { name: "station", title: "team.station", text: (row) => stationName(row.station_id) },
    { name: "shift", title: "team.shift", text: (row) => `${shortTime(row.shift_start)}–${shortTime(row.shift_end)}`, sort: (row) => row.shift_start },
    { name: "state", title: "call.status", text: (row) => (row.free ? t("teamState.free") : row.on_break_since ? t("teamState.break") : row.on_shift === false ? t("teamState.off_shift") : t("teamState.busy")) },
  ],
  prepare: async () => {
    [lists.workers, lists.cars] = await Promise.all([all("/users?role=worker&free=true"), all("/cars?free=true")]);
  },
  fields: (row) => [
    { name: "name", label: "team.name", required: true },
    { name: "profile", label: "team.profile", type: "select", choices: () => choices(PROFILES, "profile") },
    { name: "car_id", label: "team.car", type: "select", required: true, choices: () => [...(row?.car ? [row.car] : []), ...lists.cars].map((car) => ({ value: String(car.id), text: `${car.number} · ${car.class} · ${car.model}` })) },
    { name: "station_id", label: "team.station", type: "select", choices: () => stationChoices(true) },
    { name: "shift_start", label: "team.from", type: "datetime-local", required: true },
    { name: "shift_end", label: "team.to", type: "datetime-local", required: true },
    { name: "members", label: "team.crew", type: "choices", required: true, most: 4, choices: () => [...(row?.members ?? []), ...lists.workers].map((user) => ({ value: String(user.id), text: fullName(user) })) },
  ],
  fromRow: (row) => ({ ...row, car_id: row.car?.id, members: (row.members ?? []).map((/** @type {Row} */ member) => member.id), shift_start: fieldTime(row.shift_start), shift_end: fieldTime(row.shift_end) }),
  toBody: (value) => ({
    name: value.name, profile: value.profile, car_id: Number(value.car_id), station_id: number(value, "station_id"), member_ids: value.members.map(Number),
    shift_start: new Date(value.shift_start).toISOString(), shift_end: new Date(value.shift_end).toISOString(),
  }),
};

/** A new shift from now for the usual hours. */
export function newTeam() {
  const now = new Date();
  now.setMinutes(0, 0, 0);
  return { profile: "paramedic", shift_start: fieldTime(now), shift_end: fieldTime(new Date(now.getTime() + SHIFT_HOURS * 3600_000)), members: [] };
}

/** @type {Record<string, Section>} */
export const SECTIONS = {
  teams,
  users: {
    path: "/users",
    follow: /^user\./,
    name: (row) => fullName(row) || row.login,
    removable: true,
    columns: [
      { name: "name", title: "user.name", text: (row) => fullName(row) },
      { name: "login", title: "signIn.login", text: (row) => row.login },
      { name: "role", title: "user.role", text: (row) => t(`role.${row.role}`) },
      { name: "phone", title: "user.phone", text: (row) => row.phone ?? "" },
      { name: "active", title: "user.active", text: (row) => yesNo(row.active) },
      { name: "team", title: "user.team", text: (row) => (row.team_id == null ? "—" : session.store.teams.get(row.team_id)?.name ?? `#${row.team_id}`) },
    ],
    fields: (row) => [
      { name: "surname", label: "person.surname", required: true },
      { name: "name", label: "person.name", required: true },
      { name: "patronym", label: "person.patronym" },
      { name: "login", label: "signIn.login", required: true },
      { name: "password", label: row ? "user.newPassword" : "signIn.password", type: "password", required: !row, hint: row ? "user.passwordKept" : "user.passwordHint" },
      { name: "role", label: "user.role", type: "select", choices: () => choices(["worker", "dispatcher", "admin"], "role") },
      { name: "phone", label: "user.phone", type: "tel" },
      { name: "language", label: "user.language", type: "select", choices: () => choices(["ru", "en"], "language") },
      { name: "active", label: "user.active", type: "checkbox" },
    ],
    toBody: ({ password, ...value }) => (password ? { ...value, password } : value),
  },
  cars: {
    path: "/cars",
    follow: /^car\./,
    name: (row) => row.number,
    removable: true,
    columns: [
      { name: "number", title: "car.number", text: (row) => row.number },
      { name: "class", title: "car.classTitle", text: (row) => row.class },
      { name: "model", title: "car.model", text: (row) => row.model },
      { name: "state", title: "car.state", text: (row) => t(`serviceability.${row.serviceability ?? (row.serviceable ? "in_service" : "broken")}`) },
      { name: "station", title: "team.station", text: (row) => stationName(row.station_id) },
      { name: "free", title: "car.free", text: (row) => yesNo(row.free) },
    ],
    fields: () => [
      { name: "number", label: "car.number", required: true, hint: "car.numberHint" },
      { name: "class", label: "car.classTitle", type: "select", choices: () => ["A", "B", "C"].map((value) => ({ value, text: t(`carClass.${value}`) })) },
      { name: "model", label: "car.model", required: true },
      { name: "serviceability", label: "car.state", type: "select", choices: () => choices(["in_service", "broken", "maintenance"], "serviceability") },
      { name: "station_id", label: "team.station", type: "select", choices: () => stationChoices(true) },
    ],
    toBody: (value) => ({ ...value, station_id: number(value, "station_id") }),
  },
  stations: { path: "/stations", follow: /^station\./, name: (row) => row.name, removable: true, columns: PLACE_COLUMNS, fields: () => PLACE_FIELDS, fromRow: placeFromRow, toBody: placeBody },
  hospitals: {
    path: "/hospitals",
    follow: /^hospital\./,
    name: (row) => row.name,
    removable: true,
    columns: [
      ...PLACE_COLUMNS.slice(0, 3),
      { name: "profiles", title: "hospital.profiles", text: (row) => (row.profiles ?? []).map((/** @type {string} */ name) => t(`hospitalProfile.${name}`)).join(", ") },
      { name: "accepting", title: "hospital.accepting", text: (row) => yesNo(row.accepting) },
    ],
    fields: () => [...PLACE_FIELDS, { name: "accepting", label: "hospital.accepting", type: "checkbox" }, { name: "profiles", label: "hospital.profiles", type: "choices", choices: () => choices(HOSPITAL_PROFILES, "hospitalProfile") }],
    fromRow: placeFromRow,
    toBody: (value) => ({ ...placeBody(value), accepting: value.accepting, profiles: value.profiles }),
  },
  reasons: {
    path: "/reasons",
    id: "code",
    follow: /^reason\./,
    name: (row) => row.title_ru,
    removable: true,
    versioned: false,
    columns: [
      { name: "title_ru", title: "reason.ru", text: (row) => row.title_ru },
      { name: "title_en", title: "reason.en", text: (row) => row.title_en },
      { name: "criticality", title: "call.criticality", text: (row) => t(`criticality.${row.criticality}`), face: (row) => critMark(row.criticality) },
      { name: "profile", title: "team.profile", text: (row) => (row.profile ? t(`profile.${row.profile}`) : "—") },
      { name: "code", title: "reason.code", text: (row) => row.code },
    ],
    fields: (row) => [
      ...(row ? [] : [/** @type {Field} */ ({ name: "code", label: "reason.code", required: true, hint: "reason.codeHint" })]),
      { name: "title_ru", label: "reason.ru", required: true },
      { name: "title_en", label: "reason.en", required: true },
      { name: "criticality", label: "call.criticality", type: "select", choices: () => choices(["critical", "important", "common"], "criticality") },
      { name: "profile", label: "team.profile", type: "select", choices: () => [{ value: "", text: "—" }, ...choices(PROFILES, "profile")] },
    ],
    toBody: (value) => ({ ...value, profile: value.profile || null }),
  },
  norms: {
    path: "/norms",
    follow: /^norm\./,
    name: (row) => String(row.id),
    editable: false,
    columns: [
      { name: "set", title: "norm.set", text: (row) => tOr(`normSet.${row.norm_set}`, row.norm_set) },
      { name: "criticality", title: "call.criticality", text: (row) => t(`criticality.${row.criticality}`), face: (row) => critMark(row.criticality) },
      { name: "clock", title: "norm.clock", text: (row) => `${tOr(`clock.${row.clock_start}`, row.clock_start)} → ${tOr(`clock.${row.clock_stop}`, row.clock_stop)}` },
      { name: "target", title: "norm.target", text: (row) => duration(row.target_s), sort: (row) => row.target_s },
      { name: "share", title: "norm.share", text: (row) => (row.statistic === "mean" ? t("norm.mean") : `${Math.round((row.share ?? 0) * 100)} %`) },
    ],
  },
  tokens: {
    path: "/tokens",
    follow: /^token\./,
    name: (row) => row.name,
    removable: true,
    editable: false,
    removeWord: "token.revoke",
    columns: [
      { name: "name", title: "token.name", text: (row) => row.name },
      { name: "scopes", title: "token.scopes", text: (row) => (row.scopes ?? []).map((/** @type {string} */ scope) => t(`scope.${scope}`)).join(", ") },
      { name: "created", title: "token.created", text: (row) => dateTime(row.created_at), sort: (row) => row.created_at },
      { name: "revoked", title: "token.revoked", text: (row) => (row.revoked_at ? dateTime(row.revoked_at) : "—") },
    ],
    fields: () => [{ name: "name", label: "token.name", required: true, wide: true }, { name: "scopes", label: "token.scopes", type: "choices", required: true, choices: () => choices(SCOPES, "scope") }],
  },
  sessions: {
    path: "/auth/sessions",
    follow: /^session\./,
    name: (row) => row.ip,
    removable: true,
    editable: false,
    removeWord: "session.end",
    columns: [
      { name: "ip", title: "session.ip", text: (row) => row.ip },
      { name: "agent", title: "session.agent", text: (row) => row.user_agent },
      { name: "created", title: "session.created", text: (row) => dateTime(row.created_at), sort: (row) => row.created_at },
      { name: "seen", title: "session.seen", text: (row) => dateTime(row.last_seen_at), sort: (row) => row.last_seen_at },
      { name: "current", title: "session.current", text: (row) => (row.current ? t("word.yes") : "") },
    ],
  },
};
