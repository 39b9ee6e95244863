// The browser's offer to install the console on the phone, kept until the person asks for it.

/** @type {any} */
let offer = null;
/** @type {Set<() => void>} */
const listeners = new Set();

export const install = {
  get ready() {
    return offer !== null;
  },
  async ask() {
    const asked = offer;
    offer = null;
    await asked?.prompt();
    tell();
  },
};

/** @param {() => void} callback @returns {() => void} */
export function onInstall(callback) {
  listeners.add(callback);
  return () => {
    listeners.delete(callback);
  };
}

function tell() {
  for (const callback of listeners) callback();
}

export function watchInstall() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    tell();
  });
  addEventListener("appinstalled", () => {
    offer = null;
    tell();
  });
}
