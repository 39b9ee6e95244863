// The card of a team: crew, car, shift, where it is and how old that is, its work, its track of the last hour.

import { ApiProblem, api, post } from "../core/api.js";
import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, duration, shortName, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { desk } from "./desk.js";

const TRACK_MS = 3600_000;

class TeamCard extends Element {
  static properties = { teamId: { attribute: false } };

  constructor() {
    super();
    /** @type {number | null} */
    this.teamId = null;
    this.note = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.requestUpdate()));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("teamId")) this.note = "";
  }

  /** @param {number} teamId */
  async track(teamId) {
    const to = new Date(serverNow()).toISOString();
    const from = new Date(serverNow() - TRACK_MS).toISOString();
    try {
      const answer = await api(`/positions/${teamId}/track?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
      const points = answer.items ?? answer.points ?? [];
      desk.route = points.length > 1 ? [points.map((/** @type {any} */ item) => [item.lon ?? item.location?.lon, item.lat ?? item.location?.lat])] : [];
      this.note = points.length > 1 ? t("team.trackPoints", { n: points.length }) : t("team.noTrack");
      desk.changed();
    } catch (error) {
      this.note = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  /** @param {number} teamId @param {"break" | "resume"} what */
  pause(teamId, what) {
    void desk.command(async () => {
      await post(`/teams/${teamId}/${what}`);
    });
  }

  render() {
    const team = this.teamId === null ? undefined : this.store.teams.get(this.teamId);
    if (!team) return html`<p class="pane-note muted">${t("team.gone")}</p>`;
    const work = this.store.work.get(team.id);
    const state = this.store.teamState(team.id);
    const { position, ageS, stale } = this.store.fix(team.id);
    const station = team.station_id == null ? undefined : this.store.stations.get(team.station_id);
    const resting = state === "break";
    return html`<article class="card" aria-label=${t("team.short", { name: team.name })}>
      <header class="card-head"><div class="card-title"><h2>${t("team.long", { name: team.name })}</h2><p class="muted">${t(`profile.${team.profile}`)}</p></div>
        <b class="team-state ${state}">${t(`teamState.${state}`)}</b>
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header>
      <dl class="facts">
        <div class="wide"><dt>${t("team.crew")}</dt><dd>${(team.members ?? []).map((member) => html`<span class="member">${shortName(member)}${member.phone ? html` <a href="tel:${member.phone}">${member.phone}</a>` : nothing}</span>`)}</dd></div>
        <div><dt>${t("team.car")}</dt><dd>${team.car ? `${team.car.number}${team.car.class ? `, ${t("car.class", { value: team.car.class })}` : ""}` : "—"}${team.car?.serviceable === false ? html`<br /><b class="warn-note">${t("car.outOfService")}</b>` : nothing}</dd></div>
        <div><dt>${t("team.shift")}</dt><dd>${shortTime(team.shift_start)}–${shortTime(team.shift_end)}</dd></div>
        <div><dt>${t("team.station")}</dt><dd>${station?.name ?? "—"}</dd></div>
        <div><dt>${t("team.position")}</dt><dd class=${stale ? "warn-note" : ""}>${position ? (stale ? `? ${t("fix.old", { age: duration(ageS) })}` : t("fix.age", { age: duration(ageS) })) : t("fix.none")}
          ${position ? html`<button type="button" class="quiet" @click=${() => this.emit("look-point", position)}>${t("action.onMap")}</button>` : nothing}</dd></div>
        ${work ? html`<div class="wide"><dt>${t("team.work")}</dt><dd><button type="button" class="quiet" @click=${() => desk.openCall(work.call.id)}>${callNumber(work.call)}</button> ${work.call.address} · <b>${t(`status.${work.assignment.status}`)}</b></dd></div>` : nothing}
      </dl>
      <div class="buttons">
        <button type="button" class="button small" @click=${() => void this.track(team.id)}>${t("team.track")}</button>
        ${work ? nothing : html`<button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} @click=${() => this.pause(team.id, resting ? "resume" : "break")}>${resting ? t("team.resume") : t("team.break")}</button>`}
      </div>
      ${this.note ? html`<p class="pane-note muted" role="status">${this.note}</p>` : nothing}
    </article>`;
  }
}
customElements.define("br-team-card", TeamCard);
