// The line above everything: who, how many wait, how many are free, the link, the server's time.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, clockTime, shortName, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { prefs, setPrefs } from "../core/prefs.js";
import { session, signOut } from "../core/session.js";
import { critMark } from "../parts/crit.js";
import { desk } from "./desk.js";

class Header extends Element {
  constructor() {
    super();
    this.menuOpen = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    const close = (/** @type {Event} */ event) => {
      if (this.menuOpen && !(event.target instanceof Node && this.find(".menu")?.contains(event.target))) this.toggleMenu(false);
    };
    document.addEventListener("click", close);
    this.stops.push(() => document.removeEventListener("click", close));
    // Escape closes the menu and nothing else.
    const escape = (/** @type {KeyboardEvent} */ event) => {
      if (!this.menuOpen || event.code !== "Escape") return;
      event.stopPropagation();
      this.toggleMenu(false);
      /** @type {HTMLElement | null} */ (this.find(".menu > button"))?.focus();
    };
    document.addEventListener("keydown", escape, true);
    this.stops.push(() => document.removeEventListener("keydown", escape, true));
  }

  /** @param {boolean} open */
  toggleMenu(open) {
    this.menuOpen = open;
    this.requestUpdate();
  }

  tick() {
    const clock = this.find(".server-clock");
    if (clock) clock.textContent = clockTime(serverNow());
  }

  updated() {
    this.tick();
  }

  /** Who waits: in all, critical ones, those past their norm. */
  waiting() {
    if (this.store.phase !== "ready") return html`<span class="counter">${t("header.waiting")} <b>…</b></span>`;
    const waiting = this.store.waiting();
    const critical = waiting.filter((call) => call.criticality === "critical").length;
    const late = waiting.filter((call) => ageS(call.received_at) > this.store.targetS(call)).length;
    return html`<span class="counter">${t("header.waiting")} <b>${waiting.length}</b>
      ${critical > 0 ? html`<span class="counter-critical">${critMark("critical")} ${critical}<span class="visually-hidden"> ${t("header.critical", { n: critical })}</span></span>` : nothing}
      ${late > 0 ? html`<span class="counter-critical" title=${t("header.late")}>⚠ ${late}<span class="visually-hidden"> ${t("header.late")}</span></span>` : nothing}</span>`;
  }

  /** The hours of the shift on duty: those that most of its teams work. @param {import("../types.js").Team[]} teams on shift */
  shift(teams) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const team of teams) {
      const hours = t("header.shift", { from: shortTime(team.shift_start), to: shortTime(team.shift_end) });
      counts.set(hours, (counts.get(hours) ?? 0) + 1);
    }
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    return most ? html`<span class="shift-now">${most[0]}</span>` : nothing;
  }

  render() {
    const teams = [...this.store.teams.values()].filter((team) => this.store.onShift(team));
    const free = teams.filter((team) => this.store.teamState(team.id) === "free").length;
    const link = this.store.link;
    return html`<header class="topbar">
        <h1 class="visually-hidden">${t("dispatcher.title")}</h1>
        ${this.shift(teams)}
        <span class="who">${shortName(session.me)}</span>
        ${this.waiting()}
        <button type="button" class="counter top-counter" title="${t("teams.title")}${prefs.singleKeys ? " (T)" : ""}" @click=${() => desk.openTeams()}>${t("header.free")} <b>${this.store.phase === "ready" ? `${free}/${teams.length}` : "…"}</b></button>
        <span class="link-state ${link}"><span class="link-mark" aria-hidden="true"></span> ${t(`link.${link}`)}</span>
        ${prefs.muted ? html`<button type="button" class="top-button muted-note" @click=${() => setPrefs({ muted: false })}>${t("header.muted")}</button>` : nothing}
        <span class="spacer"></span>
        <time class="server-clock" title=${t("header.serverTime")}></time>
        <button type="button" class="button small new-call" @click=${() => desk.open("new")}><kbd>N</kbd> ${t("action.newCall")}</button>
        <button type="button" class="top-button" aria-label=${t("notices.title")} @click=${() => desk.open("notices")}>
          <svg class="top-icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a6 6 0 0 0-6 6v4.5L4 17h16l-2-3.5V9a6 6 0 0 0-6-6zM9.5 19a2.5 2.5 0 0 0 5 0z"></path></svg>${this.store.unread > 0 ? html`<b class="badge">${this.store.unread > 99 ? "99+" : this.store.unread}</b>` : nothing}</button>
        <div class="menu">
          <button type="button" class="top-button" aria-expanded=${this.menuOpen ? "true" : "false"} @click=${() => this.toggleMenu(!this.menuOpen)}>${t("header.menu")} ▾</button>
          ${this.menuOpen ? this.menu() : nothing}
        </div>
      </header>`;
  }

  menu() {
    return html`<div class="menu-list">
      <a href="/console/wall" target="brigada-wall">${t("menu.wall")}</a>
      <a href="/console/replay">${t("menu.replay")}</a>
      <a href="/console/reports">${t("menu.reports")}</a>
      ${session.me?.role === "admin" ? html`<a href="/console/admin/teams">${t("menu.admin")}</a>` : nothing}
      <button type="button" @click=${() => this.emit("help")}>${t("menu.help")} <kbd class="always">${prefs.singleKeys ? "?" : "F1"}</kbd></button>
      <button type="button" @click=${() => setPrefs({ theme: prefs.theme === "night" ? "day" : "night" })}>${prefs.theme === "night" ? t("theme.toDay") : t("theme.toNight")}</button>
      <button type="button" lang=${prefs.lang === "ru" ? "en" : "ru"} @click=${() => setPrefs({ lang: prefs.lang === "ru" ? "en" : "ru" })}>${prefs.lang === "ru" ? "English" : "Русский"}</button>
      <button type="button" @click=${() => setPrefs({ muted: !prefs.muted })}>${prefs.muted ? t("menu.unmute") : t("menu.mute")}</button>
      <button type="button" @click=${() => setPrefs({ singleKeys: !prefs.singleKeys })}>${prefs.singleKeys ? t("menu.keysOff") : t("menu.keysOn")}</button>
      <button type="button" @click=${() => void signOut()}>${t("menu.signOut")}</button>
    </div>`;
  }
}
customElements.define("br-header", Header);
