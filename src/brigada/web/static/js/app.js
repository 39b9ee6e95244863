// Leads each role to its screen and says when the console has a new version.

import { ApiProblem, api, cookie, setApiLanguage, whenSignedOut } from "./core/api.js";
import { Element, html, nothing } from "./core/element.js";
import { t } from "./core/i18n.js";
import { onPrefs, prefs } from "./core/prefs.js";
import { begin, end, finishSignOut, session } from "./core/session.js";
import { forgetCard, recallMe } from "./crew/device.js";
import "./parts/sign-in.js";

/** @typedef {import("./types.js").User} User */

const HOME = { admin: "/console/admin/teams", dispatcher: "/console/dispatcher", worker: "/console/crew" };

/** Which roles a screen serves and how it is loaded. @type {Record<string, {roles: string[], load: () => Promise<unknown>}>} */
const SCREENS = {
  dispatcher: { roles: ["dispatcher", "admin"], load: () => import("./dispatcher/screen.js") },
  wall: { roles: ["dispatcher", "admin"], load: () => import("./dispatcher/wall.js") },
  crew: { roles: ["worker"], load: () => import("./crew/screen.js") },
  admin: { roles: ["admin"], load: () => import("./admin/screen.js") },
  reports: { roles: ["admin", "dispatcher"], load: () => import("./admin/reports-screen.js") },
  replay: { roles: ["dispatcher", "admin"], load: () => import("./replay/screen.js") },
};

/** What each screen is called in the title of its window. @type {Record<string, string>} */
const TITLES = {
  dispatcher: "menu.desk", wall: "wall.title", admin: "menu.admin", reports: "menu.reports", replay: "replay.title",
};

// A phone that keeps its card does not wait long for a network that is only half there.
const KEPT_PATIENCE_MS = 4000;
// Until the server says who is signed in, it is asked so often.
const ASK_AGAIN_MS = 3000;

class App extends Element {
  constructor() {
    super();
    /** @type {"starting" | "away" | "signed-out" | "signed-in"} */
    this.stage = "starting";
    this.loadedScreen = "";
    this.failed = "";
    this.newVersion = false;
    // Asked at the first link too: the page itself may be one that the device has kept.
    this.versionDue = true;
    this.reloadAsked = false;
    /** Said twice already: the browser need not ask. */
    this.leaving = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.askTimer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    setApiLanguage(prefs.lang);
    this.stops.push(onPrefs(() => setApiLanguage(prefs.lang)));
    whenSignedOut(() => {
      if (session.me?.role === "worker") void forgetCard();
      end();
      this.stage = "signed-out";
      this.requestUpdate();
    });
    const route = () => void this.route();
    addEventListener("popstate", route);
    this.stops.push(() => removeEventListener("popstate", route));
    // F5, a closed tab, a link out of the console: the browser asks before what is half typed is lost.
    const unload = (/** @type {Event} */ event) => {
      if (this.typing && !this.leaving) event.preventDefault();
    };
    addEventListener("beforeunload", unload);
    this.stops.push(() => removeEventListener("beforeunload", unload));
    this.stops.push(() => clearTimeout(this.askTimer));
    void this.start();
  }

  async start() {
    clearTimeout(this.askTimer);
    try {
      // Without the readable cookies nobody is signed in: no need to ask.
      if (!cookie("csrf_access_token") && !cookie("csrf_refresh_token")) {
        void finishSignOut().catch(() => undefined);
        throw new ApiProblem(401, {}, null);
      }
      this.enter(await api("/auth/me", { timeoutMs: (await recallMe()) ? KEPT_PATIENCE_MS : undefined }));
    } catch (error) {
      // Without a network a crew goes on with the card that its own phone keeps.
      const me = isRefusal(error) ? null : await recallMe();
      if (me) {
        this.enter(me);
      } else {
        this.stage = isRefusal(error) ? "signed-out" : "away";
        if (this.stage === "away") this.askTimer = setTimeout(() => void this.start(), ASK_AGAIN_MS);
        this.requestUpdate();
      }
    }
  }

  /** @param {User} me */
  enter(me) {
    this.stage = "signed-in";
    begin(me);
    void this.route();
  }

  get screen() {
    return location.pathname.split("/")[2] ?? "";
  }

