// The card of a call: where, who, what; whom to send or who is on the way; its time line and its history.

import { patch, post } from "../core/api.js";
import { problemOf } from "../core/attempt.js";
import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { addressDetails, ageS, callNumber, clockTime, duration, patientLine } from "../core/format.js";
import { t } from "../core/i18n.js";
import { ACTIVE, activeOf, dueAt } from "../core/store.js";
import { callByNumber } from "../parts/call-number.js";
import { critMark } from "../parts/crit.js";
import "../parts/history.js";
import "./advice.js";
import { desk } from "./desk.js";
import "./proposals.js";
import { proposedLine } from "./steps-told.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("../types.js").Criticality} Criticality
 */

const STEPS = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];
// The most urgent first.
const CRITICALITIES = /** @type {Criticality[]} */ (["critical", "important", "common"]);
const REJECT_REASONS = ["refused", "false", "duplicate", "patient_not_found", "address_not_found", "served_by_other", "died_before_arrival", "other"];

class CallCard extends Element {
  static properties = { callId: { attribute: false } };

  constructor() {
    super();
    /** @type {number | null} */
    this.callId = null;
    /** Which dangerous thing is being asked about. @type {"" | "reject" | "complete" | "lower" | `cancel-${number}`} */
    this.asking = "";
    /** The lower criticality that is being asked about. @type {Criticality} */
    this.lowerTo = "common";
    this.adding = false;
    this.tab = "now";
    this.problem = "";
    /** @type {Call | undefined} */
    this.last = undefined;
    /** The assignment whose next steps are offered. @type {number | null} */
    this.marking = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.tick()));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("callId")) return;
    this.asking = "";
    this.adding = false;
    this.tab = "now";
    this.marking = null;
    this.last = undefined;
  }

  tick() {
    for (const element of this.querySelectorAll("time[data-since]")) {
      const seconds = ageS(element.getAttribute("data-since"));
      const late = seconds > Number(element.getAttribute("data-target"));
      element.textContent = `${late ? "⚠ " : ""}${duration(seconds)}`;
      element.classList.toggle("late", late);
    }
    for (const element of this.querySelectorAll("time[data-due]")) {
      const seconds = (Date.parse(element.getAttribute("data-due") ?? "") - serverNow()) / 1000;
      element.textContent = seconds > 0 ? t("assignment.eta", { time: duration(seconds) }) : t("call.arrivesNow");
    }
  }

  updated() {
    this.tick();
  }

  /** @param {typeof this.asking} what */
  ask(what) {
    this.asking = what;
    this.problem = "";
    this.requestUpdate();
    void this.updateComplete.then(() => this.find(".confirm .safe")?.focus());
  }

  /** What was asked about this call is answered; what is being asked on another card by now stays. @param {Call} call */
  answered(call) {
    if (call.id === this.callId) this.ask("");
  }

  /** The call that is repeated, which may be closed by now; nothing, and why, where it is not found. @param {string} digits */
  async original(digits) {
    const open = [...this.store.calls.values()].find((item) => String(item.number) === digits);
    if (open) return open.id;
    try {
      const id = digits ? await callByNumber(digits) : null;
      if (id === null) this.problem = t("reject.noSuchCall");
      return id;
    } catch (error) {
      this.problem = problemOf(error);
      return null;
    }
  }

  /** @param {Call} call @param {SubmitEvent} event */
  async reject(call, event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const reason = String(form.get("reason"));
    const comment = String(form.get("comment") ?? "").trim();
    const number = String(form.get("duplicate") ?? "").trim();
    if (reason === "other" && !comment) {
      this.problem = t("reject.commentNeeded");
      this.requestUpdate();
      return;
    }
    /** @type {Record<string, unknown>} */
    const body = { reason, version: call.version };
    if (comment) body.comment = comment;
    if (reason === "duplicate" && number) {
      const of = await this.original(number.replace(/\D/g, ""));
      if (call.id !== this.callId || this.asking !== "reject") return;
      if (of === null) {
        this.requestUpdate();
        return;
      }
      body.duplicate_of = of;
    }
    const done = await desk.command(async () => {
      await post(`/calls/${call.id}/reject`, body);
      desk.say({ kind: "done", text: t("toast.rejected", { call: callNumber(call) }) });
    }, { call });
    if (done) this.answered(call);
  }

  /** @param {Call} call */
  async complete(call) {
    const done = await desk.command(async () => {
      await post(`/calls/${call.id}/complete`, { version: call.version });
      desk.say({ kind: "done", text: t("toast.completed", { call: callNumber(call) }) });
    }, { call });
    if (done) this.answered(call);
  }

  /** @param {Call} call @param {Assignment} assignment */
  async cancel(call, assignment) {
    const done = await desk.command(async () => {
      await post(`/assignments/${assignment.id}/cancel`, { comment: t("cancel.reason"), version: assignment.version });
      desk.say({ kind: "done", text: t("toast.cancelled", { call: callNumber(call) }) });
    }, { call });
    if (done) this.answered(call);
  }

  /** One arrow key is enough to choose another one: a higher one counts at once, a lower one is asked about. @param {Call} call @param {Event} event */
  chooseCriticality(call, event) {
    const select = /** @type {HTMLSelectElement} */ (event.target);
    const chosen = /** @type {Criticality} */ (select.value);
    if (CRITICALITIES.indexOf(chosen) <= CRITICALITIES.indexOf(call.criticality)) {
      if (this.asking === "lower") this.ask("");
      void this.setCriticality(call, chosen);
      return;
    }
    select.value = call.criticality;
    this.lowerTo = chosen;
    this.ask("lower");
  }

  /** @param {Call} call */
  lowering(call) {
    const [before, after] = [t(`criticality.${call.criticality}`), t(`criticality.${this.lowerTo}`)];
    return this.confirm(t("criticality.lowerAsk", { call: callNumber(call), before, after }), t("criticality.lowerDo"), () => {
      this.ask("");
      void this.setCriticality(call, this.lowerTo);
    });
  }

  /** @param {Call} call @param {Criticality} criticality */
  async setCriticality(call, criticality) {
    if (criticality === call.criticality) return;
    await desk.command(async () => {
      await patch(`/calls/${call.id}`, { criticality, version: call.version });
    }, { call });
  }

  /** It runs until the first team is there; then it tells how long that took. @param {Call} call */
  clock(call) {
    const reached = (call.assignments ?? []).map((assignment) => assignment.milestones?.on_scene_at).filter(Boolean).sort()[0];
    if (!reached) return html`<time class="timer big" data-since=${call.received_at} data-target=${this.store.targetS(call)}></time>`;
    const seconds = (Date.parse(reached) - Date.parse(call.received_at)) / 1000;
    return html`<span class="timer">${t("call.reachedIn", { time: duration(seconds) })}</span>`;
  }

  /** @param {Call} call */
  head(call) {
    const viewers = this.store.viewers.get(call.id) ?? [];
    return html`<header class="card-head">
        ${critMark(call.criticality)}
        <div class="card-title"><h2>${this.store.reasonOf(call)}</h2><p class="muted">${callNumber(call)} · ${t(`callStatus.${call.status}`)}</p></div>
        ${this.clock(call)}
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button>
      </header>
      ${viewers.length > 0 ? html`<p class="viewing" role="status">◉ ${t("call.viewing", { n: viewers.length, who: viewers.join(", ") })}</p>` : nothing}
      ${this.place(call)} ${this.facts(call)} ${this.asking === "lower" && this.store.calls.has(call.id) ? this.lowering(call) : nothing}`;
  }

  /** Where it is: what is read out to the crew. @param {Call} call */
  place(call) {
    const details = addressDetails(call);
    return html`<div class="card-place"><p class="place-address">${call.address}${call.district && !call.address.includes(call.district) ? html` <span class="muted">${call.district}</span>` : nothing}</p>
      ${details ? html`<p>${details}</p>` : nothing}${call.address_details?.landmark ? html`<p>${call.address_details.landmark}</p>` : nothing}
      ${call.location ? nothing : html`<p class="warn-note">${t("call.noPoint")}</p>`}
      <p class="place-actions">${call.location ? html`<button type="button" class="quiet" @click=${() => this.emit("look-call", call)}>${t("action.onMap")}</button>` : nothing}
        ${this.store.calls.has(call.id) ? html`<button type="button" class="quiet" ?disabled=${!desk.canCommand} @click=${() => desk.open("edit")}>${t("call.edit")}</button>` : nothing}</p></div>`;
  }

  /** @param {Call} call */
  facts(call) {
    return html`<dl class="facts">
      <div><dt>${t("call.patient")}</dt><dd>${patientLine(call.patient)}${call.patient?.notes ? html`<br />${call.patient.notes}` : nothing}</dd></div>
      <div><dt>${t("call.caller")}</dt><dd>${call.caller_phone ? html`<a href="tel:${call.caller_phone}">${call.caller_phone}</a>` : "—"}${call.caller_name ? html`<br />${call.caller_name}` : nothing}</dd></div>
      ${call.comment ? html`<div class="wide"><dt>${t("call.comment")}</dt><dd>${call.comment}</dd></div>` : nothing}
      <div><dt>${t("call.received")}</dt><dd>${clockTime(call.received_at)}</dd></div>
      <div><dt><label for="crit-of-call">${t("call.criticality")}</label></dt><dd>
        <select id="crit-of-call" class="inline" .value=${call.criticality} ?disabled=${!desk.canCommand}
          @change=${(/** @type {Event} */ event) => this.chooseCriticality(call, event)}>
          ${CRITICALITIES.map((name) => html`<option value=${name} ?selected=${name === call.criticality}>${t(`criticality.${name}`)}</option>`)}
        </select></dd></div>
    </dl>`;
  }

  /** The steps in one column, each with the time since the one before. @param {Assignment} assignment */
  timeline(assignment) {
    const milestones = assignment.milestones ?? {};
    const reached = STEPS.filter((step) => milestones[`${step}_at`]);
    return html`<ol class="milestones">${reached.map((step, index) => {
      const at = milestones[`${step}_at`];
      const before = index > 0 ? milestones[`${reached[index - 1]}_at`] : null;
      const after = before && at ? (Date.parse(at) - Date.parse(before)) / 1000 : null;
      return html`<li><span>${t(`status.${step}`)}</span> <time>${clockTime(at)}</time> <small>${after === null ? "" : `+${duration(after)}`}</small></li>`;
    })}</ol>`;
  }

  /** Steps told by radio: a second click for what can't be taken back. @param {Call} call @param {Assignment} assignment */
  marks(call, assignment) {
    if (this.marking !== assignment.id) {
      return html`<button type="button" class="button small" ?disabled=${!desk.canCommand} @click=${() => {
        this.marking = assignment.id;
        this.requestUpdate();
      }}>${t("assignment.mark")}</button>`;
    }
    const next = STEPS.slice(STEPS.indexOf(assignment.status) + 1);
    return html`<div class="confirm" role="group" aria-label=${t("assignment.mark")}><p>${t("assignment.markAsk", { team: this.teamName(assignment) })}</p>
      <div class="buttons"><button type="button" class="button small safe" @click=${() => {
        this.marking = null;
        this.requestUpdate();
      }}>${t("action.keep")}</button>
      ${next.map((step) => html`<button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} @click=${() => {
        this.marking = null;
        void desk.step(call, assignment, { step, version: assignment.version });
      }}>${t(`status.${step}`)}</button>`)}</div></div>`;
  }

  /** @param {Assignment} assignment */
  teamName(assignment) {
    return t("team.short", { name: this.store.teams.get(assignment.team_id)?.name ?? `#${assignment.team_id}` });
  }

  /** @param {Call} call @param {Assignment} assignment */
  assignment(call, assignment) {
    const active = ACTIVE.includes(assignment.status);
    const asking = this.asking === `cancel-${assignment.id}`;
    const name = this.teamName(assignment);
    const due = dueAt(assignment);
    const hospital = assignment.hospital_id ? this.store.hospitals.get(assignment.hospital_id)?.name : "";
    return html`<li class="assignment ${active ? "active" : "ended"}">
      <div class="assignment-head">
        <button type="button" class="quiet inline" @click=${() => desk.openTeam(assignment.team_id)}>${name}</button>
        <b>${t(`status.${assignment.status}`)}</b>
        ${due ? html`<span class="muted">${assignment.arrival_approximate ? "≈ " : ""}<time data-due=${due}></time></span>` : nothing}
      </div>
      ${hospital ? html`<p class="muted">${hospital}</p>` : nothing}
      ${active ? proposedLine(call, assignment) : nothing}
      ${this.timeline(assignment)}
      ${assignment.end_comment ? html`<p class="muted">${assignment.end_comment}</p>` : nothing}
      ${active && !asking ? html`<div class="buttons">${this.marks(call, assignment)}${this.marking === assignment.id ? nothing : html`<button type="button" class="button small" ?disabled=${!desk.canCommand} @click=${() => this.ask(`cancel-${assignment.id}`)}>${t("assignment.cancel")}</button>`}</div>` : nothing}
      ${asking
        ? this.confirm(t("assignment.cancelAsk", { team: name, call: callNumber(call) }), t("assignment.cancelDo"), () => void this.cancel(call, assignment))
        : nothing}
    </li>`;
  }

  /** Two steps for what can't be taken back; the safe button comes first. @param {string} question @param {string} action @param {() => void} run */
  confirm(question, action, run) {
    return html`<div class="confirm" role="group" aria-label=${question}>
      <p>${question}</p>
      <div class="buttons"><button type="button" class="button small safe" @click=${() => this.ask("")}>${t("action.keep")}</button>
        <button type="button" class="button small danger" ?disabled=${!desk.canCommand} @click=${run}>${action}</button></div>
    </div>`;
  }

  /** @param {Call} call */
  rejectForm(call) {
    return html`<form class="confirm" @submit=${(/** @type {SubmitEvent} */ event) => void this.reject(call, event)}>
      <p><b>${t("reject.ask", { call: callNumber(call), address: call.address })}</b></p>
      <label class="field"><span>${t("reject.reason")}</span><select name="reason">
        ${REJECT_REASONS.map((reason) => html`<option value=${reason}>${t(`reject.${reason}`)}</option>`)}</select></label>
      <label class="field"><span>${t("reject.duplicateOf")}</span><input name="duplicate" inputmode="numeric" /></label>
      <label class="field"><span>${t("reject.comment")}</span><textarea name="comment" rows="2"></textarea></label>
      ${this.problem ? html`<p class="field-error" role="alert">${this.problem}</p>` : nothing}
      <div class="buttons"><button type="button" class="button small safe" @click=${() => this.ask("")}>${t("action.keep")}</button>
        <button class="button small danger" ?disabled=${!desk.canCommand}>${t("reject.do")}</button></div>
    </form>`;
  }

  /** @param {Call} call */
  now(call) {
    const active = activeOf(call);
    const ended = (call.assignments ?? []).filter((assignment) => !ACTIVE.includes(assignment.status));
    const open = call.status === "new" || call.status === "accepted";
    return html`<br-proposals .callId=${call.id}></br-proposals>${active.length > 0 ? html`<ul class="assignments">${active.map((assignment) => this.assignment(call, assignment))}</ul>` : nothing}
      ${open && (active.length === 0 || this.adding) ? html`<br-advice .call=${call} .additional=${active.length > 0}></br-advice>` : nothing}
      ${open && active.length > 0 && !this.adding
        ? html`<button type="button" class="button small" @click=${() => {
            this.adding = true;
            this.requestUpdate();
          }}>${t("call.addTeam")}</button>`
        : nothing}
      ${ended.length > 0 ? html`<h3 class="section-title">${t("call.earlier")}</h3><ul class="assignments">${ended.map((assignment) => this.assignment(call, assignment))}</ul>` : nothing}
      ${this.asking === "reject" ? this.rejectForm(call) : nothing}
      ${this.asking === "complete" ? this.confirm(t("complete.ask", { call: callNumber(call), address: call.address }), t("complete.do"), () => void this.complete(call)) : nothing}
      ${open && this.asking === ""
        ? html`<div class="buttons end"><button type="button" class="button small" ?disabled=${!desk.canCommand} @click=${() => this.ask("complete")}>${t("complete.open")}</button>
            <button type="button" class="button small danger" ?disabled=${!desk.canCommand} @click=${() => this.ask("reject")}>${t("reject.open")}</button></div>`
        : nothing}`;
  }

  render() {
    const found = this.callId === null ? undefined : this.store.calls.get(this.callId);
    if (found) this.last = found;
    const call = found ?? this.last;
    if (!call) return html`<p class="pane-note muted">${t("call.gone")}</p>`;
    return html`<article class="card" aria-label=${callNumber(call)}>
      ${this.head(call)}
      ${found ? nothing : html`<p class="pane-note" role="status">${t("call.closedNow")}</p>`}
      <div class="tabs" role="tablist">
        ${["now", "history"].map((tab) => html`<button type="button" role="tab" aria-selected=${this.tab === tab ? "true" : "false"}
          @click=${() => {
            this.tab = tab;
            this.requestUpdate();
          }}>${t(`call.tab.${tab}`)}</button>`)}
      </div>
      <div role="tabpanel">${this.tab === "history" ? html`<br-history .path=${`/calls/${call.id}/history`}></br-history>` : found ? this.now(call) : nothing}</div>
    </article>`;
  }
}
customElements.define("br-call-card", CallCard);
