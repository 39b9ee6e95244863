// The wall map: a second window with the map, the counters and the calls that wait longest.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, callNumber, clockTime, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { activeOf } from "../core/store.js";
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
    const shown = this.store.phase === "ready" ? [...waiting, ...this.store.inWork()].slice(0, SHOWN) : [];
    const teams = [...this.store.teams.values()];
    const free = teams.filter((team) => this.store.teamState(team.id) === "free").length;
    return html`<div class="wall ${this.store.link === "lost" ? "disconnected" : ""}">
      <header class="topbar"><h1 class="wall-title">${t("wall.title")}</h1>
        <span class="counter">${t("header.waiting")} <b>${waiting.length}</b></span><span class="counter">${t("header.free")} <b>${free}/${teams.length}</b></span>
        <span class="link-state ${this.store.link}">${this.store.link === "live" ? "●" : "✕"} ${t(`link.${this.store.link}`)}</span>
        <span class="spacer"></span><time class="server-clock">${clockTime(serverNow())}</time></header>
      ${this.store.link === "lost" ? html`<div class="link-banner" role="alert"><b>${t("link.banner")}</b> <span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })}</span></div>` : nothing}
      <main class="wall-main"><br-map></br-map>
        <ol class="wall-list" aria-label=${t("replay.calls")}>${shown.map((call) => {
          const age = ageS(call.received_at);
          const active = activeOf(call);
          const late = active.length === 0 && age > this.store.targetS(call);
          return html`<li>${critMark(call.criticality)}<span><b>${this.store.reasonOf(call)}</b><br />${call.address}<br /><small class="muted">${active[0] ? `${active.map((item) => t("team.short", { name: this.store.teams.get(item.team_id)?.name ?? item.team_id })).join(", ")} · ${t(`status.${active[0].status}`)}` : t("callStatus.new")}</small></span>
            <span class="timer ${late ? "late" : ""}">${late ? "⚠ " : ""}${duration(age)}<br /><small>${callNumber(call)}</small></span></li>`;
        })}</ol></main>
    </div>`;
  }
}
customElements.define("br-wall", Wall);
