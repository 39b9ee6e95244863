// What is behind "more": hospital, finish, trouble, decline, a corrected time, leaving with taps unsent.

import { html, nothing } from "../core/element.js";
import { clockTime, distance } from "../core/format.js";
import { t } from "../core/i18n.js";
import { metresBetween } from "../core/geo.js";
import { ORDER } from "./steps.js";

/**
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {{call: import("../types.js").Call, assignment: Assignment}} Current
 * @typedef {"" | "more" | "hospital" | "finish" | "trouble" | "decline" | "correct" | "leave"} Sheet
 */

const TROUBLES = ["car_broken", "human_factor", "external_factor"];

export class CrewSheets {
  /** @param {import("./screen.js").Crew} crew */
  constructor(crew) {
    this.crew = crew;
    /** @type {Sheet} */
    this.sheet = "";
    this.problem = "";
  }

  /** @param {Sheet} sheet */
  open(sheet) {
    this.sheet = sheet;
    this.problem = "";
    this.crew.requestUpdate();
    void this.crew.updateComplete.then(() => {
      const dialog = /** @type {HTMLDialogElement | null} */ (this.crew.querySelector("dialog.sheet"));
      if (dialog && !dialog.open) dialog.showModal();
    });
  }

  close() {
    /** @type {HTMLDialogElement | null} */ (this.crew.querySelector("dialog.sheet"))?.close();
    this.sheet = "";
    this.crew.requestUpdate();
  }

  /** @param {Assignment} assignment @param {"decline" | "trouble"} what @param {Record<string, any>} body @param {string} label */
  end(assignment, what, body, label) {
    void this.crew.outbox.add({
      path: `/assignments/${assignment.id}/${what}`,
      body,
      label,
      assignmentId: assignment.id,
      step: what === "decline" ? "declined" : "troubled",
      tappedAt: new Date().toISOString(),
    });
    this.close();
  }

