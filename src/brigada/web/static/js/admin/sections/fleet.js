// People, cars, stations, hospitals.

import { fullName } from "../../core/format.js";
import { t } from "../../core/i18n.js";
import { session } from "../../core/session.js";
import { choices, number, stationChoices, stationName, unbroken, yesNo } from "./shared.js";

/** @typedef {import("./shared.js").Row} Row @typedef {import("./shared.js").Column} Column @typedef {import("./shared.js").Field} Field @typedef {import("./shared.js").Section} Section */

const HOSPITAL_PROFILES = ["general", "cardiology", "neurology", "trauma", "surgery", "burns", "paediatric", "obstetric", "infectious", "psychiatric", "toxicology"];

/** @type {Section} */
export const users = {
  path: "/users",
  follow: /^(user|team)\./,
  name: (row) => fullName(row) || row.login,
  addable: true,
  removable: true,
  removeNote: "user.deleteNote",
  // A lost phone or tablet: whatever is signed in as this person is not any more; the account stays.
  second: { word: "user.endSessions", note: "user.endSessionsNote", path: (row) => `/users/${row.id}/sessions` },
  conflicts: { login_taken: "login", last_administrator: "active", user_on_team: "role" },
  columns: [
    { name: "name", title: "user.name", text: (row) => fullName(row) },
    { name: "login", title: "signIn.login", text: (row) => row.login },
    { name: "role", title: "user.role", text: (row) => t(`role.${row.role}`) },
    { name: "phone", title: "user.phone", text: (row) => row.phone ?? "" },
    { name: "active", title: "user.active", text: (row) => yesNo(row.active) },
    { name: "team", title: "user.team", text: (row) => (row.team_id == null ? "—" : (session.store.teams.get(row.team_id)?.name ?? `#${row.team_id}`)) },
  ],
  fresh: () => ({ role: "worker", language: "ru", active: true }),
  fields: (row) => [
    { name: "surname", label: "person.surname", required: true },
    { name: "name", label: "person.name", required: true },
    { name: "patronym", label: "person.patronym" },
    { name: "login", label: "signIn.login", required: true, hint: "user.loginHint" },
    { name: "password", label: row ? "user.newPassword" : "signIn.password", type: "password", required: !row, hint: row ? "user.passwordKept" : "user.passwordHint" },
    { name: "role", label: "user.role", type: "select", choices: () => choices(["worker", "dispatcher", "admin"], "role") },
    { name: "phone", label: "user.phone", type: "tel" },
    { name: "language", label: "user.language", type: "select", choices: () => choices(["ru", "en"], "language") },
    { name: "active", label: "user.active", type: "checkbox", hint: "user.activeHint" },
  ],
  fromRow: ({ password: _, ...row }) => row,
  toBody: ({ password, ...value }) => (password ? { ...value, password } : value),
};

/** @type {Section} */
export const cars = {
  path: "/cars",
  follow: /^(car|team)\./,
  name: (row) => row.number,
  addable: true,
  removable: true,
  removeWord: "car.retire",
  removeNote: "car.retireNote",
  conflicts: { plate_taken: "number" },
  columns: [
    { name: "number", title: "car.number", text: (row) => row.number },
    { name: "class", title: "car.classTitle", text: (row) => row.class },
    { name: "model", title: "car.model", text: (row) => row.model },
    { name: "state", title: "car.state", text: (row) => t(`serviceability.${row.serviceability}`) },
    { name: "station", title: "team.station", text: (row) => stationName(row.station_id) },
    { name: "team", title: "user.team", text: (row) => (row.team_id == null ? "—" : (session.store.teams.get(row.team_id)?.name ?? `#${row.team_id}`)) },
    { name: "free", title: "car.free", text: (row) => yesNo(row.free) },
  ],
  fresh: () => ({ class: "B", serviceability: "in_service" }),
  fields: () => [
    { name: "number", label: "car.number", required: true, hint: "car.numberHint" },
    { name: "class", label: "car.classTitle", type: "select", choices: () => ["A", "B", "C"].map((value) => ({ value, text: t(`carClass.${value}`) })) },
    { name: "model", label: "car.model", required: true },
    { name: "serviceability", label: "car.state", type: "select", choices: () => choices(["in_service", "broken", "maintenance"], "serviceability") },
    { name: "station_id", label: "team.station", type: "select", choices: () => stationChoices(true) },
  ],
  toBody: (value) => ({ ...value, station_id: number(value, "station_id") }),
};

/** @type {Field[]} */
const PLACE_FIELDS = [
  { name: "name", label: "place.name", required: true, wide: true },
  { name: "location", label: "place.point", type: "place", required: true },
  { name: "address", label: "call.address" },
  { name: "phone", label: "user.phone", type: "tel" },
];

/** @param {Row} value */
const placeBody = (value) => ({ name: value.name, address: value.address, phone: value.phone, location: value.location });

/** @type {Column[]} */
const PLACE_COLUMNS = [
  { name: "name", title: "place.name", text: (row) => unbroken(row.name) },
  { name: "address", title: "call.address", text: (row) => row.address ?? "" },
  { name: "phone", title: "user.phone", text: (row) => row.phone ?? "" },
];

/** @type {Section} */
export const stations = {
  path: "/stations",
  follow: /^station\./,
  name: (row) => row.name,
  addable: true,
  removable: true,
  conflicts: { station_name_taken: "name", place_name_taken: "name" },
  columns: [...PLACE_COLUMNS, { name: "point", title: "place.point", text: (row) => (row.location ? `${row.location.lat.toFixed(5)}, ${row.location.lon.toFixed(5)}` : ""), nowrap: true }],
  fields: () => PLACE_FIELDS,
  toBody: placeBody,
};

/** @type {Section} */
export const hospitals = {
  ...stations,
  path: "/hospitals",
  follow: /^hospital\./,
  conflicts: { hospital_name_taken: "name", place_name_taken: "name" },
  columns: [
    ...PLACE_COLUMNS,
    { name: "profiles", title: "hospital.profiles", text: (row) => (row.profiles ?? []).map((/** @type {string} */ name) => t(`hospitalProfile.${name}`)).join(", ") },
    { name: "accepting", title: "hospital.accepting", text: (row) => yesNo(row.accepting) },
  ],
  fresh: () => ({ accepting: true, profiles: [] }),
  fields: () => [...PLACE_FIELDS, { name: "accepting", label: "hospital.accepting", type: "checkbox" }, { name: "profiles", label: "hospital.profiles", type: "choices", choices: () => choices(HOSPITAL_PROFILES, "hospitalProfile") }],
  toBody: (value) => ({ ...placeBody(value), accepting: value.accepting, profiles: value.profiles }),
};
