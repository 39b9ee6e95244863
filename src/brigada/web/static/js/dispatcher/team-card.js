// The card of a team: crew, car, shift, where it is and how old that is, its work, its track of the last hour, where to wait.

import { ApiProblem, api, post } from "../core/api.js";
import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, clockTime, duration, shortName, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { dueAt } from "../core/store.js";
import { desk } from "./desk.js";
import { postLine, postsFor } from "./freed.js";
import { ruleTitle } from "./attention.js";
import { openAlarms, takeAlarm } from "./sos.js";

const TRACK_MS = 3600_000;
const POSTS_SHOWN = 3;

class TeamCard extends Element {
  static properties = { teamId: { attribute: false } };

  constructor() {
    super();
    /** @type {number | null} */
    this.teamId = null;
    this.note = "";
    this.trackShown = false;
    /** Whether the track is on its way. */
    this.trackAsked = false;
    /** @type {import("./freed.js").Post[] | null} */
    this.posts = null;
    /** @type {"" | "loading" | "failed"} */
    this.postsPhase = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.tick()));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("teamId")) return;
    this.note = "";
    this.trackShown = false;
    this.trackAsked = false;
    this.posts = null;
    this.postsPhase = "";
  }

  tick() {
    const fix = this.find(".team-fix");
    if (fix && this.teamId !== null) {
      fix.textContent = this.fixText(this.teamId);
      fix.classList.toggle("warn-note", this.store.fix(this.teamId).stale);
    }
    const due = this.find("time[data-due]");
    if (due) {
      const seconds = (Date.parse(due.getAttribute("data-due") ?? "") - serverNow()) / 1000;
      due.textContent = seconds > 0 ? t("assignment.eta", { time: duration(seconds) }) : t("call.arrivesNow");
    }
  }

  updated() {
    this.tick();
  }

  /** @param {number} teamId */
  fixText(teamId) {
    const { position, ageS, stale } = this.store.fix(teamId);
    if (!position) return t("fix.none");
    return stale ? `? ${t("fix.old", { age: duration(ageS) })}` : t("fix.age", { age: duration(ageS) });
  }

  /** Whether the card still shows this team. @param {number} teamId */
  shows(teamId) {
    return this.isConnected && teamId === this.teamId;
  }

  /** @param {number} teamId */
  async track(teamId) {
    if (this.trackShown) {
      this.trackShown = false;
      this.note = "";
      desk.track = [];
      desk.changed();
      return;
    }
    this.note = t("state.loading");
    this.trackAsked = true;
    this.requestUpdate();
    const to = new Date(serverNow()).toISOString();
    const from = new Date(serverNow() - TRACK_MS).toISOString();
    try {
      const answer = await api(`/positions/${teamId}/track?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
      if (!this.shows(teamId)) return;
      const points = answer.items ?? [];
      this.trackShown = points.length > 1;
      desk.track = this.trackShown ? [points.map((/** @type {any} */ item) => [item.lon, item.lat])] : [];
      this.note = this.trackShown ? t("team.trackPoints", { n: answer.total ?? points.length }) : t("team.noTrack");
      desk.changed();
    } catch (error) {
      if (!this.shows(teamId)) return;
      this.note = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.trackAsked = false;
    this.requestUpdate();
  }

  /** @param {number} teamId */
  async whereToWait(teamId) {
    this.postsPhase = "loading";
    this.requestUpdate();
    try {
      const posts = await postsFor(teamId);
      if (!this.shows(teamId)) return;
      this.posts = posts;
      this.postsPhase = "";
    } catch {
      if (!this.shows(teamId)) return;
      this.postsPhase = "failed";
    }
    this.requestUpdate();
  }

  /** @param {number} teamId @param {"break" | "resume"} what */
  pause(teamId, what) {
    void desk.command(async () => {
      await post(`/teams/${teamId}/${what}`);
    });
  }

  /** @param {import("../types.js").Team} team */
  facts(team) {
    const work = this.store.work.get(team.id);
    const position = this.store.positions.get(team.id);
    const station = team.station_id == null ? undefined : this.store.stations.get(team.station_id);
    const due = work ? dueAt(work.assignment) : null;
    return html`<dl class="facts">
      ${work ? html`<div class="wide"><dt>${t("team.work")}</dt><dd><button type="button" class="quiet inline" @click=${() => desk.openCall(work.call.id)}>${callNumber(work.call)}</button> ${work.call.address}<br /><b>${t(`status.${work.assignment.status}`)}</b>${due ? html` · <time data-due=${due}></time>` : nothing}</dd></div>` : nothing}
      <div class="wide"><dt>${t("team.position")}</dt><dd><span class="team-fix"></span>
        ${position ? html`<button type="button" class="quiet inline" @click=${() => this.emit("look-point", position)}>${t("action.onMap")}</button>` : nothing}</dd></div>
      <div class="wide"><dt>${t("team.crew")}</dt><dd>${(team.members ?? []).map((member) => html`<span class="member">${shortName(member)}${member.phone ? html` <a href="tel:${member.phone}">${member.phone}</a>` : nothing}</span>`)}</dd></div>
      <div><dt>${t("team.car")}</dt><dd>${team.car ? `${team.car.number}${team.car.class ? `, ${t("car.class", { value: team.car.class })}` : ""}` : "—"}${team.car?.model ? html`<br />${team.car.model}` : nothing}${team.car?.serviceable === false ? html`<br /><b class="warn-note">${t("car.outOfService")}</b>` : nothing}</dd></div>
      <div><dt>${t("team.shift")}</dt><dd>${shortTime(team.shift_start)}–${shortTime(team.shift_end)}</dd></div>
      <div class="wide"><dt>${t("team.station")}</dt><dd>${station?.name ?? "—"}</dd></div>
    </dl>`;
  }

  /** Where it would cover most while it is free. @param {number} teamId */
  standby(teamId) {
    if (this.store.teamState(teamId) !== "free") return nothing;
    return html`<section aria-label=${t("standby.where")}>
      ${this.posts === null
        ? html`<button type="button" class="button small" ?disabled=${this.postsPhase === "loading"} @click=${() => void this.whereToWait(teamId)}>${this.postsPhase === "loading" ? t("state.loading") : t("standby.where")}</button>
          ${this.postsPhase === "failed" ? html`<span class="muted" role="status">${t("error.noLink")}</span>` : nothing}`
        : html`<h3 class="section-title">${t("standby.where")}</h3>
          ${this.posts.length === 0 ? html`<p class="muted">${t("standby.unknown")}</p>` : html`<ol class="posts">${this.posts.slice(0, POSTS_SHOWN).map((item) => html`<li>${postLine(item)}</li>`)}</ol>`}`}
    </section>`;
  }

  render() {
    const team = this.teamId === null ? undefined : this.store.teams.get(this.teamId);
    if (!team) {
      return html`<section class="card"><header class="card-head"><p class="card-title muted">${t("team.gone")}</p>
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header></section>`;
    }
    const work = this.store.work.has(team.id);
    const state = this.store.teamState(team.id);
    const resting = state === "break";
    return html`<article class="card" aria-label=${t("team.short", { name: team.name })}>
      <header class="card-head"><span class="team-mark ${state}" aria-hidden="true"></span>
        <div class="card-title"><h2>${t("team.long", { name: team.name })}</h2><p class="muted">${t(`profile.${team.profile}`)}</p></div>
        <b class="team-state">${t(`teamState.${state}`)}</b>
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header>
      ${openAlarms(this.store).filter((item) => item.team_id === team.id).map((item) => html`<p class="card-alarm"><b>⚠ ${ruleTitle(this.store, item.rule)}</b> ${clockTime(item.since)}
        <button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} @click=${() => takeAlarm(item)}>${t("attention.take")}</button></p>`)}
      ${this.facts(team)}
      <div class="buttons">
        <button type="button" class="button small" aria-pressed=${this.trackShown ? "true" : "false"} ?disabled=${this.trackAsked} @click=${() => void this.track(team.id)}>${t("team.track")}</button>
        ${work ? nothing : html`<button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} @click=${() => this.pause(team.id, resting ? "resume" : "break")}>${resting ? t("team.resume") : t("team.break")}</button>`}
      </div>
      ${this.note ? html`<p class="muted" role="status">${this.note}</p>` : nothing}
      ${this.standby(team.id)}
    </article>`;
  }
}
customElements.define("br-team-card", TeamCard);
