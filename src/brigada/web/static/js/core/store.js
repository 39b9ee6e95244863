// The picture of the service: a snapshot, then numbered events merged into it by the ids of what they change.

import { serverNow } from "./clock.js";
import { ageS, setTimeZone } from "./format.js";
import { prefs } from "./prefs.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Team} Team
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").Position} Position
 * @typedef {import("../types.js").Snapshot} Snapshot
 * @typedef {import("../types.js").EventFrame} EventFrame
 * @typedef {"loading" | "ready" | "failed"} Phase
 * @typedef {"connecting" | "live" | "lost"} LinkState
 */

export const ACTIVE = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital"];
const RANK = { critical: 0, important: 1, common: 2 };
// The norm of the set in force by which the board's timers are judged: seconds from receipt.
const FALLBACK_TARGET_S = { critical: 20 * 60, important: 20 * 60, common: 2 * 3600 };
export const DEFAULT_STALE_AFTER_S = 30;
export const DEFAULT_HEARTBEAT_S = 5;

export class Store {
  constructor() {
    /** @type {Phase} */
    this.phase = "loading";
    /** @type {LinkState} */
    this.link = "connecting";
    /** @type {string | null} the moment for which the picture is known to be true */
    this.trueAt = null;
    this.seq = 0;
    this.epoch = "";
    /** @type {import("../types.js").User | null} */
    this.me = null;
    /** @type {Map<number, Call>} */
    this.calls = new Map();
    /** @type {Map<number, Team>} */
    this.teams = new Map();
    /** @type {Map<number, Position>} */
    this.positions = new Map();
    /** @type {Map<number, import("../types.js").Station>} */
    this.stations = new Map();
    /** @type {Map<number, import("../types.js").Hospital>} */
    this.hospitals = new Map();
    /** @type {import("../types.js").Reason[]} */
    this.reasons = [];
    /** @type {import("../types.js").Norm[]} */
    this.norms = [];
    /** @type {Snapshot["settings"]} */
    this.settings = {};
    this.unread = 0;
    /** What asks for attention now, by its id. @type {Map<number, import("../types.js").Attention>} */
    this.attention = new Map();
    /** What the rules of attention are called, by their code. @type {Map<string, {title_ru: string, title_en: string}>} */
    this.attentionRules = new Map();
    /** Who looks at which call now: call → names. @type {Map<number, string[]>} */
    this.viewers = new Map();
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Set<(event: EventFrame) => void>} */
    this.eventListeners = new Set();
    /** @type {Set<(items: Position[]) => void>} */
    this.positionListeners = new Set();
    this.pending = false;
    /** How many whole pictures have come. */
    this.pictures = 0;
    /** Region and build of the map in use, as the latest heartbeat told; empty before the first. */
    this.mapBuild = "";
    /** @type {Map<number, {call: Call, assignment: Assignment}> | null} */
    this.workCache = null;
    /** @type {{waiting: Call[], inWork: Call[]} | null} */
    this.orderCache = null;
    /** @type {{on: Set<number>, until: number} | null} */
    this.shiftCache = null;
  }

  /** @param {() => void} callback @returns {() => void} */
  subscribe(callback) {
    this.listeners.add(callback);
    return () => {
      this.listeners.delete(callback);
    };
  }

  /** @param {(event: EventFrame) => void} callback @returns {() => void} */
  onEvent(callback) {
    this.eventListeners.add(callback);
    return () => {
      this.eventListeners.delete(callback);
    };
  }

  /** @param {(items: Position[]) => void} callback @returns {() => void} */
  onPositions(callback) {
    this.positionListeners.add(callback);
    return () => {
      this.positionListeners.delete(callback);
    };
  }

  /** Tells the screens once for all changes of this turn. */
  changed() {
    this.workCache = null;
    this.orderCache = null;
    this.shiftCache = null;
    if (this.pending) return;
    this.pending = true;
    queueMicrotask(() => {
      this.pending = false;
      for (const callback of this.listeners) callback();
    });
  }

  get staleAfterS() {
    return Number(this.settings.stale_after_s ?? DEFAULT_STALE_AFTER_S);
  }

  get heartbeatS() {
    return Number(this.settings.heartbeat_s ?? DEFAULT_HEARTBEAT_S);
  }

  /** The whole picture anew. @param {Snapshot} snapshot */
  load(snapshot) {
    this.seq = snapshot.seq;
    this.epoch = snapshot.epoch;
    this.trueAt = snapshot.at;
    this.me = snapshot.me;
    this.settings = snapshot.settings ?? {};
    setTimeZone(this.settings.time_zone);
    this.calls = byId(snapshot.calls);
    this.teams = byId(snapshot.teams);
    this.positions = new Map((snapshot.positions ?? []).map((item) => [item.team_id, item]));
    this.stations = byId(snapshot.stations);
    this.hospitals = byId(snapshot.hospitals);
    this.reasons = (snapshot.reasons ?? []).filter((reason) => reason.active !== false);
    this.norms = snapshot.norms ?? [];
    this.attention = byId(snapshot.attention);
    this.attentionRules = new Map((snapshot.attention_rules ?? []).map((rule) => [rule.code, rule]));
    for (const { assignment_id, ...proposed } of snapshot.proposed_steps ?? []) this.mergeAssignment({ id: assignment_id, proposed });
    this.unread = snapshot.unread ?? 0;
    this.phase = "ready";
    this.pictures += 1;
    this.changed();
    for (const callback of this.positionListeners) callback([...this.positions.values()]);
  }

  /** One numbered event; an event that was seen already is left out. @param {EventFrame} event */
  apply(event) {
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    this.trueAt = event.at;
    this.merge(event.data ?? {}, event.kind);
    if (event.kind === "notification.created") this.unread += 1;
    if (event.kind === "notification.read") this.unread = Math.max(0, this.unread - 1);
    this.changed();
    for (const callback of this.eventListeners) callback(event);
  }

  /** The map that the service works on now. @param {string | undefined} build */
  hearMap(build) {
    if (!build || build === this.mapBuild) return;
    this.mapBuild = build;
    this.changed();
  }

  /** Partial entities into the whole ones. @param {Record<string, any>} data @param {string} kind */
  merge(data, kind) {
    if (data.call?.id) this.mergeCall(data.call);
    for (const call of data.calls ?? []) this.mergeCall(call);
    for (const assignment of [data.assignment, ...(data.assignments ?? [])]) {
      if (assignment?.id) this.mergeAssignment(assignment);
    }
    for (const team of [data.team, ...(data.teams ?? [])]) {
      if (team?.id) mergeInto(this.teams, team);
    }
    for (const [id, team] of this.teams) if (team.ended_at) this.teams.delete(id);
    if (data.station?.id) mergeOrDrop(this.stations, data.station, kind);
    if (data.hospital?.id) mergeOrDrop(this.hospitals, data.hospital, kind);
    if (data.attention?.id) {
      if (data.attention.ended_at) this.attention.delete(data.attention.id);
      else mergeInto(this.attention, data.attention);
    }
    if (data.norm?.id) this.norms = [...this.norms.filter((norm) => norm.id !== data.norm.id), data.norm];
    if (data.reason?.code) {
      const others = this.reasons.filter((reason) => reason.code !== data.reason.code);
      this.reasons = data.reason.active === false ? others : [...others, data.reason];
    }
    if (data.car?.id) {
      for (const team of this.teams.values()) {
        if (team.car?.id === data.car.id) team.car = { ...team.car, ...data.car };
      }
    }
    if (typeof data.unread === "number") this.unread = data.unread;
  }

  /** @param {Partial<Call> & {id: number}} part */
  mergeCall(part) {
    const call = this.calls.get(part.id);
    // A part of a call that is not on the board: it was closed before, or is not this person's.
    if (!call && part.number === undefined) return;
    const whole = call
      ? { ...call, ...part, assignments: part.assignments ?? call.assignments ?? [] }
      : /** @type {Call} */ ({ assignments: [], patient: null, location: null, ...part });
    if (whole.status === "completed" || whole.status === "rejected") this.calls.delete(part.id);
    else this.calls.set(part.id, whole);
  }

  /** @param {Partial<Assignment> & {id: number}} part */
  mergeAssignment(part) {
    for (const call of this.calls.values()) {
      if (part.call_id !== undefined && part.call_id !== call.id) continue;
      const known = call.assignments ?? [];
      const index = known.findIndex((assignment) => assignment.id === part.id);
      if (index < 0 && part.call_id === undefined) continue;
      const before = index < 0 ? undefined : known[index];
      const whole = /** @type {Assignment} */ ({ ...before, ...part });
      whole.milestones = { ...before?.milestones, ...part.milestones };
      call.assignments = index < 0 ? [...known, whole] : known.map((item, at) => (at === index ? whole : item));
      return;
    }
  }

  /** @param {Position[]} items */
  applyPositions(items) {
    for (const item of items) {
      const known = this.positions.get(item.team_id);
      // A late point never moves the marker back.
      if (known && Date.parse(known.at) > Date.parse(item.at)) continue;
      this.positions.set(item.team_id, item);
    }
    for (const callback of this.positionListeners) callback(items);
  }

  /** @param {LinkState} link */
  setLink(link) {
    if (this.link === link) return;
    this.link = link;
    this.changed();
  }

  /** What each team is busy with. */
  get work() {
    if (!this.workCache) {
      this.workCache = new Map();
      for (const call of this.calls.values()) {
        for (const assignment of call.assignments ?? []) {
          if (ACTIVE.includes(assignment.status)) this.workCache.set(assignment.team_id, { call, assignment });
        }
      }
    }
    return this.workCache;
  }

  /** The open calls in the order of the board, sorted once for each change. */
  get order() {
    if (!this.orderCache) {
      /** @type {Call[]} */
      const waiting = [];
      /** @type {Call[]} */
      const inWork = [];
      for (const call of this.calls.values()) (activeOf(call).length === 0 ? waiting : inWork).push(call);
      this.orderCache = { waiting: byUrgencySorted(waiting), inWork: byUrgencySorted(inWork) };
    }
    return this.orderCache;
  }

  /** Calls without a team, by criticality, then by waiting time. */
  waiting() {
    return this.order.waiting;
  }

  /** Calls with a team, in the same order. */
  inWork() {
    return this.order.inWork;
  }

  /** Seconds from receipt to the first arrival that are soon enough. @param {Call} call */
  targetS(call) {
    // The choice of the service's norms that a waiting call is judged by: from receipt to arrival, judged by a share, the strictest.
    const targets = this.norms
      .filter((norm) => norm.active !== false && norm.criticality === call.criticality)
      .filter((norm) => norm.clock_start === "received" && norm.clock_stop === "on_scene" && norm.statistic !== "mean")
      .map((norm) => norm.target_s);
    return (targets.length > 0 ? Math.min(...targets) : undefined) ?? FALLBACK_TARGET_S[call.criticality] ?? FALLBACK_TARGET_S.common;
  }

  /** The reason in the reader's language when it is of the dictionary, else the words that were typed. @param {Call} call */
  reasonOf(call) {
    const code = call.reason_code ?? call.reason;
    const known = this.reasons.find((reason) => reason.code === code);
    if (!known) return call.reason;
    return prefs.lang === "ru" ? known.title_ru : known.title_en;
  }

  /** @param {number} teamId */
  teamState(teamId) {
    const team = this.teams.get(teamId);
    const work = this.work.get(teamId);
    if (work) return work.assignment.status;
    if (team && !this.onShift(team)) return "off_shift";
    if (team?.on_break_since) return "break";
    if (team?.car?.serviceable === false) return "no_car";
    return "free";
  }

  /** Who is on shift by the server's clock, and until when that holds: no event tells that a shift begins or ends. */
  get shifts() {
    const now = serverNow();
    if (!this.shiftCache || now >= this.shiftCache.until) {
      /** @type {Set<number>} */
      const on = new Set();
      let until = Number.POSITIVE_INFINITY;
      for (const team of this.teams.values()) {
        const [start, end] = [Date.parse(team.shift_start), Date.parse(team.shift_end)];
        if (start <= now && now < end) on.add(team.id);
        for (const edge of [start, end]) if (edge > now) until = Math.min(until, edge);
      }
      this.shiftCache = { on, until };
    }
    return this.shiftCache;
  }

  /** @param {Team} team */
  onShift(team) {
    return this.shifts.on.has(team.id);
  }

  /** Once a second: the screens hear of shifts that began or ended. */
  lookAtTheClock() {
    if (this.shiftCache && serverNow() >= this.shiftCache.until) this.changed();
  }

  /** @param {number} teamId @returns {{position: Position | undefined, ageS: number, stale: boolean}} */
  fix(teamId) {
    const position = this.positions.get(teamId);
    const age = position ? ageS(position.at) : Number.POSITIVE_INFINITY;
    return { position, ageS: age, stale: age > this.staleAfterS };
  }
}

