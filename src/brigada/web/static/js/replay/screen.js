// The board and the map at any past second: a slider, marks of what happened, from the log and the tracks.

import { ApiProblem, api } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing, svg } from "../core/element.js";
import { callNumber, clockTime, dateTime, duration } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { chord, isTyping } from "../core/keys.js";
import { activeOf, byUrgency } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import "../parts/map.js";
import { Past } from "./past.js";
import { fieldValue, fromField } from "./zone.js";

const WINDOW_S = 3600;
const FRAME_MS = 250;
const SPEEDS = [1, 10, 60];
// What a keyboard's arrow moves by, seconds.
const STEP_S = 10;
// What the line shows as a mark: who came in, who was sent, who arrived, what went wrong.
const MARKED = ["call.created", "assignment.created", "assignment.step", "assignment.troubled", "assignment.declined", "call.completed", "call.rejected"];
const TROUBLE = ["assignment.troubled", "assignment.declined", "call.waiting_again"];
const LISTED = 14;

class Replay extends Element {
  constructor() {
    super();
    /** Start of the hour on show. */
    this.start = Math.floor((serverNow() - WINDOW_S * 1000) / 60_000) * 60_000;
    this.offsetS = 0;
    /** @type {Past | null} */
    this.past = null;
    /** @type {"idle" | "loading" | "ready" | "failed"} */
    this.phase = "idle";
    this.problem = "";
    this.speed = 10;
    this.playing = false;
    this.asked = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    const key = (/** @type {KeyboardEvent} */ event) => this.key(event);
    addEventListener("keydown", key);
    this.stops.push(() => removeEventListener("keydown", key), () => clearInterval(this.timer));
    if (this.store.phase === "ready") void this.load();
  }

  storeChanged() {
    if (this.phase === "idle" && this.store.phase === "ready") void this.load();
  }

  get at() {
    return this.start + this.offsetS * 1000;
  }

  get lengthS() {
    return this.past ? Math.round((this.past.until - this.past.since) / 1000) : WINDOW_S;
  }

