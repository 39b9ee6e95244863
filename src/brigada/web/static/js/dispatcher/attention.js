// What asks for attention now: past the norm, not accepted by the crew, no signal from a busy team.

import { everySecond } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, callNumber, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { activeOf } from "../core/store.js";
import { desk } from "./desk.js";

// A crew accepts within half a minute; after a whole one somebody should call them.
const ACCEPT_WITHIN_S = 60;
const SHOWN = 40;

/** @typedef {{key: string, text: string, ageS: number, alarm: boolean, open: () => void}} Matter */

/** @param {import("../core/store.js").Store} store @returns {Matter[]} */
export function matters(store) {
  /** @type {Matter[]} */
  const found = [];
  for (const call of store.calls.values()) {
    const age = ageS(call.received_at);
    const active = activeOf(call);
    const reached = active.some((assignment) => assignment.milestones?.on_scene_at);
    if (!reached && age > store.targetS(call)) {
      found.push({ key: `late-${call.id}`, text: t("attention.late", { call: callNumber(call), address: call.address }), ageS: age, alarm: true, open: () => desk.openCall(call.id) });
    }
    if (!call.location) {
      found.push({ key: `place-${call.id}`, text: t("attention.noPoint", { call: callNumber(call), address: call.address }), ageS: age, alarm: false, open: () => desk.openCall(call.id) });
    }
    for (const assignment of active) {
      const since = assignment.milestones?.assigned_at ?? null;
      const waits = since ? ageS(since) : 0;
      const name = store.teams.get(assignment.team_id)?.name ?? "";
      if (assignment.status === "assigned" && waits > ACCEPT_WITHIN_S) {
        found.push({ key: `ack-${assignment.id}`, text: t("attention.notAccepted", { team: name, call: callNumber(call) }), ageS: waits, alarm: false, open: () => desk.openCall(call.id) });
      }
      const { ageS: fixAge, stale } = store.fix(assignment.team_id);
      if (stale) {
        found.push({ key: `fix-${assignment.team_id}`, text: t("attention.noSignal", { team: name }), ageS: fixAge, alarm: false, open: () => desk.openTeam(assignment.team_id) });
      }
    }
  }
  return found.sort((a, b) => Number(b.alarm) - Number(a.alarm) || b.ageS - a.ageS);
}

class Attention extends Element {
  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.requestUpdate()));
  }

  render() {
    if (this.store.phase !== "ready") return nothing;
    const items = matters(this.store);
    return html`<section class="card attention" aria-label=${t("attention.title")}>
      <header class="board-head"><h2 class="section-title">${t("attention.title")} <span class="count">${items.length}</span></h2></header>
      ${items.length === 0 ? html`<p class="pane-note muted">${t("attention.nothing")}</p>` : nothing}
      <ul>${items.slice(0, SHOWN).map(
        (item) => html`<li><button type="button" class="matter ${item.alarm ? "alarm" : ""}" @click=${item.open}>
          <span>${item.alarm ? "⚠ " : ""}${item.text}</span><span class="age">${Number.isFinite(item.ageS) ? duration(item.ageS) : "—"}</span></button></li>`,
      )}</ul>
      ${items.length > SHOWN ? html`<p class="pane-note muted">${t("attention.more", { n: items.length - SHOWN })}</p>` : nothing}
    </section>`;
  }
}
customElements.define("br-attention", Attention);
