// What the dispatcher looks at and has just done: selection, open panel, the last assignment that can be undone.

import { ApiProblem, NoLink, api, post } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { callNumber, clockTime, shortName } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { session } from "../core/session.js";
import { activeOf } from "../core/store.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {"call" | "team" | "new" | "notices" | "none"} Panel
 * @typedef {{text: string, kind: "done" | "problem", undo?: {assignmentId: number, until: number, callId: number}}} Toast
 */

// How long an assignment can be taken back by one key, seconds; the server's setting wins.
export const UNDO_S = 10;
// A message without an undo leaves after so long.
const TOAST_MS = 9000;

class Desk {
  constructor() {
    /** @type {number | null} */
    this.callId = null;
    /** @type {number | null} */
    this.teamId = null;
    /** @type {Panel} */
    this.panel = "none";
    /** @type {Toast | null} */
    this.toast = null;
    /** Candidates of the selected call, in order. @type {import("../types.js").Candidate[]} */
    this.advice = [];
    this.busy = false;
    /** Critical calls that sounded and were not acknowledged. @type {Set<number>} */
    this.ringing = new Set();
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.toastTimer = undefined;
    /** Where the map's pin of the new call stands. @type {import("../types.js").Point | null} */
    this.pin = null;
    this.picking = false;
    /** The middle of the map: settles ties between equal addresses. @type {import("../types.js").Point | null} */
    this.middle = null;
    /** What the map draws: ways of crews, or a track. @type {(number[][] | import("../parts/route-line.js").Way)[]} */
    this.route = [];
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
    this.route = [];
    if (id !== null) this.ringing.delete(id);
    session.link?.send({ type: "viewing", call_id: id });
    this.changed();
  }

  /** @param {number} id */
  openTeam(id) {
    this.teamId = id;
    this.panel = "team";
    this.route = [];
    this.changed();
  }

  /** @param {Panel} panel */
  open(panel) {
    this.panel = panel;
    this.pin = null;
    this.picking = false;
    this.changed();
  }

  close() {
    if (this.callId !== null) session.link?.send({ type: "viewing", call_id: null });
    this.panel = "none";
    this.callId = null;
    this.teamId = null;
    this.pin = null;
    this.picking = false;
    this.route = [];
    this.changed();
  }

  /** @param {Toast | null} toast */
  say(toast) {
    clearTimeout(this.toastTimer);
    this.toast = toast;
    if (toast) {
      const wait = toast.undo ? toast.undo.until - serverNow() : TOAST_MS;
      this.toastTimer = setTimeout(() => this.say(null), Math.max(0, wait));
    }
    this.changed();
  }

  get canCommand() {
    return session.store.link === "live";
  }

  /** The one place where a team is sent. @param {number} callId @param {number} teamId @param {boolean} [additional] */
  async assign(callId, teamId, additional = false) {
    const call = session.store.calls.get(callId);
    const team = session.store.teams.get(teamId);
    if (!call || !team || this.busy) return false;
    if (!this.canCommand) {
      this.say({ kind: "problem", text: t("link.noCommands") });
      return false;
    }
    const body = { team_id: teamId, version: call.version, ...(additional ? { additional: true } : {}) };
    return this.command(async () => {
      const answer = await post(`/calls/${callId}/assignments`, body);
      const assignment = answer.assignment ?? answer;
      const seconds = Number(session.store.settings.undo_s ?? UNDO_S);
      this.say({
        kind: "done",
        text: t("toast.assigned", { team: team.name, call: callNumber(call) }),
        undo: { assignmentId: assignment.id, until: serverNow() + seconds * 1000, callId },
      });
    }, call);
  }

  /** Takes the last assignment back. */
  async undo() {
    const undo = this.toast?.undo;
    if (!undo || serverNow() > undo.until) return false;
    return this.command(async () => {
      await post(`/assignments/${undo.assignmentId}/cancel`, { comment: t("undo.reason") });
      this.say({ kind: "done", text: t("toast.undone") });
    });
  }

  /**
   * Runs a command; a refusal is said in words, a conflict with who and when.
   * @param {() => Promise<void>} run @param {Call} [call]
   */
  async command(run, call) {
    this.busy = true;
    this.changed();
    try {
      await run();
      return true;
    } catch (error) {
      this.say({ kind: "problem", text: await this.refusal(error, call) });
      return false;
    } finally {
      this.busy = false;
      this.changed();
    }
  }

  /** @param {unknown} error @param {Call} [call] @returns {Promise<string>} */
  async refusal(error, call) {
    if (error instanceof NoLink) return t("error.noLink");
    if (!(error instanceof ApiProblem)) return String(error);
    if (error.status === 409 && call) {
      const who = await whoChanged(call.id);
      return who ? `${error.message} ${who}` : error.message;
    }
    return error.message;
  }
}

/** Who changed a call last and when, for the one whose command came second. @param {number} callId */
async function whoChanged(callId) {
  try {
    const history = await api(`/calls/${callId}/history?limit=50`);
    const latest = [...(history.items ?? [])].sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0))[0];
    if (!latest) return "";
    const name = typeof latest.actor === "string" ? latest.actor : latest.actor?.name;
    return t("conflict.who", { what: tOr(`event.${latest.kind}`, latest.kind), who: name ?? t("actor.system"), when: clockTime(latest.at) });
  } catch {
    return "";
  }
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
