// The server's clock as seen from here. A frame can only be late, never early, so the largest of
// the latest differences is the best estimate.

const KEPT = 20;
/** @type {number[]} */
let differences = [];
let offsetMs = 0;

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
