// Taps of the crew: kept on the phone until the server has answered, sent strictly in order, each under its own key.

import { ApiProblem, api, newKey } from "../core/api.js";
import { append, listed, strike } from "./device.js";

/**
 * @typedef {{order: number, key: string, path: string, body: Record<string, any>, what: string, assignmentId: number, number: number,
 *   step: string, tappedAt: string, userId: number}} Tap
 * @typedef {{taps: Tap[], problem: ApiProblem}} Refusal
 */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;
// These say nothing about the tap itself: not signed in, too slow, too early, too often.
const NO_ANSWER = [401, 408, 425, 429];

export class Outbox {
  constructor() {
    /** @type {Tap[]} */
    this.taps = [];
    this.sending = false;
    this.stopped = false;
    this.waitMs = FIRST_WAIT_MS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** Hears each answer before its tap is dropped, so that the screen never shows the step before. @type {Set<(answer: any, tap: Tap) => void>} */
    this.answerListeners = new Set();
    /** @type {Set<(refusal: Refusal) => Promise<void>>} */
    this.refusalListeners = new Set();
  }

  changed() {
    for (const callback of this.listeners) callback();
  }

  /** What an earlier visit of this page, or another tab, has left. */
  async load() {
    this.taps = await listed("outbox");
    this.changed();
    void this.send();
  }

  /** @param {Omit<Tap, "order" | "key">} tap */
  async add(tap) {
    const whole = await append("outbox", { ...tap, key: newKey() });
    this.taps = [...this.taps, whole];
    this.changed();
    void this.send();
  }

  /** Sends the first, waits for its answer, then the next. One tab at a time: the order is one for the phone. */
  async send() {
    if (this.sending || this.stopped) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      const drain = () => this.drain();
      await (navigator.locks ? navigator.locks.request("brigada-outbox", drain) : drain());
    } finally {
      this.sending = false;
    }
    // A tap that came while the last one was being dropped.
    if (this.taps.length > 0 && this.timer === undefined) void this.send();
  }

  async drain() {
    this.timer = undefined;
    // Another tab may have sent some meanwhile.
    this.taps = await listed("outbox");
    this.changed();
    for (let tap = this.taps[0]; tap && !this.stopped; tap = this.taps[0]) {
      if (!(await this.sendOne(tap))) {
        this.timer = setTimeout(() => void this.again(), this.waitMs);
        this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
        return;
      }
      this.waitMs = FIRST_WAIT_MS;
    }
  }

  again() {
    this.timer = undefined;
    return this.send();
  }

  /** @param {Tap} tap @returns {Promise<boolean>} whether the server has answered for good */
  async sendOne(tap) {
    try {
      const answer = await api(tap.path, { method: "POST", body: tap.body, key: tap.key });
      for (const callback of this.answerListeners) callback(answer, tap);
      await this.drop([tap]);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) return false;
      if (NO_ANSWER.includes(error.status) || error.status >= 500 || error.code === "csrf") return false;
      await this.refuse(tap, error);
      return true;
    }
  }

  /** What was tapped later on an assignment that has ended is refused with it: one word for all. @param {Tap} tap @param {ApiProblem} problem */
  async refuse(tap, problem) {
    const over = problem.code === "assignment_ended" || problem.status === 404;
    const taps = over ? this.taps.filter((item) => item.assignmentId === tap.assignmentId) : [tap];
    for (const callback of this.refusalListeners) await callback({ taps, problem });
    await this.drop(taps);
  }

  /** @param {Tap[]} taps */
  async drop(taps) {
    const orders = taps.map((tap) => tap.order);
    await strike("outbox", orders);
    this.taps = this.taps.filter((item) => !orders.includes(item.order));
    this.changed();
  }

  /** Tries again at once: the network has come back. */
  hurry() {
    this.waitMs = FIRST_WAIT_MS;
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.send();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.listeners.clear();
    this.answerListeners.clear();
    this.refusalListeners.clear();
  }
}
