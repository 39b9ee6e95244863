// Notices what became of the crew's call without the crew: taken away, given to others, closed, or changed. By events
// while the link lives, by comparing the pictures after it was away.

import { api } from "../core/api.js";
import { session } from "../core/session.js";
import { ACTIVE } from "../core/store.js";
import { keep } from "./device.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").EventFrame} EventFrame
 * @typedef {{id: number, number: number, fields: Record<string, string>}} Known
 * @typedef {{status: string, comment: string, own: boolean}} Ending
 */

const WATCHED = /** @type {const} */ (["address", "address_details", "location", "criticality", "reason", "comment", "patient", "caller_phone"]);

const ENDS = ["completed", "declined", "troubled"];

/** The same words for the same content: a picture and an event differ in the order and in what they leave out. @param {unknown} value @returns {string} */
function canonical(value) {
  if (value == null || value === "") return "";
  if (typeof value !== "object") return JSON.stringify(value);
  const parts = Object.entries(value)
    .map(([name, part]) => [name, canonical(part)])
    .filter(([, text]) => text !== "");
  return parts.length === 0 ? "" : JSON.stringify(parts.sort());
}

/** @param {Call} call */
const fieldsOf = (call) => Object.fromEntries(WATCHED.map((name) => [name, canonical(call[name])]));

export class Watch {
  /** @param {import("./screen.js").Crew} crew */
  constructor(crew) {
    this.crew = crew;
    /** The assignment on which the crew was, as far as this phone knew. @type {Known | null} */
    this.known = null;
    /** @type {Map<number, Ending>} */
    this.endings = new Map();
    /** Whose positions were asked for since this page was opened. @type {Set<number>} */
    this.asked = new Set();
    /** The words about endings, one after another. @type {Promise<void>} */
    this.telling = Promise.resolve();
  }

  /** @param {EventFrame} event */
  heard(event) {
    const assignment = event.data.assignment;
    if (!assignment?.id) return;
    if (assignment.status && !ACTIVE.includes(assignment.status)) {
      this.ended(assignment, event.actor?.id === session.me?.id);
    }
    if (event.kind === "assignment.route" || event.kind === "assignment.step") void this.crew.loadRoute();
  }

  /** @param {{id: number, status: string, end_comment?: string}} assignment @param {boolean} own */
  ended(assignment, own) {
    this.endings.set(assignment.id, { status: assignment.status, comment: assignment.end_comment ?? "", own });
  }

  /** The picture of now against what was known. */
  compare() {
    const { known } = this;
    const current = this.crew.current();
    if (known && known.id !== current?.assignment.id && !this.endsByItself(known.id)) void this.tellGone(known);
    if (current && known?.id === current.assignment.id) this.tellChanged(known, current.call);
    if (current && !this.asked.has(current.assignment.id)) void this.askPositions(current.assignment.id);
    this.known = current ? { id: current.assignment.id, number: current.call.number, fields: fieldsOf(current.call) } : null;
    void keep("current", this.known).catch(() => undefined);
    this.forgetOthers();
  }

  /** Whether a tap that ends it is still on its way: its answer will tell. @param {number} assignmentId */
  endsByItself(assignmentId) {
    return this.crew.outbox.taps.some((tap) => tap.assignmentId === assignmentId && ENDS.includes(tap.step));
  }

  /** No card but the current one stays in the page. */
  forgetOthers() {
    const { store } = this.crew;
    const now = this.crew.current()?.call.id;
    const others = [...store.calls.keys()].filter((id) => id !== now);
    if (others.length === 0) return;
    for (const id of others) store.calls.delete(id);
    store.changed();
  }

  /** @param {Known} known @param {Call} call */
  tellChanged(known, call) {
    const now = fieldsOf(call);
    const fields = WATCHED.filter((name) => known.fields[name] !== undefined && known.fields[name] !== now[name]);
    if (fields.length === 0) return;
    void this.crew.news.add({ kind: "changed", at: new Date().toISOString(), number: known.number, fields });
    this.crew.callAttention();
  }

  /** @param {Known} known */
  async tellGone(known) {
    let ending = this.endings.get(known.id);
    if (ending?.own) return;
    if (!ending) {
      try {
        const found = await api(`/assignments/${known.id}`);
        ending = { status: found.status, comment: found.end_comment ?? "", own: false };
      } catch {
        ending = { status: "away", comment: "", own: false };
      }
    }
    await this.tellEnded(known.id, known.number, ending, []);
  }

  /**
   * One word for one assignment, however many ways it is heard of: the link and a refused tap may tell it in the same
   * moment, so each waits until the one before has been written down.
   * @param {number} assignmentId @param {number} number @param {{status: string, comment: string}} ending @param {import("./news.js").Lost[]} lost
   */
  tellEnded(assignmentId, number, ending, lost) {
    this.telling = this.telling.catch(() => undefined).then(() => this.tellEndedNext(assignmentId, number, ending, lost));
    return this.telling;
  }

  /** @param {number} assignmentId @param {number} number @param {{status: string, comment: string}} ending @param {import("./news.js").Lost[]} lost */
  async tellEndedNext(assignmentId, number, { status, comment }, lost) {
    const { news } = this.crew;
    const before = news.items.find((item) => item.kind === "ended" && item.assignmentId === assignmentId);
    if (before && lost.length === 0) return;
    if (before) await news.amend(before, { lost: [...(before.lost ?? []), ...lost] });
    else await news.add({ kind: "ended", assignmentId, at: new Date().toISOString(), number, status, comment, lost });
    this.crew.callAttention();
  }

  /** @param {import("./outbox.js").Refusal} refusal */
  async refused({ taps, problem }) {
    const [first] = taps;
    if (!first) return;
    const lost = taps.map((tap) => ({ what: tap.what, step: tap.step, at: tap.body.occurred_at ?? tap.tappedAt }));
    const present = problem.data.present;
    if (problem.code === "assignment_ended" || problem.status === 404) {
      await this.tellEnded(first.assignmentId, first.number, { status: present?.status ?? "away", comment: present?.end_comment ?? "" }, lost);
    } else {
      await this.crew.news.add({ kind: "refused", at: new Date().toISOString(), number: first.number, problem: problem.message, lost });
      this.crew.callAttention();
    }
    // The present state, whatever it is.
    session.link?.restart(0);
  }

  /** What the positions told while this page was away. @param {number} assignmentId */
  async askPositions(assignmentId) {
    this.asked.add(assignmentId);
    try {
      const told = (await api(`/assignments/${assignmentId}/gps`)).items.findLast((/** @type {any} */ step) => step.declared_at === null);
      if (!told) return;
      this.crew.store.merge({ assignment: { id: assignmentId, proposed: { step: told.step, at: told.at, distance_m: told.distance_m } } }, "");
      this.crew.store.changed();
    } catch {
      // A proposal is a convenience: the crew taps without it.
    }
  }
}
