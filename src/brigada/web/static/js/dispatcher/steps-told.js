// Steps that the positions tell of: one click or one key makes them the crew's, nothing happens by itself.

import { Element, html, nothing, repeat } from "../core/element.js";
import { callNumber, clockTime } from "../core/format.js";
import { Attended, HeldOrder } from "../core/held.js";
import { t } from "../core/i18n.js";
import { activeOf, proposedStep } from "../core/store.js";
import { desk } from "./desk.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 */

const SHOWN = 6;

/** On the card: what the positions tell, and the button (key G). @param {Call} call @param {Assignment} assignment */
export function proposedLine(call, assignment) {
  const proposed = proposedStep(assignment);
  if (!proposed) return nothing;
  return html`<p class="told" role="status"><span>${t("gps.told", { step: t(`status.${proposed.step}`), time: clockTime(proposed.at) })}</span>
    <button type="button" class="button small primary" ?disabled=${!desk.canCommand || desk.busy} @click=${() => void desk.confirmProposed(call, assignment)}><kbd>G</kbd> ${t("gps.confirm")}</button></p>`;
}

/** The first step of a call that waits to be confirmed. @param {Call | undefined} call @returns {Assignment | undefined} */
export const toConfirm = (call) => (call ? activeOf(call).find((assignment) => proposedStep(assignment)) : undefined);

/** @typedef {{call: Call, assignment: Assignment}} Told */

class StepsTold extends Element {
  constructor() {
    super();
    /** @type {HeldOrder<Told>} */
    this.order = new HeldOrder((item) => item.assignment.id);
    this.attended = new Attended(() => this.find("ul"), () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(() => this.attended.stop());
  }

  /** @param {Told} told @param {boolean} over */
  row({ call, assignment }, over) {
    const step = t(`status.${assignment.proposed?.step}`);
    const team = t("team.short", { name: this.store.teams.get(assignment.team_id)?.name ?? assignment.team_id });
    return html`<li class="told ${over ? "over" : ""}"><button type="button" class="quiet inline" @click=${() => desk.openCall(call.id)}>${team} · ${callNumber(call)}</button>
      <span>${step}, ${clockTime(assignment.proposed?.at)}</span>
      <button type="button" class="button small" aria-label="${t("gps.confirm")}: ${team}, ${step}" ?disabled=${over || !desk.canCommand || desk.busy} @click=${() => void desk.confirmProposed(call, assignment)}>${t("gps.confirm")}</button></li>`;
  }

  render() {
    /** @type {Told[]} */
    const found = [];
    for (const call of this.store.inWork()) {
      for (const assignment of activeOf(call)) if (proposedStep(assignment)) found.push({ call, assignment });
    }
    const { rows, left } = this.order.arrange(found.slice(0, SHOWN), this.attended.held);
    if (rows.length === 0) return nothing;
    return html`<section class="steps-told" aria-label=${t("gps.title")}><header class="board-head"><h2 class="section-title">${t("gps.title")} <span class="count">${found.length}</span></h2></header>
      <ul @pointerenter=${this.attended.moved} @pointermove=${this.attended.moved} @pointerleave=${this.attended.gone}>${repeat(rows, (item) => item.assignment.id, (item) => this.row(item, left.has(item.assignment.id)))}</ul></section>`;
  }
}
customElements.define("br-steps-told", StepsTold);
