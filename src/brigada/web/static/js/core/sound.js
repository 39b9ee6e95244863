// Sounds that can't be mistaken for each other: a critical call (repeats until acknowledged), a crew's new assignment
// (the same), a lost link.

import { prefs } from "./prefs.js";

/** @type {AudioContext | null} */
let context = null;
/** @type {ReturnType<typeof setInterval> | undefined} */
let repeating;

export const sound = {
  /** Counts what the browser was really given to play, for the tests and the help page. */
  played: { critical: 0, assigned: 0, link: 0, notice: 0 },
  get ready() {
    return context?.state === "running";
  },
};

/** To be called from a click: browsers stay silent before the first one. @returns {Promise<boolean>} */
export async function unlockSound() {
  context ??= new AudioContext();
  if (context.state !== "running") {
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  return sound.ready;
}

/** Plays the tones of one kind, unless the person or the browser wants silence. @param {keyof typeof sound.played} kind @param {() => void} tones */
function play(kind, tones) {
  if (!sound.ready || prefs.muted) return;
  tones();
  sound.played[kind] += 1;
}

/** @param {number} frequency @param {number} startS @param {number} lengthS @param {OscillatorType} shape */
function tone(frequency, startS, lengthS, shape) {
  if (!context) return;
  const start = context.currentTime + startS;
  const oscillator = new OscillatorNode(context, { type: shape, frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.25, start + 0.02);
  gain.gain.setValueAtTime(0.25, start + lengthS - 0.04);
  gain.gain.linearRampToValueAtTime(0, start + lengthS);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + lengthS);
}

function critical() {
  play("critical", () => {
    tone(880, 0, 0.18, "square");
    tone(660, 0.22, 0.18, "square");
    tone(880, 0.44, 0.18, "square");
  });
}

// The alarm comes again so often until someone says that it was heard.
const ALARM_EVERY_MS = 4000;

export function startAlarm() {
  if (repeating !== undefined) return;
  critical();
  repeating = setInterval(critical, ALARM_EVERY_MS);
}

export function stopAlarm() {
  clearInterval(repeating);
  repeating = undefined;
}

/** A call for this crew: one bar of it, the crew's screen repeats it. */
export function playAssigned() {
  play("assigned", () => {
    for (const start of [0, 0.5, 1]) {
      tone(784, start, 0.2, "square");
      tone(1047, start + 0.22, 0.24, "square");
    }
  });
}

export function playLinkLost() {
  play("link", () => {
    tone(330, 0, 0.35, "sine");
    tone(220, 0.4, 0.55, "sine");
  });
}

export function playNotice() {
  play("notice", () => tone(1040, 0, 0.12, "sine"));
}