/** @param {Call} call @returns {Assignment[]} */
export const activeOf = (call) => (call.assignments ?? []).filter((assignment) => ACTIVE.includes(assignment.status));

const ORDER = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];

/** What the positions tell and nobody has reported yet. @param {Assignment} assignment */
export function proposedStep(assignment) {
  const proposed = assignment.proposed;
  if (!proposed || !ACTIVE.includes(assignment.status)) return null;
  return ORDER.indexOf(assignment.status) < ORDER.indexOf(proposed.step) ? proposed : null;
}

/** When a crew on its way to the call is expected there; nothing once it is there. @param {Assignment} assignment @returns {string | null} */
export function dueAt(assignment) {
  if (!["assigned", "acknowledged", "en_route"].includes(assignment.status)) return null;
  if (assignment.arrives_at) return assignment.arrives_at;
  const from = assignment.milestones?.assigned_at;
  return from && assignment.eta_s ? new Date(Date.parse(from) + assignment.eta_s * 1000).toISOString() : null;
}

/** @param {Call} a @param {Call} b */
export const byUrgency = (a, b) =>
  RANK[a.criticality] - RANK[b.criticality] || Date.parse(a.received_at) - Date.parse(b.received_at) || a.id - b.id;

/** The same with each moment read once: reading one takes as long as a hundred comparisons. @param {Call[]} calls */
function byUrgencySorted(calls) {
  return calls
    .map((call) => ({ call, rank: RANK[call.criticality], at: Date.parse(call.received_at) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at || a.call.id - b.call.id)
    .map((item) => item.call);
}

/** @template {{id: number}} T @param {T[] | undefined} items @returns {Map<number, T>} */
const byId = (items) => new Map((items ?? []).map((item) => [item.id, item]));

/** @template {{id: number}} T @param {Map<number, T>} map @param {Partial<T> & {id: number}} part */
function mergeInto(map, part) {
  map.set(part.id, /** @type {T} */ ({ ...map.get(part.id), ...part }));
}

/** @template {{id: number}} T @param {Map<number, T>} map @param {any} part @param {string} kind */
function mergeOrDrop(map, part, kind) {
  if (part.deleted_at || kind.endsWith(".deleted")) map.delete(part.id);
  else mergeInto(map, part);
}
