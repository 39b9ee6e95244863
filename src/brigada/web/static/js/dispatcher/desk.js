// What the dispatcher looks at and has just done: selection, open panel, assignments that can still be taken back.

import { ApiProblem, NoLink, post } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { callNumber, shortName } from "../core/format.js";
import { t } from "../core/i18n.js";
import { session } from "../core/session.js";
import { activeOf } from "../core/store.js";
import { whoAndWhen } from "./conflict.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {"call" | "team" | "teams" | "new" | "edit" | "notices" | "none"} Panel
 * @typedef {{text: string, kind: "done" | "problem", kept?: boolean}} Toast `kept` until it is closed or another one comes
 * @typedef {{assignmentId: number, callId: number, text: string, until: number}} Undoable
 * @typedef {{teamId: number, at: number}} Freed
 */

// How long an assignment can be taken back by one key, seconds; the server's setting wins.
export const UNDO_S = 10;
// A message leaves after so long.
const TOAST_MS = 9000;
// So long a team counts as just freed: by then it stands somewhere or has a new call.
export const FREED_MS = 10 * 60_000;
// A list that changed this short a time ago was not read yet: a key pressed for it meant the one before.
const UNREAD_MS = 500;

class Desk {
  constructor() {
    /** @type {number | null} */
    this.callId = null;
    /** @type {number | null} */
    this.teamId = null;
    /** @type {Panel} */
    this.panel = "none";
    /** The teams that the list of teams is about; all when empty. @type {number[]} */
    this.onlyTeams = [];
    /** @type {Toast | null} */
    this.toast = null;
    /** The latest last. @type {Undoable[]} */
    this.undoable = [];
    /** Candidates of the selected call, in the order in which they are drawn. @type {import("../types.js").Candidate[]} */
    this.advice = [];
    this.adviceDrawnAt = Number.NEGATIVE_INFINITY;
    this.busy = false;
    /** Critical calls that sounded and were not acknowledged. @type {Set<number>} */
    this.ringing = new Set();
    /** Teams whose work has just ended, the latest last. @type {Freed[]} */
    this.freed = [];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.toastTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.undoTimer = undefined;
    /** Where the map's pin of the new call stands. @type {import("../types.js").Point | null} */
    this.pin = null;
    this.picking = false;
    /** The middle of the map: settles ties between equal addresses. @type {import("../types.js").Point | null} */
    this.middle = null;
    /** Where crews are to drive. @type {import("../parts/route-line.js").Way[]} */
    this.route = [];
    /** Where a team was. @type {number[][][]} */
    this.track = [];
  }

  /** @param {() => void} callback @returns {() => void} */
  subscribe(callback) {
    this.listeners.add(callback);
    return () => {
      this.listeners.delete(callback);
    };
  }

  changed() {
    for (const callback of this.listeners) callback();
  }

  /** @param {number | null} id */
  openCall(id) {
    this.callId = id;
    this.teamId = null;
    this.panel = id === null ? "none" : "call";
    this.advice = [];
    this.track = [];
    this.pin = null;
    this.picking = false;
    if (id !== null) this.ringing.delete(id);
    this.changed();
  }

  /** @param {number} id */
  openTeam(id) {
    // The track of the card that is open already stays with its card.
    if (this.panel !== "team" || this.teamId !== id) this.track = [];
    this.teamId = id;
    this.panel = "team";
    this.changed();
  }

  /** @param {number[]} [only] */
  openTeams(only = []) {
    this.onlyTeams = only;
    this.panel = "teams";
    this.track = [];
    this.changed();
  }

  /** @param {Panel} panel */
  open(panel) {
    // The key of a form that is open already takes nothing out of it.
    if (panel !== this.panel) {
      this.pin = null;
      this.picking = false;
    }
    this.panel = panel;
    this.changed();
  }

  close() {
    this.panel = "none";
    this.callId = null;
    this.teamId = null;
    this.pin = null;
    this.picking = false;
    this.track = [];
    this.changed();
  }

  /** @param {Toast | null} toast */
  say(toast) {
    clearTimeout(this.toastTimer);
    this.toast = toast;
    if (toast && !toast.kept) this.toastTimer = setTimeout(() => this.say(null), TOAST_MS);
    this.changed();
  }

  get canCommand() {
    return session.store.link === "live" && !session.link?.silent;
  }

  /** The candidates as drawn. @param {import("../types.js").Candidate[]} items */
  drawAdvice(items) {
    // The first list of a call is no change: whoever presses 1 at once wants its first, whoever that is.
    const changed = this.advice.length > 0 && items.some((item, index) => item.team_id !== this.advice[index]?.team_id);
    this.advice = items;
    if (changed) this.adviceDrawnAt = performance.now();
  }

  /** One key for the first, second or third of the advice. @param {number} place from 0 @returns {boolean} whether it meant something */
  assignByKey(place) {
    const candidate = this.advice[place];
    const call = this.panel === "call" && this.callId !== null ? session.store.calls.get(this.callId) : undefined;
    if (!call || activeOf(call).length > 0) return false;
    if (!candidate) {
      this.say({ kind: "problem", text: t("advice.noRow", { place: place + 1 }) });
      return true;
    }
    if (this.unread()) return true;
    if (candidate.suitable === false) this.say({ kind: "problem", text: t("advice.taken") });
    else void this.assign(call.id, candidate.team_id);
    return true;
  }

