// What is behind "more": hospital, finish, trouble, decline, a corrected time, the navigator, the own shift, the phone's
// own settings, leaving with taps unsent.

import { html, nothing } from "../core/element.js";
import { clockTime, distance } from "../core/format.js";
import { t } from "../core/i18n.js";
import { metresBetween } from "../core/geo.js";
import { nearest, toTimeField } from "../core/zoned.js";
import "../parts/password.js";
import "./shift.js";
import { goal } from "./card.js";
import { NAVIGATORS, chooseNavigator, chosenNavigator, navigatorLink, navigatorName } from "./navigators.js";
import { ORDER } from "./steps.js";

/**
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {{call: import("../types.js").Call, assignment: Assignment}} Current
 * @typedef {"" | "more" | "menu" | "hospital" | "finish" | "trouble" | "decline" | "correct" | "navigator" | "shift" | "password" | "leave"} Sheet
 */

const TROUBLES = ["car_broken", "human_factor", "external_factor"];
// These need no call.
const ALWAYS = ["menu", "shift", "password", "leave"];

export class CrewSheets {
  /** @param {import("./screen.js").Crew} crew */
  constructor(crew) {
    this.crew = crew;
    /** @type {Sheet} */
    this.sheet = "";
    /** Which call it was opened for: another one closes it. */
    this.assignmentId = 0;
    this.problem = "";
    this.step = "";
    this.copied = false;
  }

  /** @param {Sheet} sheet */
  open(sheet) {
    this.sheet = sheet;
    this.assignmentId = this.crew.current()?.assignment.id ?? 0;
    this.problem = "";
    this.step = "";
    this.copied = false;
    this.crew.requestUpdate();
    void this.crew.updateComplete.then(() => {
      const dialog = this.dialog();
      if (dialog && !dialog.open) dialog.showModal();
    });
  }

  /** @returns {HTMLDialogElement | null} */
  dialog() {
    return this.crew.querySelector("dialog.sheet");
  }

  close() {
    this.dialog()?.close();
    this.sheet = "";
    this.crew.requestUpdate();
  }

  /** @param {Assignment} assignment @param {"decline" | "trouble"} what @param {Record<string, any>} body */
  end(assignment, what, body) {
    this.crew.send(assignment, what, what, what === "decline" ? "declined" : "troubled", body);
    // Where the button of the sheet was, the one for a break comes.
    this.crew.settle();
    this.close();
  }