  async load() {
    const asked = ++this.asked;
    this.pause();
    this.phase = "loading";
    this.past = null;
    this.requestUpdate();
    const from = new Date(this.start).toISOString();
    const to = new Date(this.start + WINDOW_S * 1000).toISOString();
    try {
      const answer = await api(`/replay?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`, { timeoutMs: 60_000 });
      if (asked !== this.asked) return;
      this.past = new Past(answer);
      this.offsetS = Math.min(this.offsetS, this.lengthS);
      this.phase = "ready";
    } catch (error) {
      if (asked !== this.asked) return;
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  /** @param {number} second */
  go(second) {
    this.offsetS = Math.min(this.lengthS, Math.max(0, second));
    this.requestUpdate();
  }

  pause() {
    this.playing = false;
    clearInterval(this.timer);
    this.requestUpdate();
  }

  play() {
    if (this.playing) return this.pause();
    if (!this.past) return;
    if (this.offsetS >= this.lengthS) this.offsetS = 0;
    this.playing = true;
    this.timer = setInterval(() => {
      this.go(this.offsetS + (this.speed * FRAME_MS) / 1000);
      if (this.offsetS >= this.lengthS) this.pause();
    }, FRAME_MS);
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isTyping(event.target)) return;
    const keys = chord(event);
    const slider = event.target instanceof HTMLInputElement;
    if (keys === "Space" && !(event.target instanceof HTMLButtonElement)) this.play();
    else if (keys === "ArrowLeft" && !slider) this.go(this.offsetS - STEP_S);
    else if (keys === "ArrowRight" && !slider) this.go(this.offsetS + STEP_S);
    else return;
    event.preventDefault();
  }

  /** @param {number} hours */
  shift(hours) {
    this.start = Math.min(this.start + hours * 3600_000, serverNow() - 60_000);
    this.offsetS = 0;
    void this.load();
  }

  /** @param {Event} event */
  choose(event) {
    const at = fromField(/** @type {HTMLInputElement} */ (event.target).value, this.store.settings.time_zone);
    if (!Number.isFinite(at)) return;
    this.start = Math.min(at, serverNow() - 60_000);
    this.offsetS = 0;
    void this.load();
  }

  /** Marks over the line, one for each thing that happened. */
  marks() {
    const { past } = this;
    if (!past) return nothing;
    const entries = past.entries.filter((entry) => MARKED.includes(entry.kind));
    return html`<svg class="replay-marks" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">${entries.map((entry) => {
      const x = ((Date.parse(entry.at) - past.since) / (past.until - past.since)) * 1000;
      return svgMark(x, entry.kind);
    })}</svg>`;
  }

  /** @param {import("./past.js").Entry} entry */
  entryText(entry) {
    const call = this.past?.calls.find((item) => item.id === entry.call_id);
    const teamId = entry.data.assignment?.team_id ?? entry.data.team?.id;
    const team = teamId ? this.past?.teams.find((item) => item.id === teamId)?.name : undefined;
    const status = entry.kind === "assignment.step" ? entry.data.assignment?.status : undefined;
    return [status ? tOr(`status.${status}`, status) : tOr(`event.${entry.kind}`, entry.kind), team ? t("team.short", { name: team }) : "", call ? callNumber(call) : ""].filter(Boolean).join(" · ");
  }

  /** What had just happened, the latest first; a click goes there. */
  happened() {
    const entries = (this.past?.entries ?? []).filter((entry) => Date.parse(entry.at) <= this.at).slice(-LISTED).reverse();
    return html`<section class="replay-log" aria-label=${t("replay.happened")}><h2 class="section-title">${t("replay.happened")}</h2>
      ${entries.length === 0 && this.phase === "ready" ? html`<p class="muted">${t("replay.nothingYet")}</p>` : nothing}
      <ol>${entries.map((entry) => html`<li class=${TROUBLE.includes(entry.kind) ? "trouble" : ""}><button type="button" class="replay-entry" @click=${() => this.go((Date.parse(entry.at) - this.start) / 1000)}>
        <time>${clockTime(entry.at)}</time><span>${this.entryText(entry)}${entry.actor.name ? html` <span class="muted">${entry.actor.name}</span>` : nothing}</span></button></li>`)}</ol></section>`;
  }

  /** @param {import("../types.js").Call[]} calls */
  list(calls) {
    if (this.phase === "ready" && calls.length === 0) return html`<p class="pane-note muted">${t("replay.noCalls")}</p>`;
    return html`<ol class="wall-list" aria-label=${t("replay.calls")}>${calls.map((call) => {
      const active = activeOf(call);
      const names = active.map((assignment) => this.past?.teams.find((team) => team.id === assignment.team_id)?.name ?? `#${assignment.team_id}`);
      const reached = active.some((assignment) => assignment.milestones.on_scene_at);
      const seconds = (this.at - Date.parse(call.received_at)) / 1000;
      const late = !reached && seconds > this.store.targetS(call);
      return html`<li>${critMark(call.criticality)}<span><b>${this.store.reasonOf(call)}</b><br />${call.address}<br /><small class="muted">${names.length > 0 ? `${t("team.short", { name: names.join(", ") })} · ${t(`status.${active[0]?.status}`)}` : t("callStatus.new")}</small></span>
        <span class="timer ${late ? "late" : ""}">${late ? "⚠ " : ""}${duration(seconds)}<br /><small>${callNumber(call)}</small></span></li>`;
    })}</ol>`;
  }

  bar() {
    return html`<section class="replay-bar" aria-label=${t("replay.slider")}>
      <button type="button" class="button small primary replay-play" ?disabled=${!this.past} @click=${() => this.play()}>${this.playing ? `❚❚ ${t("replay.pause")}` : `▶ ${t("replay.play")}`}</button>
      <div class="replay-speeds" role="group" aria-label=${t("replay.speed")}>${SPEEDS.map((speed) => html`<button type="button" class="button small" aria-pressed=${this.speed === speed ? "true" : "false"} @click=${() => {
        this.speed = speed;
        this.requestUpdate();
      }}>×${speed}</button>`)}</div>
      <span class="replay-end">${clockTime(this.start)}</span>
      <div class="replay-line">${this.marks()}<input type="range" min="0" max=${this.lengthS} step="1" aria-label=${t("replay.slider")} aria-valuetext=${dateTime(this.at)} ?disabled=${!this.past} .value=${String(Math.round(this.offsetS))} @input=${(/** @type {InputEvent} */ event) => this.go(Number(/** @type {HTMLInputElement} */ (event.target).value))} /></div>
      <span class="replay-end">${clockTime(this.start + this.lengthS * 1000)}</span></section>`;
  }

  render() {
    const picture = this.past?.pictureAt(this.at, this.store.staleAfterS) ?? { calls: [], teams: [] };
    const calls = picture.calls.sort(byUrgency);
    return html`<div class="wall replay">
      <header class="topbar"><h1 class="wall-title">${t("replay.title")}</h1>
        <span class="replay-hour"><button type="button" class="top-button" aria-label=${t("replay.earlier")} @click=${() => this.shift(-1)}>‹</button>
        <label class="replay-from"><span>${t("replay.from")}</span> <input type="datetime-local" .value=${fieldValue(this.start, this.store.settings.time_zone)} @change=${this.choose} /></label>
        <button type="button" class="top-button" aria-label=${t("replay.later")} @click=${() => this.shift(1)}>›</button></span>
        <span class="spacer"></span><b class="server-clock">${dateTime(this.at)}</b><a class="top-button link" href="/">${t("menu.desk")}</a></header>
      <div class="replay-head">${this.bar()}
        <p class="replay-note muted" role="status">${this.phase === "loading" || this.phase === "idle" ? t("state.loading") : this.phase === "ready" ? t("replay.counts", { calls: picture.calls.length, teams: picture.teams.length }) : ""}${this.past && !this.past.complete ? ` ${t("replay.incomplete")}` : ""}</p>
        ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}</div>
      <main class="wall-main"><br-map .picture=${picture}></br-map><div class="replay-side">${this.list(calls)}${this.happened()}</div></main></div>`;
  }
}
customElements.define("br-replay", Replay);

/** @param {number} x @param {string} kind */
function svgMark(x, kind) {
  const tall = kind === "call.created" || TROUBLE.includes(kind);
  return svg`<line x1=${x} x2=${x} y1=${tall ? 0 : 6} y2="14" class=${TROUBLE.includes(kind) ? "trouble" : tall ? "call" : "step"}></line>`;
}
