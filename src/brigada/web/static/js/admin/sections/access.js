// Who and what may get in: trackers, keys of outside systems, the own sessions.

import { all } from "../../core/api.js";
import { dateTime } from "../../core/format.js";
import { t } from "../../core/i18n.js";
import { fromField } from "../../core/zoned.js";
import { choices } from "./shared.js";

/** @typedef {import("./shared.js").Row} Row @typedef {import("./shared.js").Section} Section */

const SCOPES = ["calls:create", "calls:read", "teams:read", "positions:read", "reports:read"];

/** Plates by the number of the car, read with the list of devices. @type {Map<number, Row>} */
const plates = new Map();

async function readCars() {
  plates.clear();
  for (const car of await all("/cars")) plates.set(car.id, car);
}

/** @param {Row} row */
const isOver = (row) => Boolean(row.revoked_at) || (row.expires_at != null && Date.parse(row.expires_at) <= Date.now());

/** @type {Section} */
export const devices = {
  path: "/devices",
  follow: /^(device|car)\./,
  name: (row) => row.name,
  addable: true,
  removable: true,
  editable: false,
  removeWord: "token.revoke",
  removeNote: "device.revokeNote",
  note: "device.about",
  needs: ["cars"],
  ended: isOver,
  columns: [
    { name: "name", title: "device.name", text: (row) => row.name },
    { name: "car", title: "team.car", text: (row) => plates.get(row.car_id)?.number ?? `#${row.car_id}` },
    { name: "seen", title: "device.seen", text: (row) => (row.last_seen_at ? dateTime(row.last_seen_at) : t("device.never")), sort: (row) => row.last_seen_at ?? "" },
    { name: "battery", title: "device.battery", text: (row) => (row.battery == null ? "—" : `${Math.round(row.battery * 100)} %`), sort: (row) => row.battery ?? -1 },
    { name: "created", title: "token.created", text: (row) => dateTime(row.created_at), sort: (row) => row.created_at, nowrap: true },
    { name: "revoked", title: "token.revoked", text: (row) => (row.revoked_at ? dateTime(row.revoked_at) : "—") },
  ],
  prepare: readCars,
  fields: () => [
    { name: "name", label: "device.name", required: true, hint: "device.nameHint" },
    { name: "car_id", label: "team.car", type: "select", required: true, choices: () => [...plates.values()].map((car) => ({ value: String(car.id), text: `${car.number} · ${car.model}` })) },
  ],
  toBody: (value) => ({ name: value.name, car_id: Number(value.car_id) }),
};

/** @type {Section} */
export const tokens = {
  path: "/tokens",
  follow: /^token\./,
  name: (row) => row.name,
  addable: true,
  removable: true,
  editable: false,
  removeWord: "token.revoke",
  removeNote: "token.revokeNote",
  note: "token.about",
  ended: isOver,
  columns: [
    { name: "name", title: "token.name", text: (row) => row.name },
    { name: "scopes", title: "token.scopes", text: (row) => (row.scopes ?? []).map((/** @type {string} */ scope) => t(`scope.${scope}`)).join(", ") },
    { name: "created", title: "token.created", text: (row) => dateTime(row.created_at), sort: (row) => row.created_at, nowrap: true },
    { name: "expires", title: "token.expires", text: (row) => (row.expires_at ? dateTime(row.expires_at) : t("token.never")), sort: (row) => row.expires_at ?? "9" },
    { name: "revoked", title: "token.revoked", text: (row) => (row.revoked_at ? dateTime(row.revoked_at) : "—") },
  ],
  fresh: () => ({ scopes: [] }),
  fields: () => [
    { name: "name", label: "token.name", required: true },
    { name: "expires_at", label: "token.expires", type: "datetime-local", hint: "token.expiresHint" },
    { name: "scopes", label: "token.scopes", type: "choices", required: true, choices: () => choices(SCOPES, "scope") },
  ],
  toBody: (value) => ({ name: value.name, scopes: value.scopes, ...(value.expires_at ? { expires_at: fromField(value.expires_at) } : {}) }),
};

/** @type {Section} */
export const sessions = {
  path: "/auth/sessions",
  follow: /^session\./,
  name: (row) => `${row.ip}, ${t("session.created").toLowerCase()} ${dateTime(row.created_at)}`,
  removable: true,
  editable: false,
  removeWord: "session.end",
  note: "session.about",
  columns: [
    { name: "ip", title: "session.ip", text: (row) => row.ip },
    { name: "agent", title: "session.agent", text: (row) => row.user_agent },
    { name: "created", title: "session.created", text: (row) => dateTime(row.created_at), sort: (row) => row.created_at, nowrap: true },
    { name: "seen", title: "session.seen", text: (row) => dateTime(row.last_seen_at), sort: (row) => row.last_seen_at, nowrap: true },
    { name: "current", title: "session.current", text: (row) => (row.current ? t("word.yes") : "") },
  ],
};