  /** @param {SubmitEvent} event */
  form(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    return (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  }

  /** @param {string} text @param {string} name of the field to go to */
  complain(text, name) {
    this.problem = text;
    this.crew.requestUpdate();
    void this.crew.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.dialog()?.querySelector(`[name=${name}]`))?.focus());
  }

  back() {
    return html`<button type="button" class="button wide" @click=${() => this.close()}>${t("action.cancel")}</button>`;
  }

  complaint() {
    return this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing;
  }

  /** @param {Current} current */
  hospital({ call, assignment }) {
    const here = this.crew.sharing.latest ?? call.location;
    const hospitals = [...this.crew.store.hospitals.values()]
      .map((item) => ({ item, metres: here ? metresBetween(here, item.location) : null }))
      .sort((a, b) => Number(b.item.accepting !== false) - Number(a.item.accepting !== false) || (a.metres ?? 0) - (b.metres ?? 0));
    const take = (/** @type {Record<string, any>} */ more) => {
      this.crew.tap(assignment, "transporting", more);
      this.close();
    };
    return html`<h2 id="sheet-title">${t("hospital.choose")}</h2>
      <ul class="hospital-list">${hospitals.map(
        ({ item, metres }) => html`<li><button type="button" class="button wide hospital ${item.accepting === false ? "closed" : ""}" @click=${() => take({ hospital_id: item.id })}>
          <span>${item.name}${item.accepting === false ? html`<small class="warn-note">⚠ ${t("hospital.closed")}</small>` : nothing}
            ${(item.profiles ?? []).length > 0 ? html`<small>${(item.profiles ?? []).map((name) => t(`hospitalProfile.${name}`)).join(", ")}</small>` : nothing}</span>
          <span class="nowrap">${metres === null ? "" : `≈ ${distance(metres)}`}</span></button></li>`,
      )}</ul>
      <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => take({})}>${t("hospital.without")}</button>${this.back()}</div>`;
  }

  /** @param {Current} current */
  finish({ call, assignment }) {
    return html`<h2 id="sheet-title">${t("finish.ask")}</h2><p>${call.address}</p>
      <div class="sheet-buttons"><button type="button" class="button wide" autofocus @click=${() => this.close()}>${t("action.keep")}</button>
        <button type="button" class="button primary wide" @click=${() => {
          this.crew.tap(assignment, "completed");
          this.close();
        }}>${t("finish.do")}</button></div>`;
  }

  /** @param {Current} current */
  trouble({ assignment }) {
    return html`<form novalidate @submit=${(/** @type {SubmitEvent} */ event) => {
      const value = this.form(event);
      if (!value("kind")) return this.complain(t("trouble.kindNeeded"), "kind");
      return this.end(assignment, "trouble", { kind: value("kind"), comment: value("comment") });
    }}><h2 id="sheet-title">${t("crew.trouble")}</h2><p>${t("trouble.hint")}</p>
      ${TROUBLES.map((kind) => html`<label class="choice"><input type="radio" name="kind" value=${kind} /><span>${t(`trouble.${kind}`)}<small>${t(`troubleHint.${kind}`)}</small></span></label>`)}
      <label class="field"><span>${t("trouble.comment")}</span><textarea name="comment" rows="2" maxlength="500"></textarea></label>
      ${this.complaint()}
      <div class="sheet-buttons">${this.back()}<button class="button danger wide">${t("trouble.send")}</button></div></form>`;
  }

  /** @param {Current} current */
  decline({ assignment }) {
    return html`<form novalidate @submit=${(/** @type {SubmitEvent} */ event) => {
      const reason = this.form(event)("reason");
      if (!reason) return this.complain(t("decline.reasonNeeded"), "reason");
      return this.end(assignment, "decline", { reason });
    }}><h2 id="sheet-title">${t("crew.decline")}</h2><p>${t("trouble.hint")}</p>
      <label class="field"><span>${t("decline.reason")}</span><textarea name="reason" rows="2" maxlength="500"></textarea></label>
      ${this.complaint()}
      <div class="sheet-buttons">${this.back()}<button class="button danger wide">${t("decline.send")}</button></div></form>`;
  }

  /** @param {Current} current */
  correct({ assignment }) {
    const done = ORDER.filter((step) => step !== "assigned" && assignment.milestones?.[`${step}_at`]);
    const step = done.includes(this.step) ? this.step : (done.at(-1) ?? "");
    if (!step) return html`<h2 id="sheet-title">${t("crew.correct")}</h2><p>${t("correct.nothing")}</p><div class="sheet-buttons"><button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button></div>`;
    const now = toTimeField(assignment.milestones[`${step}_at`] ?? "");
    return html`<form novalidate @submit=${(/** @type {SubmitEvent} */ event) => this.sendCorrection(event, assignment)}><h2 id="sheet-title">${t("crew.correct")}</h2>
      <label class="field"><span>${t("correct.step")}</span><select name="step" @change=${(/** @type {Event} */ event) => {
        this.step = /** @type {HTMLSelectElement} */ (event.target).value;
        this.crew.requestUpdate();
      }}>${done.map((item) => html`<option value=${item} ?selected=${item === step}>${t(`did.${item}`)} · ${clockTime(assignment.milestones[`${item}_at`])}</option>`)}</select></label>
      <label class="field"><span>${t("correct.time")}</span><input name="time" type="time" step="1" .value=${now} /></label>
      <label class="field"><span>${t("correct.reason")}</span><input name="reason" maxlength="200" /></label>
      ${this.complaint()}
      <div class="sheet-buttons">${this.back()}<button class="button primary wide">${t("correct.send")}</button></div></form>`;
  }

  /** @param {SubmitEvent} event @param {Assignment} assignment */
  sendCorrection(event, assignment) {
    const value = this.form(event);
    if (!value("time")) return this.complain(t("correct.needed"), "time");
    if (!value("reason")) return this.complain(t("correct.needed"), "reason");
    const step = value("step");
    const before = assignment.milestones[`${step}_at`] ?? new Date().toISOString();
    this.crew.send(assignment, "correct", "corrections", "", { step, occurred_at: nearest(value("time"), before), reason: value("reason") });
    return this.close();
  }

  /** @param {Current} current */
  navigator({ call, assignment }) {
    const place = goal(this.crew, call, assignment);
    if (!place) return html`<h2 id="sheet-title">${t("crew.navigator")}</h2><p>${t("call.noPoint")}</p><div class="sheet-buttons">${this.back()}</div>`;
    const offline = this.crew.store.link !== "live";
    const numbers = `${place.lat.toFixed(6)}, ${place.lon.toFixed(6)}`;
    return html`<h2 id="sheet-title">${t("navigator.title")}</h2><p>${t("navigator.kept")}</p>
      <div class="sheet-buttons">${Object.entries(NAVIGATORS).map(([name, item]) =>
        item.web && offline
          ? html`<button type="button" class="button wide" disabled>${navigatorName(name)}: ${t("navigator.needsNetwork")}</button>`
          : html`<a class="button wide ${name === chosenNavigator() ? "primary" : ""}" href=${navigatorLink(name, place)} target=${item.web ? "_blank" : nothing} rel="noreferrer" @click=${() => {
              chooseNavigator(name);
              this.crew.requestUpdate();
            }}>${navigatorName(name)}</a>`,
      )}
      <p class="numbers"><span>${numbers}</span><button type="button" class="button" @click=${() => void this.copy(numbers)}>${this.copied ? t("navigator.copied") : t("navigator.copy")}</button></p>
      <button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button></div>`;
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.copied = true;
    } catch {
      // The numbers stand there to be read.
    }
    this.crew.requestUpdate();
  }

  /** @param {Current} current */
  more({ assignment }) {
    return html`<h2 id="sheet-title">${t("crew.more")}</h2><div class="sheet-buttons">
      <button type="button" class="button wide" @click=${() => this.open("trouble")}>${t("crew.trouble")}</button>
      ${this.crew.mayDecline(assignment) ? html`<button type="button" class="button wide" @click=${() => this.open("decline")}>${t("crew.decline")}</button>` : nothing}
      <button type="button" class="button wide" @click=${() => this.open("correct")}>${t("crew.correct")}</button>
      <button type="button" class="button wide" @click=${() => this.open("navigator")}>${t("navigator.title")}</button></div>${this.phone()}`;
  }

  menu() {
    return html`<h2 id="sheet-title">${t("crew.more")}</h2>${this.phone()}`;
  }

  phone() {
    return html`<div class="sheet-buttons"><br-choices></br-choices>
      <button type="button" class="button wide" @click=${() => this.open("shift")}>${t("shift.title")}</button>
      <button type="button" class="button wide" @click=${() => this.open("password")}>${t("password.change")}</button>
      <button type="button" class="button wide" @click=${() => void this.crew.leave()}>${t("menu.signOut")}</button>
      <button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button></div>`;
  }

  password() {
    return html`<h2 id="sheet-title">${t("password.change")}</h2><br-password @password-closed=${() => this.close()}></br-password>`;
  }

  shift() {
    return html`<h2 id="sheet-title">${t("shift.title")}</h2><br-crew-shift></br-crew-shift>
      <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => this.close()}>${t("action.close")}</button></div>`;
  }

  leave() {
    return html`<h2 id="sheet-title">${t("leave.title")}</h2><p>${t("leave.text", { n: this.crew.outbox.taps.length })}</p>
      <div class="sheet-buttons"><button type="button" class="button wide" autofocus @click=${() => this.close()}>${t("leave.stay")}</button>
        <button type="button" class="button danger wide" @click=${() => void this.crew.leaveNow()}>${t("leave.go")}</button></div>`;
  }

  /** @param {Current | null} current */
  body(current) {
    switch (this.sheet) {
      case "menu":
        return this.menu();
      case "shift":
        return this.shift();
      case "password":
        return this.password();
      case "leave":
        return this.leave();
      case "":
        return nothing;
      default:
        return current ? this[this.sheet](current) : nothing;
    }
  }

  /** @param {Current | null} current */
  render(current) {
    // A call that was taken away takes its questions with it.
    if (this.sheet !== "" && !ALWAYS.includes(this.sheet) && current?.assignment.id !== this.assignmentId) this.sheet = "";
    if (this.sheet === "") return nothing;
    return html`<dialog class="sheet" aria-labelledby="sheet-title" @close=${() => {
      this.sheet = "";
      this.crew.requestUpdate();
    }}>${this.body(current)}</dialog>`;
  }
}
