// The board and the map at a past moment, from calls with their milestones and from tracks; no page, no network here.

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").Team} Team
 * @typedef {{at: number, lat: number, lon: number}} Fix
 * @typedef {{calls: Call[], teams: Team[], tracks: Map<number, Fix[]>}} Past
 */

const STEPS = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];

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

/** The calls that were open then, each with its assignments of then. @param {Past} past @param {number} at @returns {Call[]} */
export function callsAt(past, at) {
  return past.calls
    .filter((call) => ms(call.received_at) <= at && ms(call.closed_at) > at)
    .map((call) => {
      const assignments = (call.assignments ?? []).flatMap((assignment) => assignmentAt(assignment, at) ?? []);
      const active = assignments.some((assignment) => ms(assignment.ended_at) > at);
      return { ...call, assignments, status: /** @type {Call["status"]} */ (active ? "accepted" : "new") };
    });
}

/** The newest fix that was known then, found by halving. @param {Fix[]} track @param {number} at @returns {Fix | undefined} */
export function fixAt(track, at) {
  let low = 0;
  let high = track.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
    else high = middle;
  }
  return track[low - 1];
}

/** What each team did then. @param {Call[]} calls @returns {Map<number, string>} */
export function workAt(calls) {
  const work = new Map();
  for (const call of calls) {
    for (const assignment of call.assignments) {
      if (["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital"].includes(assignment.status)) work.set(assignment.team_id, assignment.status);
    }
  }
  return work;
}

/** The marks of the map. @param {Past} past @param {number} at @param {number} staleAfterS */
export function pictureAt(past, at, staleAfterS) {
  const calls = callsAt(past, at);
  const work = workAt(calls);
  const teams = [];
  for (const team of past.teams) {
    if (ms(team.shift_start) > at || ms(team.ended_at ?? team.shift_end) < at) continue;
    const fix = fixAt(past.tracks.get(team.id) ?? [], at);
    if (!fix) continue;
    const ageS = (at - fix.at) / 1000;
    teams.push({ id: team.id, name: team.name, state: work.get(team.id) ?? "free", lat: fix.lat, lon: fix.lon, ageS, stale: ageS > staleAfterS });
  }
  return { calls, teams };
}
