// Taps of the crew: kept on the phone until the server has answered, sent strictly in order, each under its own key.

import { ApiProblem, api, newKey } from "../core/api.js";
import { openDevice } from "./device.js";

/**
 * @typedef {{order: number, key: string, path: string, body: Record<string, any>, label: string, assignmentId: number,
 *   step: string, tappedAt: string}} Tap
 * @typedef {{tap: Tap, problem: string}} Refused
 */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class Outbox {
  constructor() {
    /** @type {Tap[]} */
    this.taps = [];
    /** @type {Refused[]} */
    this.refused = [];
    this.sending = false;
    this.waitMs = FIRST_WAIT_MS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Set<(answer: any, tap: Tap) => void>} */
    this.answerListeners = new Set();
  }

  changed() {
    for (const callback of this.listeners) callback();
  }

  /** What an earlier visit of this page has left. */
  async load() {
    const database = await openDevice();
    this.taps = await database.getAll("outbox");
    database.close();
    this.changed();
    void this.send();
  }

  /** @param {Omit<Tap, "order" | "key">} tap */
  async add(tap) {
    const whole = { ...tap, key: newKey() };
    const database = await openDevice();
    const order = Number(await database.add("outbox", whole));
    database.close();
    this.taps = [...this.taps, { ...whole, order }];
    this.changed();
    void this.send();
  }

  /** Sends the first, waits for its answer, then the next. */
  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      for (let tap = this.taps[0]; tap; tap = this.taps[0]) {
        if (!(await this.sendOne(tap))) {
          this.timer = setTimeout(() => void this.send(), this.waitMs);
          this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
          return;
        }
        this.waitMs = FIRST_WAIT_MS;
      }
    } finally {
      this.sending = false;
    }
  }

  /** @param {Tap} tap @returns {Promise<boolean>} whether the server has answered for good */
  async sendOne(tap) {
    try {
      const answer = await api(tap.path, { method: "POST", body: tap.body, key: tap.key });
      await this.drop(tap);
      for (const callback of this.answerListeners) callback(answer, tap);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) return false;
      // Not an answer about the tap itself: too soon, not signed in, the server in trouble.
      if (error.status === 401 || error.status === 429 || error.status >= 500) return false;
      this.refused = [...this.refused, { tap, problem: error.message }];
      await this.drop(tap);
      for (const callback of this.answerListeners) callback(null, tap);
      return true;
    }
  }

  /** @param {Tap} tap */
  async drop(tap) {
    const database = await openDevice();
    await database.delete("outbox", tap.order);
    database.close();
    this.taps = this.taps.filter((item) => item.order !== tap.order);
    this.changed();
  }

  /** Tries again at once: the network has come back. */
  hurry() {
    this.waitMs = FIRST_WAIT_MS;
    void this.send();
  }

  /** @param {Refused} item */
  dismiss(item) {
    this.refused = this.refused.filter((other) => other !== item);
    this.changed();
  }

  stop() {
    clearTimeout(this.timer);
    this.listeners.clear();
    this.answerListeners.clear();
  }
}
