// The board and the map at any past second, with a slider, from the calls' milestones and the tracks.

import { ApiProblem, all, api } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, dateTime, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { activeOf, byUrgency } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import "../parts/map.js";
import { pictureAt } from "./past.js";

/** @typedef {import("./past.js").Past} Past */

const WINDOW_S = 3600;
// A call may have been open for long when the hour began.
const LOOK_BACK_MS = 12 * 3600_000;
const FRAME_MS = 250;
const AT_ONCE = 6;

class Replay extends Element {
  constructor() {
    super();
    /** Start of the hour on show. */
    this.start = Math.floor((serverNow() - WINDOW_S * 1000) / 60_000) * 60_000;
    this.offsetS = WINDOW_S;
    /** @type {Past | null} */
    this.past = null;
    /** @type {"idle" | "loading" | "ready" | "failed"} */
    this.phase = "idle";
    this.problem = "";
    this.speed = 0;
    this.loaded = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(() => clearInterval(this.timer));
    if (this.store.phase === "ready") void this.load();
  }

  storeChanged() {
    if (this.phase === "idle" && this.store.phase === "ready") void this.load();
    this.requestUpdate();
  }

  get at() {
    return this.start + this.offsetS * 1000;
  }

  async load() {
    this.phase = "loading";
    this.loaded = 0;
    this.past = null;
    this.requestUpdate();
    const from = new Date(this.start).toISOString();
    const to = new Date(this.start + WINDOW_S * 1000).toISOString();
    const before = new Date(this.start - LOOK_BACK_MS).toISOString();
    try {
      const [calls, living, ended] = await Promise.all([
        all(`/calls?from=${encodeURIComponent(before)}&to=${encodeURIComponent(to)}`, 5000),
        all("/teams"),
        all("/teams?ended=true", 400),
      ]);
      const teams = [...living, ...ended].filter((team) => Date.parse(team.shift_start) < this.start + WINDOW_S * 1000 && Date.parse(team.ended_at ?? team.shift_end) > this.start);
      /** @type {Past} */
      const past = { calls, teams, tracks: new Map() };
      this.past = past;
      const queue = [...teams];
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let team = queue.shift(); team; team = queue.shift()) {
          past.tracks.set(team.id, await trackOf(team.id, from, to));
          this.loaded += 1;
          this.requestUpdate();
        }
      }));
      this.phase = "ready";
    } catch (error) {
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  /** @param {number} speed */
  play(speed) {
    this.speed = this.speed === speed ? 0 : speed;
    clearInterval(this.timer);
    if (this.speed > 0) {
      if (this.offsetS >= WINDOW_S) this.offsetS = 0;
      this.timer = setInterval(() => {
        this.offsetS = Math.min(WINDOW_S, this.offsetS + (this.speed * FRAME_MS) / 1000);
        if (this.offsetS >= WINDOW_S) this.play(this.speed);
        this.requestUpdate();
      }, FRAME_MS);
    }
    this.requestUpdate();
  }

  /** @param {Event} event */
  choose(event) {
    const at = new Date(/** @type {HTMLInputElement} */ (event.target).value).getTime();
    if (!Number.isFinite(at)) return;
    this.start = Math.min(at, serverNow() - 1000);
    this.offsetS = 0;
    void this.load();
  }

  fieldTime() {
    const date = new Date(this.start);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }

  list() {
    const calls = this.past ? pictureAt(this.past, this.at, this.store.staleAfterS).calls.sort(byUrgency) : [];
    if (this.phase === "ready" && calls.length === 0) return html`<p class="pane-note muted">${t("replay.noCalls")}</p>`;
    return html`<ol class="wall-list" aria-label=${t("replay.calls")}>${calls.map((call) => {
      const active = activeOf(call);
      const names = active.map((assignment) => this.past?.teams.find((team) => team.id === assignment.team_id)?.name ?? `#${assignment.team_id}`);
      return html`<li>${critMark(call.criticality)}<span><b>${this.store.reasonOf(call)}</b><br />${call.address}<br /><small class="muted">${names.length > 0 ? `${t("team.short", { name: names.join(", ") })} · ${t(`status.${active[0]?.status}`)}` : t("callStatus.new")}</small></span>
        <span class="timer">${duration((this.at - Date.parse(call.received_at)) / 1000)}<br /><small>${callNumber(call)}</small></span></li>`;
    })}</ol>`;
  }

  render() {
    const picture = this.past ? pictureAt(this.past, this.at, this.store.staleAfterS) : { calls: [], teams: [] };
    return html`<div class="wall replay">
      <header class="topbar"><h1 class="wall-title">${t("replay.title")}</h1>
        <label class="replay-from"><span>${t("replay.from")}</span> <input type="datetime-local" .value=${this.fieldTime()} @change=${this.choose} /></label>
        <span class="spacer"></span><b class="server-clock">${dateTime(this.at)}</b><a class="top-button link" href="/">${t("menu.desk")}</a></header>
      <section class="replay-bar" aria-label=${t("replay.slider")}><input type="range" min="0" max=${WINDOW_S} step="1" aria-label=${t("replay.slider")} aria-valuetext=${dateTime(this.at)} .value=${String(Math.round(this.offsetS))} @input=${(/** @type {InputEvent} */ event) => {
          this.offsetS = Number(/** @type {HTMLInputElement} */ (event.target).value);
          this.requestUpdate();
        }} />
        ${[1, 10, 60].map((speed) => html`<button type="button" class="button small" aria-pressed=${this.speed === speed ? "true" : "false"} @click=${() => this.play(speed)}>${this.speed === speed ? "❚❚" : "▶"} ×${speed}</button>`)}
        <span class="muted" role="status">${this.phase === "loading" ? t("replay.loading", { n: this.loaded }) : this.phase === "ready" ? t("replay.counts", { calls: picture.calls.length, teams: picture.teams.length }) : ""}</span>
        ${this.phase === "failed" ? html`<span role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></span>` : nothing}</section>
      <main class="wall-main"><br-map .picture=${picture}></br-map>${this.list()}</main></div>`;
  }
}
customElements.define("br-replay", Replay);

/** @param {number} teamId @param {string} from @param {string} to @returns {Promise<import("./past.js").Fix[]>} */
async function trackOf(teamId, from, to) {
  const answer = await api(`/positions/${teamId}/track?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
  const points = answer.items ?? answer.points ?? [];
  return points.map((/** @type {any} */ item) => ({ at: Date.parse(item.at), lat: item.lat ?? item.location?.lat, lon: item.lon ?? item.location?.lon }));
}
