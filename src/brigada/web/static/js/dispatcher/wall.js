// The wall map: a second window with the map, the counters, who waits longest and who is at work.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, callNumber, clockTime, duration, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { activeOf, dueAt } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import "../parts/link-banner.js";
import "../parts/map.js";
import { coverageNow } from "./coverage-now.js";
import "./map-layers.js";

/** @typedef {import("../types.js").Call} Call */

// As many as are read from across a room.
const SHOWN = 12;

class Wall extends Element {
  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(coverageNow.look(() => this.requestUpdate()));
    this.stops.push(coverageNow.watch(() => this.requestUpdate()));
  }

  tick() {
    const clock = this.find(".server-clock");
    if (clock) clock.textContent = clockTime(serverNow());
    for (const element of this.querySelectorAll("time[data-since]")) {
      const seconds = ageS(element.getAttribute("data-since"));
      const late = seconds > Number(element.getAttribute("data-target"));
      element.textContent = `${late ? "⚠ " : ""}${duration(seconds)}`;
      element.classList.toggle("late", late);
    }
    for (const element of this.querySelectorAll("time[data-due]")) {
      const seconds = (Date.parse(element.getAttribute("data-due") ?? "") - serverNow()) / 1000;
      element.textContent = seconds > 0 ? t("call.arrivesIn", { time: duration(seconds) }) : t("call.arrivesNow");
    }
  }

  updated() {
    this.tick();
  }

  /** @param {Call} call */
  row(call) {
    const [first] = activeOf(call);
    const names = activeOf(call).map((item) => t("team.short", { name: this.store.teams.get(item.team_id)?.name ?? item.team_id })).join(", ");
    const due = first ? dueAt(first) : null;
    return html`<li class=${first ? "work" : "waits"}>${critMark(call.criticality)}<span><b>${this.store.reasonOf(call)}</b><br />${call.address}${first ? html`<br /><small class="muted">${names} · ${t(`status.${first.status}`)}</small>` : nothing}</span>
      <span class="wall-time">${first ? (due ? html`<time data-due=${due}></time>` : nothing) : html`<time class="timer" data-since=${call.received_at} data-target=${this.store.targetS(call)}></time>`}<br /><small class="muted">${callNumber(call)}</small></span></li>`;
  }

  /** Everybody who waits before anybody who is served. */
  list() {
    if (this.store.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (this.store.phase === "failed") return html`<p class="pane-note" role="alert">${t("state.failed")} ${t("state.retrying")}</p>`;
    const waiting = this.store.waiting();
    const work = this.store.inWork();
    const shownWork = work.slice(0, Math.max(0, SHOWN - waiting.length));
    return html`<h2 class="section-title">${t("board.waiting")} <span class="count">${waiting.length}</span></h2>
      ${waiting.length === 0 ? html`<p class="pane-note muted">${t("board.nobodyWaits")}</p>` : html`<ol>${waiting.slice(0, SHOWN).map((call) => this.row(call))}</ol>`}
      ${waiting.length > SHOWN ? html`<p class="pane-note muted">${t("attention.more", { n: waiting.length - SHOWN })}</p>` : nothing}
      <h2 class="section-title">${t("board.inWork")} <span class="count">${work.length}</span></h2>
      <ol>${shownWork.map((call) => this.row(call))}</ol>
      ${work.length > shownWork.length ? html`<p class="pane-note muted">${t("attention.more", { n: work.length - shownWork.length })}</p>` : nothing}`;
  }

  render() {
    const waiting = this.store.phase === "ready" ? this.store.waiting() : [];
    const critical = waiting.filter((call) => call.criticality === "critical").length;
    const late = waiting.filter((call) => ageS(call.received_at) > this.store.targetS(call)).length;
    const teams = [...this.store.teams.values()].filter((team) => this.store.onShift(team));
    const free = teams.filter((team) => this.store.teamState(team.id) === "free").length;
    const { answer } = coverageNow;
    return html`<div class="wall live ${this.store.link === "lost" ? "disconnected" : ""}">
      <header class="topbar"><h1 class="wall-title">${t("wall.title")}</h1>
        <span class="counter">${t("header.waiting")} <b>${waiting.length}</b>
          ${critical > 0 ? html`<span class="counter-critical">${critMark("critical")} ${critical}</span>` : nothing}${late > 0 ? html`<span class="counter-critical" title=${t("header.late")}>⚠ ${late}</span>` : nothing}</span>
        <span class="counter">${t("header.free")} <b>${free}/${teams.length}</b></span>
        ${answer ? html`<span class="counter">${t("coverage.title")} <b>${answer.approximate ? "≈ " : ""}${percent(answer.share, answer.share > 0.995 ? 1 : 0)}</b></span>` : nothing}
        <span class="link-state ${this.store.link}"><span class="link-mark" aria-hidden="true"></span> ${t(`link.${this.store.link}`)}</span>
        <span class="spacer"></span><time class="server-clock"></time></header>
      <br-link-banner></br-link-banner>
      <main class="wall-main"><br-map .coverage=${coverageNow.on ? answer : null}></br-map><br-map-layers class="desk-layers"></br-map-layers>
        <section class="wall-list" tabindex="0" aria-label=${t("replay.calls")}>${this.list()}</section></main>
    </div>`;
  }
}
customElements.define("br-wall", Wall);
