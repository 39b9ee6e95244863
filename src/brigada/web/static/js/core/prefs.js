// What a person chose on this device: language, theme, sound. Nothing about calls or patients is kept here.

/** @typedef {"ru" | "en"} Lang */

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {string} name @param {string} fallback */
function read(name, fallback) {
  try {
    return localStorage.getItem(`brigada.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

/** @param {string} name @param {string} value */
function write(name, value) {
  try {
    localStorage.setItem(`brigada.${name}`, value);
  } catch {
    // A private window without storage: the choice lasts until the page is closed.
  }
}

export const prefs = {
  /** @type {Lang} */
  lang: read("lang", navigator.language.startsWith("en") ? "en" : "ru") === "en" ? "en" : "ru",
  /** @type {"day" | "night"} */
  theme: read("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day") === "night" ? "night" : "day",
  muted: read("muted", "") === "1",
  /** Whether single letters, digits and signs are commands of the desk; people who speak to their computer switch them off. */
  singleKeys: read("singleKeys", "1") === "1",
  /** Seconds that count as in time where coverage is shown; 0: the norm of critical calls. */
  coverageWithinS: Number(read("coverageWithinS", "0")) || 0,
};

/** @param {Partial<typeof prefs>} change */
export function setPrefs(change) {
  Object.assign(prefs, change);
  write("lang", prefs.lang);
  write("theme", prefs.theme);
  write("muted", prefs.muted ? "1" : "");
  write("singleKeys", prefs.singleKeys ? "1" : "0");
  write("coverageWithinS", String(prefs.coverageWithinS));
  applyPrefs();
  for (const callback of listeners) callback();
}

export function applyPrefs() {
  document.documentElement.lang = prefs.lang;
  document.documentElement.dataset.theme = prefs.theme;
  // Hints name no key that does nothing.
  document.documentElement.dataset.singleKeys = prefs.singleKeys ? "on" : "off";
}

/** @param {() => void} callback @returns {() => void} */
export function onPrefs(callback) {
  listeners.add(callback);
  return () => {
    listeners.delete(callback);
  };
}
