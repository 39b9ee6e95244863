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
