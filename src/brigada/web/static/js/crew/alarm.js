// The alarm of a new assignment: sound, vibration and, when the page is not seen, a notification that names nobody.
// It goes on until the crew accepts the call or hushes it.

import { t } from "../core/i18n.js";
import { playAssigned } from "../core/sound.js";

const EVERY_MS = 4000;
const VIBRATION_MS = [500, 200, 500, 200, 500];

export class Alarm {
  constructor() {
    /** The assignment it rings for. */
    this.ringing = 0;
    /** @type {Set<number>} */
    this.hushed = new Set();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /** Rings for an assignment that nobody has accepted; 0 stops. @param {number} assignmentId */
  follow(assignmentId) {
    const wanted = this.hushed.has(assignmentId) ? 0 : assignmentId;
    if (wanted === this.ringing) return;
    this.stop();
    if (wanted === 0) return;
    this.ringing = wanted;
    this.ring();
    this.timer = setInterval(() => this.ring(), EVERY_MS);
    void notify();
  }

  ring() {
    playAssigned();
    // Without a tap on the page since it was opened the browser forbids it.
    navigator.vibrate?.(VIBRATION_MS);
  }

  hush() {
    this.hushed.add(this.ringing);
    this.stop();
  }

  stop() {
    clearInterval(this.timer);
    if (this.ringing !== 0) navigator.vibrate?.(0);
    this.ringing = 0;
    void unnotify();
  }
}

const TAG = "assignment";

/** Whether the phone could show one and the crew has not been asked yet. */
export const mayAskToNotify = () => "Notification" in globalThis && Notification.permission === "default" && "serviceWorker" in navigator;

async function notify() {
  if (document.visibilityState === "visible" || !("Notification" in globalThis) || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  /** @type {any} */
  const options = { tag: TAG, renotify: true, requireInteraction: true, vibrate: VIBRATION_MS, body: t("alarm.open") };
  await worker?.showNotification(t("alarm.newCall"), options);
}

async function unnotify() {
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const shown of (await worker?.getNotifications({ tag: TAG })) ?? []) shown.close();
}
