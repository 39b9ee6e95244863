// Starts the console: preferences first, then the page's one element, then the worker that keeps files for offline.

import { watchInstall } from "./core/install.js";
import { applyPrefs } from "./core/prefs.js";
import "./app.js";

applyPrefs();
watchInstall();

if ("serviceWorker" in navigator && isSecureContext) {
  addEventListener("load", () => {
    navigator.serviceWorker.register("/sw.js").catch(() => {
      // A page without a kept copy still works while the server answers.
    });
  });
}
