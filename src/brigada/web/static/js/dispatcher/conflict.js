// Who was first and when, for the one whose command came second.

import { api } from "../core/api.js";
import { clockTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";

// Kinds that win a race: of people, and of the service when it sends by itself. What it only notes wins none.
const WINS = /^(call|assignment|proposal|team)\.(?!arrival|route|proposed)/;

/**
 * Looks it up in the journal: of the team's other call when the team was taken, else of the call itself.
 * @param {import("../core/api.js").ApiProblem} problem @param {{call?: import("../types.js").Call | undefined, teamId?: number}} about
 */
export async function whoAndWhen(problem, about) {
  const present = problem.data.present ?? {};
  const callId = problem.code === "team_busy" ? present.call_id : (about.call?.id ?? present.call_id);
  if (!callId) return "";
  return lastDeed(callId, problem.code === "team_busy");
}

/** The last thing that happened to a call: what, who, when; nothing when the journal can't be read. @param {number} callId @param {boolean} [numbered] */
export async function lastDeed(callId, numbered = false) {
  try {
    const entries = (await api(`/events?call_id=${callId}&limit=30`)).items ?? [];
    const latest = entries.find((/** @type {any} */ entry) => WINS.test(entry.kind));
    if (!latest) return "";
    const what = tOr(`event.${latest.kind}`, latest.kind);
    const call = numbered ? await numberOf(callId, entries) : "";
    // What the service did by itself has no name: the person who came before is not to blame.
    return t("conflict.who", { what: call ? `${what} (${call})` : what, who: latest.actor?.name || t("conflict.byItself"), when: clockTime(latest.at) });
  } catch {
    return "";
  }
}

/** @param {number} callId @param {any[]} entries */
async function numberOf(callId, entries) {
  const number = entries.map((entry) => entry.data?.call?.number).find(Boolean) ?? (await api(`/calls/${callId}`)).number;
  return t("call.number", { number });
}
