// The board and the map at a past moment, from the log, the milestones and the tracks; no page, no network here.

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").Team} Team
 * @typedef {[number, number, number]} Fix seconds from the beginning, latitude, longitude
 * @typedef {{seq: number, at: string, kind: string, actor: {name?: string | null}, call_id: number | null, data: Record<string, any>, old: Record<string, any>}} Entry
 * @typedef {{since: string, until: string, calls: Call[], teams: Team[], events: Entry[], tracks: Array<{team_id: number, fixes: Fix[]}>, step_s: number, parked_every_s: number, complete: boolean}} Answer
 */

const STEPS = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];
const ACTIVE = STEPS.slice(0, -1);
// A parked car's next fix comes a little later than it is due.
const SLACK_S = 15;

/** @param {string | null | undefined} at */
const ms = (at) => (at == null ? Number.POSITIVE_INFINITY : Date.parse(at));

/** An assignment as it stood then; none when it had not been made. @param {Assignment} assignment @param {number} at @returns {Assignment | null} */
export function assignmentAt(assignment, at) {
  const reached = STEPS.filter((step) => ms(assignment.milestones?.[`${step}_at`]) <= at);
  const latest = reached.at(-1);
  if (!latest) return null;
  const over = ms(assignment.ended_at) <= at;
  return {
    ...assignment,
    status: over ? assignment.status : /** @type {Assignment["status"]} */ (latest),
    milestones: Object.fromEntries(reached.map((step) => [`${step}_at`, assignment.milestones[`${step}_at`] ?? null])),
  };
}

/** The newest fix that was known then, found by halving; its place in the list. @param {Fix[]} track @param {number} second */
export function fixIndexAt(track, second) {
  let low = 0;
  let high = track.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track[middle]?.[0] ?? Number.POSITIVE_INFINITY) <= second) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A stretch of the past that can be asked for any of its seconds. */
export class Past {
  /** @param {Answer} answer */
  constructor(answer) {
    this.since = ms(answer.since);
    this.until = ms(answer.until);
    this.calls = answer.calls;
    this.teams = answer.teams;
    this.complete = answer.complete;
    this.parkedS = Math.max(answer.parked_every_s, answer.step_s) + SLACK_S;
    this.tracks = new Map(answer.tracks.map((track) => [track.team_id, track.fixes]));
    /** Later changes of each call, the latest first. @type {Map<number, Entry[]>} */
    this.changes = new Map();
    /** Beginnings and ends of breaks of each team, in order. @type {Map<number, Entry[]>} */
    this.breaks = new Map();
    for (const entry of answer.events) {
      if (entry.kind === "call.updated" && entry.call_id !== null) this.changes.set(entry.call_id, [entry, ...(this.changes.get(entry.call_id) ?? [])]);
      const teamId = entry.kind.startsWith("team.break_") ? entry.data.team?.id : undefined;
      if (teamId) this.breaks.set(teamId, [...(this.breaks.get(teamId) ?? []), entry]);
    }
    /** What happened within it, in order. @type {Entry[]} */
    this.entries = answer.events.filter((entry) => ms(entry.at) >= this.since && ms(entry.at) <= this.until).sort((a, b) => ms(a.at) - ms(b.at) || a.seq - b.seq);
  }

  /** The call led back to what was known of it then. @param {Call} call @param {number} at @returns {Call} */
  callAt(call, at) {
    let then = call;
    for (const entry of this.changes.get(call.id) ?? []) {
      if (ms(entry.at) <= at) break;
      then = { ...then, ...entry.old.call };
    }
    const assignments = (call.assignments ?? []).flatMap((assignment) => assignmentAt(assignment, at) ?? []);
    const active = assignments.some((assignment) => ms(assignment.ended_at) > at);
    return { ...then, assignments, status: active ? "accepted" : "new" };
  }

  /** The calls that were open then. @param {number} at @returns {Call[]} */
  callsAt(at) {
    return this.calls.filter((call) => ms(call.received_at) <= at && ms(call.closed_at) > at).map((call) => this.callAt(call, at));
  }

  /** @param {number} teamId @param {number} at */
  onBreak(teamId, at) {
    const entries = (this.breaks.get(teamId) ?? []).filter((entry) => ms(entry.at) <= at);
    return entries.at(-1)?.kind === "team.break_started";
  }

  /** Where a team was and whether its signal was fresh. @param {number} teamId @param {number} at @param {number} staleAfterS */
  fixAt(teamId, at, staleAfterS) {
    const track = this.tracks.get(teamId) ?? [];
    const second = (at - this.since) / 1000;
    const index = fixIndexAt(track, second);
    const fix = track[index];
    if (!fix) return null;
    const ageS = second - fix[0];
    // A parked car's fixes are thinned out: when the next one is there in time, the signal was never lost.
    const next = track[index + 1];
    const thinned = next !== undefined && next[0] - fix[0] <= this.parkedS;
    return { lat: fix[1], lon: fix[2], ageS, stale: ageS > staleAfterS && !thinned };
  }

  /** The board and the marks of the map. @param {number} at @param {number} staleAfterS */
  pictureAt(at, staleAfterS) {
    const calls = this.callsAt(at);
    /** @type {Map<number, string>} */
    const work = new Map();
    for (const call of calls) for (const assignment of call.assignments) if (ACTIVE.includes(assignment.status)) work.set(assignment.team_id, assignment.status);
    const teams = [];
    for (const team of this.teams) {
      if (ms(team.shift_start) > at || ms(team.ended_at ?? team.shift_end) < at) continue;
      const fix = this.fixAt(team.id, at, staleAfterS);
      if (!fix) continue;
      teams.push({ id: team.id, name: team.name, state: work.get(team.id) ?? (this.onBreak(team.id, at) ? "break" : "free"), ...fix });
    }
    return { calls, teams };
  }
}
