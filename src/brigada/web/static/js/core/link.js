// The socket: snapshot, then "after number N". One way back for every trouble: the same start-up path.

import { ApiProblem, api, refresh } from "./api.js";
import { hearServerTime } from "./clock.js";

/** @typedef {import("./store.js").Store} Store */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
// The server closes with these when the session is no longer good.
const SIGNED_OUT_CODES = [4401];
// So many seconds without any frame are two missed heartbeats.
const MISSED_HEARTBEATS = 2;

export class Link {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** Whether the server has greeted on this socket: what is sent earlier may be read by nobody. */
    this.greeted = false;
    this.waitMs = FIRST_WAIT_MS;
    this.stopped = false;
    this.heardAt = Date.now();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retryTimer = undefined;
    this.run = 0;
    /** Frames of other kinds. @type {Set<(frame: Record<string, any>) => void>} */
    this.frameListeners = new Set();
    this.watch = setInterval(() => this.checkSilence(), 1000);
    // A lid that was opened, a network that came back: nothing is believed before the server has spoken.
    this.wake = () => {
      if (document.visibilityState === "hidden") return;
      this.checkSilence();
      if (this.store.link === "lost") this.restart(0);
    };
    // The phone says itself that it has no network: no need to wait for two heartbeats.
    this.cut = () => {
      if (this.store.link !== "lost" && !this.stopped) this.lose();
    };
    addEventListener("offline", this.cut);
    for (const [target, name] of this.wakes()) target.addEventListener(name, this.wake);
  }

  /** @returns {Array<[EventTarget, string]>} */
  wakes() {
    return [[globalThis, "online"], [globalThis, "pageshow"], [document, "visibilitychange"], [document, "resume"]];
  }

  /** Longer without a frame than two heartbeats: whatever is drawn may be old. */
  get silent() {
    return (Date.now() - this.heardAt) / 1000 > this.store.heartbeatS * MISSED_HEARTBEATS;
  }

  stop() {
    this.stopped = true;
    clearInterval(this.watch);
    clearTimeout(this.retryTimer);
    removeEventListener("offline", this.cut);
    for (const [target, name] of this.wakes()) target.removeEventListener(name, this.wake);
    this.drop();
  }

  drop() {
    this.run += 1;
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    }
  }

  /** The start-up path: the whole picture, then the socket after its number. */
  async start() {
    const run = ++this.run;
    try {
      const before = Date.now();
      const snapshot = await api("/snapshot");
      if (run !== this.run || this.stopped) return;
      // A snapshot that took long tells little about the clock.
      if (Date.now() - before < 2000) hearServerTime(snapshot.at);
      this.store.load(snapshot);
      this.open(snapshot.seq);
    } catch (error) {
      if (run !== this.run || this.stopped) return;
      if (error instanceof ApiProblem && error.status === 401) return;
      if (this.store.phase === "loading") this.store.phase = "failed";
      this.lose();
    }
  }

  /** @param {number} after */
  open(after) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws?after=${after}&epoch=${encodeURIComponent(this.store.epoch)}`);
    this.socket = socket;
    this.greeted = false;
    this.heardAt = Date.now();
    socket.onmessage = (message) => this.hear(JSON.parse(message.data));
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (SIGNED_OUT_CODES.includes(event.code)) void refresh().catch(() => false);
      this.lose();
    };
  }

  /** @param {Record<string, any>} frame */
  hear(frame) {
    this.heardAt = Date.now();
    switch (frame.type) {
      case "hello":
        if (frame.epoch !== this.store.epoch) {
          this.restart(0);
          return;
        }
        this.greeted = true;
        this.waitMs = FIRST_WAIT_MS;
        this.store.setLink("live");
        break;
      case "event":
        hearServerTime(frame.at);
        this.store.apply(/** @type {any} */ (frame));
        this.send({ type: "ack", seq: frame.seq });
        break;
      case "positions":
        this.store.applyPositions(frame.items);
        break;
      case "heartbeat":
        hearServerTime(frame.at);
        this.store.trueAt = frame.at;
        this.store.hearMap(frame.map_build);
        break;
      case "resync":
        this.restart(0);
        return;
      default:
        break;
    }
    for (const callback of this.frameListeners) callback(frame);
  }

  /** @param {Record<string, unknown>} frame @returns {boolean} whether it went out */
  send(frame) {
    if (!this.greeted || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  lose() {
    this.store.setLink("lost");
    this.restart(this.waitMs * (0.5 + Math.random()));
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  /** @param {number} waitMs */
  restart(waitMs) {
    this.drop();
    clearTimeout(this.retryTimer);
    if (this.stopped) return;
    this.retryTimer = setTimeout(() => void this.start(), waitMs);
  }

  checkSilence() {
    if (this.socket && this.silent) this.lose();
  }
}