  /**
   * Whether the order of the advice changed so lately that nobody has read it; then it is said.
   * @param {number} [readAt] when the person last moved in it, ms of `performance`
   */
  unread(readAt = Number.POSITIVE_INFINITY) {
    if (performance.now() - this.adviceDrawnAt >= UNREAD_MS && this.adviceDrawnAt <= readAt) return false;
    this.say({ kind: "problem", text: t("advice.justChanged") });
    return true;
  }

  /** Says that a command was not carried out, because another one is under way. */
  refuseBusy() {
    this.say({ kind: "problem", text: t("desk.busy") });
    return false;
  }

  /** The one place where a team is sent. @param {number} callId @param {number} teamId @param {boolean} [additional] */
  async assign(callId, teamId, additional = false) {
    const call = session.store.calls.get(callId);
    const team = session.store.teams.get(teamId);
    if (!call || !team) return false;
    if (this.busy) return this.refuseBusy();
    const body = { team_id: teamId, version: call.version, ...(additional ? { additional: true } : {}) };
    return this.command(
      async () => {
        const answer = await post(`/calls/${callId}/assignments`, body);
        const assignment = answer.assignment ?? answer;
        const seconds = Number(session.store.settings.undo_s ?? UNDO_S);
        const text = t("toast.assigned", { team: team.name, call: callNumber(call) });
        this.undoable = [...this.undoable, { assignmentId: assignment.id, callId, text, until: serverNow() + seconds * 1000 }];
        this.forgetUndo();
      },
      { call, teamId },
    );
  }

  /** What can be taken back no more is forgotten. */
  forgetUndo() {
    clearTimeout(this.undoTimer);
    this.undoable = this.undoable.filter((item) => item.until > serverNow());
    const next = Math.min(...this.undoable.map((item) => item.until));
    if (this.undoable.length > 0) this.undoTimer = setTimeout(() => this.forgetUndo(), Math.max(50, next - serverNow()));
    this.changed();
  }

  /** Takes the last assignment back, or the given one. @param {Undoable} [item] */
  async undo(item = this.undoable.at(-1)) {
    if (!item || serverNow() > item.until) return false;
    if (this.busy) return this.refuseBusy();
    return this.command(
      async () => {
        await post(`/assignments/${item.assignmentId}/cancel`, { comment: t("undo.reason") });
        this.undoable = this.undoable.filter((other) => other !== item);
        this.say({ kind: "done", text: t("toast.undone") });
      },
      { call: session.store.calls.get(item.callId) },
    );
  }

  /** What the positions tell becomes a step of the crew. @param {Call} call @param {Assignment} assignment */
  async confirmProposed(call, assignment) {
    const proposed = assignment.proposed;
    if (!proposed) return false;
    const body = { step: proposed.step, occurred_at: proposed.at, source: "gps", version: assignment.version };
    return this.step(call, assignment, body);
  }

  /** A step told by radio, or by the positions. @param {Call} call @param {Assignment} assignment @param {Record<string, unknown>} body */
  async step(call, assignment, body) {
    return this.command(
      async () => {
        await post(`/assignments/${assignment.id}/steps`, body);
        const team = session.store.teams.get(assignment.team_id)?.name ?? assignment.team_id;
        this.say({ kind: "done", text: t("toast.step", { team, step: t(`status.${body.step}`) }) });
      },
      { call },
    );
  }

  /**
   * Runs a command, one at a time and only on a living picture; a refusal is said in words, a conflict with who and when.
   * @param {() => Promise<void>} run @param {{call?: Call | undefined, teamId?: number}} [about]
   */
  async command(run, about = {}) {
    if (!this.canCommand) {
      this.say({ kind: "problem", text: t("link.noCommands") });
      return false;
    }
    this.busy = true;
    this.changed();
    try {
      await run();
      return true;
    } catch (error) {
      // Who was first and when is read in peace: it stays until it is closed.
      this.say({ kind: "problem", text: await refusal(error, about), kept: error instanceof ApiProblem && error.status === 409 });
      return false;
    } finally {
      this.busy = false;
      this.changed();
    }
  }

  /** @param {number} teamId */
  noteFreed(teamId) {
    this.freed = [...this.freed.filter((item) => item.teamId !== teamId), { teamId, at: serverNow() }];
    this.changed();
  }

  /** @param {number} teamId */
  forgetFreed(teamId) {
    this.freed = this.freed.filter((item) => item.teamId !== teamId);
    this.changed();
  }
}

/** @param {unknown} error @param {{call?: Call | undefined, teamId?: number}} about @returns {Promise<string>} */
async function refusal(error, about) {
  if (error instanceof NoLink) return t("error.noLink");
  if (!(error instanceof ApiProblem)) return String(error);
  if (error.status !== 409) return error.message;
  const who = await whoAndWhen(error, about);
  return who ? `${error.message} ${who}` : error.message;
}

/** What stands on a team's badge of work. @param {number} teamId */
export function workLine(teamId) {
  const work = session.store.work.get(teamId);
  return work ? t("team.onCall", { call: callNumber(work.call) }) : "";
}

/** The crew of a team in one line. @param {import("../types.js").Team} team */
export const crewLine = (team) => (team.members ?? []).map((member) => shortName(member)).join(", ");

/** @param {Call} call */
export const teamNames = (call) =>
  activeOf(call).map((assignment) => session.store.teams.get(assignment.team_id)?.name ?? `#${assignment.team_id}`);

export const desk = new Desk();
