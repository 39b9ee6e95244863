// Where the crew is, while the page is open: every 5 s or 50 m, over the socket, else kept and sent in one batch.

import { ApiProblem, api } from "../core/api.js";
import { metresBetween } from "../core/geo.js";
import { session } from "../core/session.js";
import { keep, recall } from "./device.js";

const EVERY_MS = 5000;
const EVERY_M = 50;
// Two hours at one fix in five seconds: what fits in the memory of any phone; older ones go first.
const KEPT = 1440;
const BATCH = 200;
// The batch is tried again after so long when the server could not take it.
const AGAIN_MS = 5000;
// A reload without a network loses so much of the track at the most.
const KEEP_EVERY_MS = 15_000;

/** @typedef {{lat: number, lon: number, at: string, accuracy_m: number | null, speed_mps: number | null, heading_deg: number | null}} Fix */

export class Sharing {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {"off" | "waiting" | "on" | "denied" | "unavailable"} */
    this.state = "off";
    /** @type {Fix | null} */
    this.latest = null;
    /** @type {Fix[]} */
    this.waiting = [];
    this.watchId = -1;
    /** @type {any} */
    this.lock = null;
    this.flushing = false;
    this.visible = () => void this.keepAwake();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.pulse = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.again = undefined;
    this.keptAt = 0;
  }

  /** What a visit of this page without a network has left. */
  async load() {
    const kept = await recall("fixes").catch(() => null);
    if (Array.isArray(kept)) this.waiting = [...kept, ...this.waiting].slice(-KEPT);
  }

  /** @param {boolean} now */
  keepWaiting(now) {
    if (!now && Date.now() - this.keptAt < KEEP_EVERY_MS) return;
    this.keptAt = Date.now();
    void keep("fixes", this.waiting).catch(() => undefined);
  }

  start() {
    if (!("geolocation" in navigator)) {
      this.state = "unavailable";
      return;
    }
    this.state = "waiting";
    this.watchId = navigator.geolocation.watchPosition(
      (position) => this.heard(position),
      (error) => this.failed(error),
      { enableHighAccuracy: true, maximumAge: 2000, timeout: 30_000 },
    );
    // A phone that lies still may tell nothing new; a crew that stands is still there.
    this.pulse = setInterval(() => this.ask(), EVERY_MS);
    document.addEventListener("visibilitychange", this.visible);
    void this.keepAwake();
  }

  stop() {
    if (this.watchId !== -1) navigator.geolocation.clearWatch(this.watchId);
    clearInterval(this.pulse);
    clearTimeout(this.again);
    document.removeEventListener("visibilitychange", this.visible);
    void this.lock?.release?.().catch(() => undefined);
    this.lock = null;
    this.state = "off";
    this.waiting = [];
  }

  ask() {
    if (this.state !== "on" || (this.latest && Date.now() - Date.parse(this.latest.at) < EVERY_MS)) return;
    navigator.geolocation.getCurrentPosition(
      (position) => this.heard(position),
      () => undefined, // the watch says what is wrong
      { enableHighAccuracy: true, maximumAge: 0, timeout: EVERY_MS },
    );
  }

  /** @param {GeolocationPositionError} error */
  failed(error) {
    this.state = error.code === error.PERMISSION_DENIED ? "denied" : "unavailable";
    this.changed();
  }

  /** The screen stays on while the page is seen; the browser takes the lock away with the page. */
  async keepAwake() {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      // A phone that saves its battery refuses; the crew then uses the tracking program.
    }
  }

  /** @param {GeolocationPosition} position */
  heard(position) {
    if (this.state === "off") return;
    const { latitude, longitude, accuracy, speed, heading } = position.coords;
    /** @type {Fix} */
    const fix = {
      lat: latitude,
      lon: longitude,
      at: new Date(position.timestamp).toISOString(),
      accuracy_m: Number.isFinite(accuracy) ? Math.round(accuracy) : null,
      speed_mps: speed === null || !Number.isFinite(speed) ? null : speed,
      heading_deg: heading === null || !Number.isFinite(heading) ? null : heading,
    };
    this.state = "on";
    const last = this.latest;
    if (last && Date.parse(fix.at) - Date.parse(last.at) < EVERY_MS && metresBetween(last, fix) < EVERY_M) return;
    this.latest = fix;
    const sent = this.waiting.length === 0 && session.store.link === "live" && session.link?.send({ type: "position", ...fix, sent_at: new Date().toISOString() });
    if (!sent) {
      this.waiting = [...this.waiting, fix].slice(-KEPT);
      this.keepWaiting(false);
    }
    if (!sent && session.store.link === "live") void this.flush();
    this.changed();
  }

  /** What was kept while the link was away, oldest first. */
  async flush() {
    if (this.flushing || this.waiting.length === 0) return;
    this.flushing = true;
    clearTimeout(this.again);
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH);
        // With the clock of the phone at this moment the server puts a wrong clock right.
        await api("/positions", { method: "POST", body: { items: batch, sent_at: new Date().toISOString() } });
        this.waiting = this.waiting.filter((fix) => !batch.includes(fix));
      }
    } catch (error) {
      // No team, or not to be read: these points are of no use to anybody, and new ones must not wait behind them.
      const useless = error instanceof ApiProblem && [404, 409, 413, 422].includes(error.status);
      if (useless) this.waiting = [];
      else if (session.store.link === "live") this.again = setTimeout(() => void this.flush(), AGAIN_MS);
    } finally {
      this.flushing = false;
      if (this.state !== "off") this.keepWaiting(true);
      this.changed();
    }
  }
}
