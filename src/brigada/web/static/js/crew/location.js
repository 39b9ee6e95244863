// Where the crew is, while the page is open: every 5 s or 50 m, over the socket, else kept and sent in one batch.

import { api } from "../core/api.js";
import { metresBetween } from "../core/geo.js";
import { session } from "../core/session.js";

const EVERY_MS = 5000;
const EVERY_M = 50;
// Two hours at one fix in five seconds: what fits in the memory of any phone; older ones go first.
const KEPT = 1440;
const BATCH = 200;

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
  }

  start() {
    if (!("geolocation" in navigator)) {
      this.state = "unavailable";
      return;
    }
    this.state = "waiting";
    this.watchId = navigator.geolocation.watchPosition(
      (position) => this.heard(position),
      (error) => {
        this.state = error.code === error.PERMISSION_DENIED ? "denied" : "unavailable";
        this.changed();
      },
      { enableHighAccuracy: true, maximumAge: 2000, timeout: 30_000 },
    );
    document.addEventListener("visibilitychange", this.visible);
    void this.keepAwake();
  }

  stop() {
    if (this.watchId !== -1) navigator.geolocation.clearWatch(this.watchId);
    document.removeEventListener("visibilitychange", this.visible);
    void this.lock?.release?.().catch(() => undefined);
    this.lock = null;
    this.state = "off";
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
    const sent = this.waiting.length === 0 && session.store.link === "live" && session.link?.send({ type: "position", ...fix });
    if (!sent) this.waiting = [...this.waiting, fix].slice(-KEPT);
    this.changed();
  }

  /** What was kept while the link was away, oldest first. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH);
        await api("/positions", { method: "POST", body: { items: batch } });
        this.waiting = this.waiting.slice(batch.length);
      }
    } catch {
      // Tried again when the link returns.
    } finally {
      this.flushing = false;
      this.changed();
    }
  }
}
