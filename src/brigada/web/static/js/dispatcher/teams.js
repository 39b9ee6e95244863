// All teams on one list: who is free and where, who works on what and for how long yet.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { callNumber, duration, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { dueAt } from "../core/store.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Team} Team @typedef {"free" | "work" | "break" | "no_car" | "off_shift"} Group */

/** @type {Group[]} */
const GROUPS = ["free", "work", "break", "no_car", "off_shift"];

class Teams extends Element {
  static properties = { only: { attribute: false } };

  constructor() {
    super();
    /** Those to show; all when empty. @type {number[]} */
    this.only = [];
    this.query = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
  }

  tick() {
    for (const element of this.querySelectorAll("[data-team-time]")) element.textContent = this.time(Number(element.getAttribute("data-team-time")));
  }

  updated() {
    this.tick();
  }

  /** @param {number} teamId @returns {Group} */
  group(teamId) {
    const state = this.store.teamState(teamId);
    return GROUPS.find((group) => group === state) ?? "work";
  }

  /** How old its position is while it is free, when it arrives while it drives. @param {number} teamId */
  time(teamId) {
    const due = dueAt(this.store.work.get(teamId)?.assignment ?? /** @type {any} */ ({ status: "" }));
    if (due) {
      const seconds = (Date.parse(due) - serverNow()) / 1000;
      return seconds > 0 ? t("call.arrivesIn", { time: duration(seconds) }) : t("call.arrivesNow");
    }
    const { position, ageS, stale } = this.store.fix(teamId);
    if (!position) return t("fix.none");
    return stale ? `? ${t("fix.old", { age: duration(ageS) })}` : t("fix.age", { age: duration(ageS) });
  }

  /** @param {Team} team */
  row(team) {
    const state = this.store.teamState(team.id);
    const work = this.store.work.get(team.id);
    const station = team.station_id === null ? undefined : this.store.stations.get(team.station_id);
    const where = work ? `${callNumber(work.call)} · ${work.call.address}` : station ? station.name : "";
    return html`<li><button type="button" class="team-row" @click=${() => desk.openTeam(team.id)}>
      <span class="team-mark ${state}" aria-hidden="true"></span>
      <span class="team-name"><b>${t("team.short", { name: team.name })}</b> ${t(`profile.${team.profile}`)}</span>
      <span class="team-now">${work ? t(`teamState.${state}`) : t("team.until", { time: shortTime(team.shift_end) })}</span>
      <span class="team-where">${where}</span><span class="team-time" data-team-time=${team.id}></span></button></li>`;
  }

  render() {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    const only = new Set(this.only);
    const teams = [...this.store.teams.values()].filter((team) => {
      if (only.size > 0 && !only.has(team.id)) return false;
      const station = team.station_id === null ? "" : (this.store.stations.get(team.station_id)?.name ?? "");
      const hay = `${team.name} ${t(`profile.${team.profile}`)} ${station} ${team.car?.number ?? ""} ${(team.members ?? []).map((member) => member.surname).join(" ")}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    });
    return html`<section class="card teams-panel" aria-label=${t("teams.title")}>
      <header class="card-head"><div class="card-title"><h2>${only.size > 0 ? t("teams.here") : t("teams.title")} <span class="count">${teams.length}</span></h2></div>
        ${only.size > 0 ? html`<button type="button" class="quiet" @click=${() => desk.openTeams()}>${t("teams.all")}</button>` : nothing}
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header>
      <input type="search" aria-label=${t("teams.search")} placeholder=${t("teams.search")} .value=${this.query}
        @input=${(/** @type {InputEvent} */ event) => {
          this.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
          this.requestUpdate();
        }} />
      ${GROUPS.map((group) => {
        const members = teams.filter((team) => this.group(team.id) === group);
        if (members.length === 0) return nothing;
        return html`<div class="team-group"><h3 class="section-title">${t(`teams.group.${group}`)} <span class="count">${members.length}</span></h3>
          <ul>${repeat(members, (team) => team.id, (team) => this.row(team))}</ul></div>`;
      })}
      ${teams.length === 0 ? html`<p class="pane-note muted">${this.store.phase === "loading" ? t("state.loading") : this.store.phase === "failed" ? t("state.failed") : this.store.teams.size === 0 ? t("teams.none") : t("board.nothingFound")}</p>` : nothing}
    </section>`;
  }
}
customElements.define("br-teams", Teams);