  /** @returns {Promise<void>} */
  async route() {
    const me = session.me;
    if (!me) return;
    const screen = SCREENS[this.screen];
    if (!screen || !screen.roles.includes(me.role)) {
      history.replaceState(null, "", HOME[me.role]);
      return this.route();
    }
    const name = this.screen;
    try {
      await screen.load();
      // The person may have gone on to another screen meanwhile, or out.
      if (name !== this.screen || me !== session.me) return;
      this.failed = "";
      this.loadedScreen = name;
    } catch (error) {
      if (name !== this.screen || me !== session.me) return;
      this.failed = String(error);
    }
    this.requestUpdate();
  }

  storeChanged() {
    const link = this.store.link;
    if (link === "lost") this.versionDue = true;
    if (link === "live" && this.versionDue) {
      this.versionDue = false;
      void this.checkVersion();
    }
    if (this.stage === "signed-in" && session.over) {
      this.stage = "signed-out";
      this.loadedScreen = "";
      history.replaceState(null, "", "/");
    }
    this.requestUpdate();
  }

  updated() {
    // Only now have the screens of the session gone: what was half typed is kept under its person.
    if (session.over) session.me = null;
    this.nameWindow();
  }

  /** Windows of several screens are told apart by their titles; no call is named there. */
  nameWindow() {
    const title = this.stage === "signed-in" ? TITLES[this.loadedScreen] : undefined;
    document.title = title ? `${t(title)} · ${t("app.name")}` : t("app.name");
    document.querySelector("link[rel=manifest]")?.setAttribute("href", prefs.lang === "en" ? "/manifest-en.webmanifest" : "/manifest.webmanifest");
    document.querySelector("meta[name=apple-mobile-web-app-title]")?.setAttribute("content", t("app.name"));
  }

  /** Something half typed that a reload would lose. */
  get typing() {
    const forms = /** @type {NodeListOf<HTMLElement & {dirty?: boolean}>} */ (this.querySelectorAll("br-dispatcher, br-new-call, br-form, br-advice-settings"));
    return [...forms].some((form) => form.dirty === true);
  }

  reload() {
    if (this.typing && !this.reloadAsked) {
      this.reloadAsked = true;
      this.requestUpdate();
      return;
    }
    this.leaving = true;
    location.reload();
  }

  async checkVersion() {
    try {
      const served = await (await fetch("/console-version.json", { cache: "no-store" })).json();
      const mine = document.querySelector('meta[name="brigada-version"]')?.getAttribute("content");
      this.newVersion = Boolean(mine) && served.version !== mine;
      this.requestUpdate();
    } catch {
      // Asked again at the next return of the link.
    }
  }

  render() {
    return html`${this.newVersion ? this.versionBanner() : nothing} ${this.body()}`;
  }

  versionBanner() {
    return html`<div class="version-banner" role="status">
      ${t(this.reloadAsked ? "app.reloadLoses" : "app.newVersion")}
      <button type="button" class="button small" @click=${() => this.reload()}>${t(this.reloadAsked ? "app.reloadAnyway" : "app.reload")}</button>
    </div>`;
  }

  body() {
    if (this.stage === "starting") return html`<main class="centered"><p class="muted">${t("state.loading")}</p></main>`;
    if (this.stage === "away") {
      return html`<main class="centered" role="alert"><p><b>${t("error.noLink")}</b></p><p class="muted">${t("state.retrying")}</p>
        <button type="button" class="button" @click=${() => void this.start()}>${t("action.again")}</button></main>`;
    }
    if (this.stage === "signed-out") {
      return html`<br-sign-in @signed-in=${(/** @type {CustomEvent} */ event) => this.enter(event.detail)}></br-sign-in>`;
    }
    if (this.failed) {
      return html`<main class="centered"><p>${t("state.failed")}</p>
        <button type="button" class="button" @click=${() => void this.route()}>${t("action.again")}</button></main>`;
    }
    switch (this.loadedScreen) {
      case "dispatcher":
        return html`<br-dispatcher></br-dispatcher>`;
      case "wall":
        return html`<br-wall></br-wall>`;
      case "crew":
        return html`<br-crew></br-crew>`;
      case "admin":
        return html`<br-admin></br-admin>`;
      case "reports":
        return html`<br-reports-screen></br-reports-screen>`;
      case "replay":
        return html`<br-replay></br-replay>`;
      default:
        return html`<main class="centered"><p class="muted">${t("state.loading")}</p></main>`;
    }
  }
}
customElements.define("br-app", App);

/** Whether the server itself said that nobody is signed in: a server that is away says nothing about it. @param {unknown} error */
function isRefusal(error) {
  return error instanceof ApiProblem && (error.status === 401 || error.status === 403);
}
