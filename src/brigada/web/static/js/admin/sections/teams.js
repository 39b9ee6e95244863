// Teams: a car and one to four workers for one shift.

import { all } from "../../core/api.js";
import { serverNow } from "../../core/clock.js";
import { fullName, shortName, shortTime } from "../../core/format.js";
import { t } from "../../core/i18n.js";
import { session } from "../../core/session.js";
import { fromField, toField } from "../../core/zoned.js";
import { PROFILES, choices, number, stationChoices, stationName } from "./shared.js";

/** @typedef {import("./shared.js").Row} Row @typedef {import("./shared.js").Section} Section */

/** Lists that the form chooses from, read when it opens. @type {{workers: Row[], cars: Row[]}} */
export const free = { workers: [], cars: [] };

export async function readFree() {
  [free.workers, free.cars] = await Promise.all([all("/users?role=worker&free=true&active=true"), all("/cars?free=true&serviceable=true")]);
}

const SHIFT_HOURS = 12;

/** The smallest number that no living team has. */
function nextNumber() {
  const taken = new Set([...session.store.teams.values()].map((team) => team.name));
  let number = 1;
  while (taken.has(String(number))) number += 1;
  return String(number);
}

/** @param {Row} row */
export function teamState(row) {
  // By the clock, not by what the row said when it was read: no event tells that a shift begins or ends.
  const now = serverNow();
  if (row.assignment_id != null) return t("teamState.busy");
  if (Date.parse(row.shift_end) <= now) return t("teamState.over");
  if (Date.parse(row.shift_start) > now) return t("teamState.off_shift");
  if (row.on_break_since) return t("teamState.break");
  if (row.free) return t("teamState.free");
  return row.car?.serviceable === false ? t("teamState.no_car") : t("teamState.busy");
}

/** @type {Section} */
export const teams = {
  path: "/teams",
  follow: /^(team|assignment|car)\./,
  name: (row) => t("team.short", { name: row.name }),
  addable: true,
  removable: true,
  removeWord: "team.end",
  removeNote: "team.endNote",
  needs: ["cars", "users"],
  conflicts: { team_name_taken: "name", car_taken: "car_id", car_unserviceable: "car_id", worker_taken: "members" },
  columns: [
    { name: "name", title: "team.name", text: (row) => row.name },
    { name: "profile", title: "team.profile", text: (row) => t(`profile.${row.profile}`) },
    { name: "crew", title: "team.crew", text: (row) => (row.members ?? []).map((/** @type {any} */ member) => shortName(member).replaceAll(" ", "\u00a0")).join(", ") },
    { name: "car", title: "team.car", text: (row) => row.car?.number ?? "—" },
    { name: "station", title: "team.station", text: (row) => stationName(row.station_id) },
    { name: "shift", title: "team.shift", text: (row) => `${shortTime(row.shift_start)}–${shortTime(row.shift_end)}`, sort: (row) => row.shift_start, nowrap: true },
    { name: "state", title: "call.status", text: teamState, nowrap: true },
  ],
  prepare: readFree,
  fresh: () => {
    const start = new Date(serverNow());
    start.setMinutes(0, 0, 0);
    const car = free.cars[0];
    return {
      name: nextNumber(), profile: "paramedic", car_id: car?.id ?? "", station_id: car?.station_id ?? "", members: [],
      shift_start: toField(start), shift_end: toField(start.getTime() + SHIFT_HOURS * 3600_000),
    };
  },
  fields: (row) => [
    { name: "name", label: "team.name", required: true },
    { name: "profile", label: "team.profile", type: "select", choices: () => choices(PROFILES, "profile") },
    { name: "car_id", label: "team.car", type: "select", required: true, choices: () => [...(row?.car ? [row.car] : []), ...free.cars].map((car) => ({ value: String(car.id), text: `${car.number} · ${car.class} · ${car.model}` })) },
    { name: "station_id", label: "team.station", type: "select", choices: () => stationChoices(true) },
    { name: "shift_start", label: "team.from", type: "datetime-local", required: true },
    { name: "shift_end", label: "team.to", type: "datetime-local", required: true },
    { name: "members", api: "member_ids", label: "team.crew", type: "choices", required: true, most: 4, choices: () => [...(row?.members ?? []), ...free.workers].map((user) => ({ value: String(user.id), text: fullName(user), also: user.login })) },
  ],
  // A car waits where its station is, unless somebody says otherwise.
  changed: (name, value) => {
    if (name !== "car_id") return {};
    const car = free.cars.find((item) => String(item.id) === value.car_id);
    return { ...value, station_id: car?.station_id ?? value.station_id };
  },
  fromRow: (row) => ({ ...row, car_id: row.car?.id, members: (row.members ?? []).map((/** @type {Row} */ member) => String(member.id)), shift_start: toField(row.shift_start), shift_end: toField(row.shift_end) }),
  toBody: (value) => ({
    name: value.name, profile: value.profile, car_id: Number(value.car_id), station_id: number(value, "station_id"), member_ids: value.members.map(Number),
    shift_start: fromField(value.shift_start), shift_end: fromField(value.shift_end),
  }),
};
