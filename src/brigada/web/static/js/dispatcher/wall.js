// The wall map: a second window with the map, the counters and the calls that wait longest.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, callNumber, clockTime, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { critMark } from "../parts/crit.js";
import "../parts/map.js";

const SHOWN = 12;

class Wall extends Element {
  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.requestUpdate()));
  }

  render() {
    const waiting = this.store.phase === "ready" ? this.store.waiting() : [];
    const teams = [...this.store.teams.values()];
    const free = teams.filter((team) => this.store.teamState(team.id) === "free").length;
    return html`<div class="wall ${this.store.link === "lost" ? "disconnected" : ""}">
      <header class="topbar"><h1 class="wall-title">${t("wall.title")}</h1>
        <span class="counter">${t("header.waiting")} <b>${waiting.length}</b></span><span class="counter">${t("header.free")} <b>${free}/${teams.length}</b></span>
        <span class="link-state ${this.store.link}">${this.store.link === "live" ? "●" : "✕"} ${t(`link.${this.store.link}`)}</span>
        <span class="spacer"></span><time class="server-clock">${clockTime(serverNow())}</time></header>
      ${this.store.link === "lost" ? html`<div class="link-banner" role="alert"><b>${t("link.banner")}</b> <span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })}</span></div>` : nothing}
      <main class="wall-main"><br-map></br-map>
        <ol class="wall-list" aria-label=${t("board.waiting")}>${waiting.slice(0, SHOWN).map((call) => {
          const age = ageS(call.received_at);
          const late = age > this.store.targetS(call);
          return html`<li>${critMark(call.criticality)}<span><b>${this.store.reasonOf(call)}</b><br />${call.address}</span>
            <span class="timer ${late ? "late" : ""}">${late ? "⚠ " : ""}${duration(age)}<br /><small>${callNumber(call)}</small></span></li>`;
        })}</ol></main>
    </div>`;
  }
}
customElements.define("br-wall", Wall);
