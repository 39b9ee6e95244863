// Times in form fields: written and read in the service's own time zone, whatever zone the device stands in.

import { serviceZone } from "./format.js";

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map();

/** How far the zone's wall clock is ahead of UTC at a moment, ms. @param {number} at @param {string | undefined} zone */
function aheadMs(at, zone) {
  const name = zone ?? "";
  let clock = clocks.get(name);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    clocks.set(name, clock);
  }
  /** @type {Record<string, number>} */
  const part = {};
  for (const { type, value } of clock.formatToParts(new Date(at))) part[type] = Number(value);
  const wall = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(at / 1000) * 1000;
}

/** `2026-11-24T20:30:00`, as a field of type `datetime-local` with seconds wants it. @param {string | number | Date} at */
function wallTime(at) {
  const moment = new Date(at).getTime();
  return new Date(moment + aheadMs(moment, serviceZone())).toISOString().slice(0, 19);
}

/** A moment for a `datetime-local` field, to the minute. @param {string | number | Date} at */
export const toField = (at) => wallTime(at).slice(0, 16);

/** A moment's time of day for a `time` field, to the second. @param {string | number | Date} at */
export const toTimeField = (at) => wallTime(at).slice(11);

/**
 * The moment that a `datetime-local` field means, ISO 8601 in UTC; an hour that a change of clocks leaves out moves on.
 * @param {string} text
 */
export function fromField(text) {
  const zone = serviceZone();
  const wall = Date.parse(`${text}Z`);
  // Twice: the first guess may lie on the other side of a change of clocks.
  let moment = wall - aheadMs(wall, zone);
  moment = wall - aheadMs(moment, zone);
  return new Date(moment).toISOString();
}

/** The moment nearest to another one at which the clock shows this time of day. @param {string} time @param {string} near */
export function nearest(time, near) {
  const base = new Date(near).getTime();
  const day = wallTime(base).slice(0, 10);
  const moments = [-1, 0, 1].map((days) => {
    const date = new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
    return Date.parse(fromField(`${date}T${time}`));
  });
  moments.sort((a, b) => Math.abs(a - base) - Math.abs(b - base));
  return new Date(moments[0] ?? base).toISOString();
}
