// The server's clock as seen from here. A frame can only be late, never early, so the largest of
// the latest differences is the best estimate.

const KEPT = 20;
// A page opened without a network goes by the difference that the last one knew; it tells nothing about anybody.
const NAME = "brigada.clock";
const KEEP_FROM_MS = 250;
/** @type {number[]} */
let differences = [];
let keptMs = recalled();
let offsetMs = keptMs;

function recalled() {
  try {
    const kept = Number(localStorage.getItem(NAME));
    return Number.isFinite(kept) ? kept : 0;
  } catch {
    return 0;
  }
}

function keep() {
  if (Math.abs(offsetMs - keptMs) < KEEP_FROM_MS) return;
  keptMs = offsetMs;
  try {
    localStorage.setItem(NAME, String(offsetMs));
  } catch {
    // Without storage the next page begins with the clock of its device.
  }
}

/** A frame of the server says what time it is there. @param {string} serverAt */
export function hearServerTime(serverAt) {
  const server = Date.parse(serverAt);
  if (!Number.isFinite(server)) return;
  const difference = server - Date.now();
  // A laptop that slept, or a clock that was set: start anew.
  if (Math.abs(difference - offsetMs) > 30_000) differences = [];
  differences.push(difference);
  if (differences.length > KEPT) differences.shift();
  offsetMs = Math.max(...differences);
  keep();
}

/** Milliseconds since 1970 by the server's clock. */
export const serverNow = () => Date.now() + offsetMs;

/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Calls back at each full second of the server's clock. @param {() => void} callback @returns {() => void} stops it */
export function everySecond(callback) {
  listeners.add(callback);
  if (listeners.size === 1) schedule();
  return () => {
    listeners.delete(callback);
  };
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const callback of listeners) callback();
    if (listeners.size > 0) schedule();
  }, 1000 - (((serverNow() % 1000) + 1000) % 1000));
}