  /** @param {SubmitEvent} event */
  form(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    return (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  }

  /** @param {string} text */
  complain(text) {
    this.problem = text;
    this.crew.requestUpdate();
  }

  /** @param {Current} current */
  hospital({ call, assignment }) {
    const here = this.crew.sharing.latest ?? call.location;
    const hospitals = [...this.crew.store.hospitals.values()]
      .map((item) => ({ item, metres: here ? metresBetween(here, item.location) : null }))
      .sort((a, b) => Number(b.item.accepting !== false) - Number(a.item.accepting !== false) || (a.metres ?? 0) - (b.metres ?? 0));
    return html`<h2>${t("hospital.choose")}</h2>
      <ul class="hospital-list">${hospitals.map(
        ({ item, metres }) => html`<li><button type="button" class="button wide hospital" @click=${() => {
          this.crew.tap(assignment, "transporting", { hospital_id: item.id });
          this.close();
        }}><span>${item.name}${item.accepting === false ? html`<small class="warn-note">${t("hospital.closed")}</small>` : nothing}</span><span class="muted nowrap">${metres === null ? "" : `≈ ${distance(metres)}`}</span></button></li>`,
      )}</ul>
      ${hospitals.length === 0 ? html`<button type="button" class="crew-big" @click=${() => {
        this.crew.tap(assignment, "transporting");
        this.close();
      }}>${t("hospital.without")}</button>` : nothing}`;
  }

  /** @param {Current} current */
  finish({ call, assignment }) {
    return html`<h2>${t("finish.ask")}</h2><p>${call.address}</p>
      <div class="sheet-buttons"><button type="button" class="button wide" autofocus @click=${() => this.close()}>${t("action.keep")}</button>
        <button type="button" class="button primary wide" @click=${() => {
          this.crew.tap(assignment, "completed");
          this.close();
        }}>${t("finish.do")}</button></div>`;
  }

  /** @param {Current} current */
  trouble({ assignment }) {
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => {
      const value = this.form(event);
      if (!value("kind")) return this.complain(t("trouble.kindNeeded"));
      return this.end(assignment, "trouble", { kind: value("kind"), comment: value("comment") }, t("crew.trouble"));
    }}><h2>${t("crew.trouble")}</h2>
      ${TROUBLES.map((kind) => html`<label class="choice"><input type="radio" name="kind" value=${kind} /> ${t(`trouble.${kind}`)}</label>`)}
      <label class="field"><span>${t("trouble.comment")}</span><textarea name="comment" rows="2" maxlength="500"></textarea></label>
      ${this.problem ? html`<p class="field-error" role="alert">${this.problem}</p>` : nothing}
      <p class="muted">${t("trouble.hint")}</p>
      <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => this.close()}>${t("action.cancel")}</button><button class="button danger wide">${t("trouble.send")}</button></div></form>`;
  }

  /** @param {Current} current */
  decline({ assignment }) {
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => {
      const reason = this.form(event)("reason");
      if (!reason) return this.complain(t("decline.reasonNeeded"));
      return this.end(assignment, "decline", { reason }, t("crew.decline"));
    }}><h2>${t("crew.decline")}</h2>
      <label class="field"><span>${t("decline.reason")}</span><textarea name="reason" rows="2" maxlength="500"></textarea></label>
      ${this.problem ? html`<p class="field-error" role="alert">${this.problem}</p>` : nothing}
      <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => this.close()}>${t("action.cancel")}</button><button class="button danger wide">${t("decline.send")}</button></div></form>`;
  }

  /** @param {Current} current */
  correct({ assignment }) {
    const done = ORDER.filter((step) => step !== "assigned" && assignment.milestones?.[`${step}_at`]);
    if (done.length === 0) return html`<h2>${t("crew.correct")}</h2><p>${t("correct.nothing")}</p><button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button>`;
    return html`<form @submit=${(/** @type {SubmitEvent} */ event) => this.sendCorrection(event, assignment)}><h2>${t("crew.correct")}</h2>
      <label class="field"><span>${t("correct.step")}</span><select name="step">${done.map((step) => html`<option value=${step}>${t(`status.${step}`)} · ${clockTime(assignment.milestones[`${step}_at`])}</option>`)}</select></label>
      <label class="field"><span>${t("correct.time")}</span><input name="time" type="time" step="1" /></label>
      <label class="field"><span>${t("correct.reason")}</span><input name="reason" maxlength="200" /></label>
      ${this.problem ? html`<p class="field-error" role="alert">${this.problem}</p>` : nothing}
      <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => this.close()}>${t("action.cancel")}</button><button class="button primary wide">${t("correct.send")}</button></div></form>`;
  }

  /** @param {SubmitEvent} event @param {Assignment} assignment */
  sendCorrection(event, assignment) {
    const value = this.form(event);
    if (!value("time") || !value("reason")) return this.complain(t("correct.needed"));
    const step = value("step");
    const before = new Date(assignment.milestones[`${step}_at`] ?? Date.now());
    const [h, m, s] = value("time").split(":").map(Number);
    const at = new Date(before);
    at.setHours(h ?? 0, m ?? 0, s ?? 0, 0);
    // Across midnight the nearest day is meant.
    if (at.getTime() - before.getTime() > 12 * 3600_000) at.setDate(at.getDate() - 1);
    void this.crew.outbox.add({
      path: `/assignments/${assignment.id}/corrections`,
      body: { step, occurred_at: at.toISOString(), reason: value("reason") },
      label: t("crew.correct"),
      assignmentId: assignment.id,
      step: "",
      tappedAt: new Date().toISOString(),
    });
    return this.close();
  }

  /** @param {Current} current */
  more({ assignment }) {
    return html`<h2>${t("crew.more")}</h2><div class="sheet-buttons">
      <button type="button" class="button wide" @click=${() => this.open("trouble")}>${t("crew.trouble")}</button>
      ${this.crew.mayDecline(assignment) ? html`<button type="button" class="button wide" @click=${() => this.open("decline")}>${t("crew.decline")}</button>` : nothing}
      <button type="button" class="button wide" @click=${() => this.open("correct")}>${t("crew.correct")}</button>
      <br-choices></br-choices>
      <button type="button" class="button wide" @click=${() => void this.crew.leave()}>${t("menu.signOut")}</button>
      <button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button></div>`;
  }

  leave() {
    return html`<h2>${t("leave.title")}</h2><p>${t("leave.text", { n: this.crew.outbox.taps.length })}</p>
      <div class="sheet-buttons"><button type="button" class="button wide" autofocus @click=${() => this.close()}>${t("leave.stay")}</button>
        <button type="button" class="button danger wide" @click=${() => void this.crew.leaveNow()}>${t("leave.go")}</button></div>`;
  }

  /** @param {Current | null} current */
  render(current) {
    if (this.sheet === "") return nothing;
    const body = this.sheet === "leave" ? this.leave() : current ? this[this.sheet](current) : nothing;
    return html`<dialog class="sheet" @close=${() => {
      this.sheet = "";
      this.crew.requestUpdate();
    }}>${body}</dialog>`;
  }
}
