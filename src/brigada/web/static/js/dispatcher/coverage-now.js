// What the free teams cover now, kept for the map, the number and the advice: asked for again each minute while somebody looks.

import { api } from "../core/api.js";
import { prefs, setPrefs } from "../core/prefs.js";
import { session } from "../core/session.js";

/** @typedef {import("../types.js").CoverageAnswer} Answer @typedef {import("../types.js").Preview} Preview */

// The service reckons it anew after ten seconds; who waits at a post changes by the minute.
const EVERY_MS = 60_000;
// Teams were sent or freed: ask once for all of it.
const GATHER_MS = 3000;

class CoverageNow {
  constructor() {
    /** Whether the map shows it. */
    this.on = false;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    /** Those who look at it. @type {Set<() => void>} */
    this.listeners = new Set();
    /** Those who must know whether the map shows it. @type {Set<() => void>} */
    this.switches = new Set();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.again = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.asked = 0;
  }

  /** Seconds that count as in time; 0: the norm of critical calls. */
  get withinS() {
    return prefs.coverageWithinS;
  }

  /** While somebody looks it is kept fresh. @param {() => void} callback @returns {() => void} */
  look(callback) {
    this.listeners.add(callback);
    if (this.listeners.size === 1) {
      this.again = setInterval(() => void this.load(), EVERY_MS);
      this.deaf = session.store.onEvent((event) => {
        if (event.data?.team && /^(assignment|team)\./.test(event.kind)) this.loadSoon();
      });
      void this.load();
    }
    return () => {
      this.listeners.delete(callback);
      if (this.listeners.size > 0) return;
      clearInterval(this.again);
      clearTimeout(this.soon);
      this.deaf?.();
    };
  }

  /** Is told of changes, and looks only while the layer is on. @param {() => void} callback @returns {() => void} */
  watch(callback) {
    /** @type {(() => void) | undefined} */
    let stop;
    const follow = () => {
      if (this.on && !stop) stop = this.look(callback);
      if (!this.on && stop) {
        stop();
        stop = undefined;
      }
      callback();
    };
    this.switches.add(follow);
    return () => {
      this.switches.delete(follow);
      stop?.();
    };
  }

  loadSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), GATHER_MS);
  }

  /** @param {number} seconds */
  within(seconds) {
    setPrefs({ coverageWithinS: seconds });
    void this.load();
  }

  /** @param {boolean} on */
  show(on) {
    this.on = on;
    for (const callback of this.switches) callback();
    this.changed();
  }

  changed() {
    for (const callback of this.listeners) callback();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const answer = await api(`/coverage${this.withinS ? `?within_s=${this.withinS}` : ""}`);
      if (asked !== this.asked) return;
      this.answer = answer;
      this.phase = "ready";
    } catch {
      if (asked !== this.asked) return;
      this.phase = "failed";
    }
    this.changed();
  }
}

export const coverageNow = new CoverageNow();

/** What would be left if one of these teams were sent, by team. @param {number[]} teamIds @returns {Promise<Map<number, Preview>>} */
export async function previewsOf(teamIds) {
  if (teamIds.length === 0) return new Map();
  const query = new URLSearchParams(teamIds.map((id) => ["without", String(id)]));
  if (coverageNow.withinS) query.set("within_s", String(coverageNow.withinS));
  const answer = await api(`/coverage?${query}`);
  return new Map((answer.previews ?? []).map((/** @type {Preview} */ item) => [item.team_id, item]));
}
