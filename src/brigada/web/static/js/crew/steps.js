// The crew's next step, from what the server knows and what still waits on the phone; no page, no network here.

/** @typedef {import("../types.js").Assignment} Assignment */

/** The one thing to do next in each state. @type {Record<string, string>} */
const NEXT = {
  assigned: "acknowledged",
  acknowledged: "en_route",
  en_route: "on_scene",
  on_scene: "transporting",
  transporting: "at_hospital",
  at_hospital: "completed",
};

export const BEFORE_PATIENT = ["assigned", "acknowledged", "en_route"];
export const ORDER = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];

/** @param {string} status */
export const nextStep = (status) => NEXT[status] ?? "";

/**
 * The state as the crew sees it: the server's, moved on by the taps that wait.
 * @param {Assignment} assignment @param {Array<{assignmentId: number, step: string}>} taps
 */
export function seenStatus(assignment, taps) {
  let status = assignment.status;
  for (const tap of taps) {
    if (tap.assignmentId !== assignment.id || !tap.step) continue;
    if (tap.step === "declined" || tap.step === "troubled") return tap.step;
    if (ORDER.indexOf(tap.step) > ORDER.indexOf(status)) status = /** @type {typeof status} */ (tap.step);
  }
  return status;
}

const EARTH_M = 6_371_000;

/** Metres between two points of WGS 84 on a sphere. @param {{lat: number, lon: number}} a @param {{lat: number, lon: number}} b */
export function metresBetween(a, b) {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}
