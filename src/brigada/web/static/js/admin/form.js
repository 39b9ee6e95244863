// A form whose mistakes stand next to their fields, in a window above the table. What was typed is not lost by a stray
// key, a lost link, or somebody else's change.

import { ApiProblem } from "../core/api.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./place-field.js";
import { said } from "./said.js";

/**
 * @typedef {{value: string, text: string, also?: string}} Choice
 * @typedef {{name: string, label: string, type?: "text" | "password" | "tel" | "number" | "select" | "checkbox" | "choices" | "datetime-local" | "place", choices?: () => Choice[],
 *   required?: boolean, hint?: string, most?: number, wide?: boolean, api?: string, min?: number, max?: number}} Field
 * @typedef {Record<string, any>} Value
 */

// So many choices are found by the eye; more get a search.
const SEARCH_FROM = 9;

class Form extends Element {
  static properties = {
    title: { attribute: false }, fields: { attribute: false }, initial: { attribute: false }, value: { state: true }, version: { attribute: false },
    save: { attribute: false }, conflicts: { attribute: false }, fromRow: { attribute: false }, changed: { attribute: false },
  };

  constructor() {
    super();
    this.title = "";
    /** @type {Field[]} */
    this.fields = [];
    /** What the fields begin with: taken once, since the page above hands it over at each of its own changes. @type {Value} */
    this.initial = {};
    /** @type {Value | null} */
    this.begun = null;
    /** @type {Value} */
    this.value = {};
    /** The version of the row that is shown. @type {number | undefined} */
    this.version = undefined;
    /** @type {(body: Value, version: number | undefined) => Promise<unknown>} */
    this.save = () => Promise.resolve();
    /** Codes of conflicts and the field that each is about. @type {Record<string, string>} */
    this.conflicts = {};
    /** @type {(row: Value) => Value} */
    this.fromRow = (row) => row;
    /** What another field becomes when one changes. @type {((name: string, value: Value) => Value) | null} */
    this.changed = null;
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.busy = false;
    this.dirty = false;
    this.asking = false;
    /** What the row has become meanwhile. @type {Value | null} */
    this.present = null;
    /** Words by which each list of choices is searched. @type {Record<string, string>} */
    this.searches = {};
  }

  willUpdate() {
    if (this.begun === this.initial) return;
    this.begun = this.initial;
    this.value = { ...this.initial };
  }

  firstUpdated() {
    this.dialog?.showModal();
  }

  /** @returns {HTMLDialogElement | null} */
  get dialog() {
    return this.find("dialog");
  }

  /** What stands in the fields now. @param {HTMLFormElement} form @returns {Value} */
  read(form) {
    const data = new FormData(form);
    /** @type {Value} */
    const body = {};
    for (const { name, type } of this.fields) {
      if (type === "checkbox") body[name] = data.has(name);
      else if (type === "choices" || type === "place") body[name] = this.value[name];
      else body[name] = String(data.get(name) ?? "").trim();
    }
    return body;
  }

  /** @param {Value} body */
  check(body) {
    this.errors = {};
    for (const field of this.fields) {
      const value = body[field.name];
      if (field.required && (value == null || value === "" || (Array.isArray(value) && value.length === 0))) this.errors[field.name] = t("form.needed");
      else if (field.most && Array.isArray(value) && value.length > field.most) this.errors[field.name] = t("form.most", { n: field.most });
      else if (field.type === "number" && value !== "") this.checkNumber(field, Number(String(value).replace(",", ".")));
    }
    return Object.keys(this.errors).length === 0;
  }

  /** @param {Field} field @param {number} value */
  checkNumber({ name, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }, value) {
    if (!Number.isFinite(value)) this.errors[name] = t("form.notNumber");
    else if (value < min || value > max) this.errors[name] = t("form.range", { min, max });
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    await this.send(this.read(/** @type {HTMLFormElement} */ (event.target)));
  }

  /** @param {Value} body */
  async send(body) {
    this.problem = "";
    this.present = null;
    if (this.check(body)) {
      this.busy = true;
      this.requestUpdate();
      try {
        await this.save(body, this.version);
        this.dirty = false;
        // The person has gone back meanwhile: another form may be open there.
        if (!this.isConnected) return;
        this.dialog?.close();
        this.emit("form-done");
        return;
      } catch (error) {
        this.take(error);
      } finally {
        this.busy = false;
      }
    }
    this.requestUpdate();
    await this.updateComplete;
    (this.find("[aria-invalid=true] input, input[aria-invalid=true], select[aria-invalid=true]") ?? this.find(".form-error button"))?.focus();
  }

  /** @param {unknown} error */
  take(error) {
    this.problem = said(error);
    if (!(error instanceof ApiProblem)) return;
    if (error.code === "outdated" && error.data.present) {
      this.present = error.data.present;
      this.problem = t("form.outdated");
    }
    const about = this.conflicts[error.code];
    if (about) {
      this.errors[about] = error.message;
      this.problem = "";
    }
    for (const item of error.data.errors ?? []) {
      const place = (item.loc ?? []).map(String);
      const field = this.fields.find((candidate) => place.includes(candidate.name) || (candidate.api && place.includes(candidate.api)));
      if (field) this.errors[field.name] = String(item.message ?? "");
    }
  }

  /** Their change instead of mine. */
  takePresent() {
    if (!this.present) return;
    this.version = this.present.version;
    this.value = this.fromRow(this.present);
    this.present = null;
    this.problem = "";
    this.dirty = false;
  }

  /** My change over theirs. */
  async overwrite() {
    this.version = this.present?.version;
    await this.send(this.read(/** @type {HTMLFormElement} */ (this.find("form"))));
  }

  /** @param {Event} event */
  touched(event) {
    this.dirty = true;
    const name = /** @type {HTMLInputElement} */ (event.target).name;
    if (!this.changed || event.type !== "change" || !this.fields.some((field) => field.name === name)) return;
    const patch = this.changed(name, this.read(/** @type {HTMLFormElement} */ (this.find("form"))));
    if (Object.keys(patch).length > 0) this.value = { ...this.value, ...patch };
  }

  /** @param {string} name @param {unknown} value @param {Value} [more] */
  set(name, value, more = {}) {
    this.dirty = true;
    this.value = { ...this.value, [name]: value, ...more };
  }

  /** Escape and "cancel": what was typed is given up only when that is said twice. @param {Event} [event] */
  leave(event) {
    if (this.dirty && !this.asking) {
      event?.preventDefault();
      this.asking = true;
      this.requestUpdate();
      void this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.find(".form-leave .safe"))?.focus());
      return;
    }
    this.dialog?.close();
  }

  /** @param {Field} field @param {string} invalid */
  choices(field, invalid) {
    const all = field.choices?.() ?? [];
    /** @type {string[]} */
    const chosen = (this.value[field.name] ?? []).map(String);
    const words = (this.searches[field.name] ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((choice) => words.every((word) => `${choice.text} ${choice.also ?? ""}`.toLowerCase().includes(word)));
    // The chosen ones stand first and stay in sight, whatever is searched for.
    const shown = [...all.filter((choice) => chosen.includes(choice.value)), ...found.filter((choice) => !chosen.includes(choice.value))];
    return html`${all.length >= SEARCH_FROM ? html`<input type="search" class="choice-search" aria-label="${t("table.search")}: ${t(field.label)}" placeholder=${t("table.search")} @input=${(/** @type {InputEvent} */ event) => {
        this.searches[field.name] = /** @type {HTMLInputElement} */ (event.target).value;
        this.requestUpdate();
      }} @keydown=${(/** @type {KeyboardEvent} */ event) => {
        // Enter takes the only one found instead of sending the form.
        if (event.key !== "Enter") return;
        event.preventDefault();
        const [only, ...others] = shown.filter((choice) => !chosen.includes(choice.value));
        if (only && others.length === 0 && words.length > 0) this.set(field.name, [...chosen, only.value]);
      }} />` : nothing}
      <div class="choice-list" role="group" aria-label=${t(field.label)} aria-invalid=${invalid} aria-describedby="about-${field.name}">${repeat(
        shown,
        (choice) => choice.value,
        (choice) => html`<label class="check"><input type="checkbox" .checked=${chosen.includes(choice.value)} @change=${(/** @type {Event} */ event) => {
          const on = /** @type {HTMLInputElement} */ (event.target).checked;
          this.set(field.name, on ? [...chosen, choice.value] : chosen.filter((value) => value !== choice.value));
        }} /> <span>${choice.text}</span></label>`,
      )}
      ${shown.length === 0 ? html`<span class="muted">${all.length === 0 ? t("form.noChoices") : t("board.nothingFound")}</span>` : nothing}</div>`;
  }

  /** @param {Field} field */
  control(field) {
    const value = this.value[field.name];
    const invalid = this.errors[field.name] ? "true" : "false";
    switch (field.type) {
      case "select":
        return html`<select name=${field.name} aria-describedby="about-${field.name}" aria-invalid=${invalid}>${(field.choices?.() ?? []).map((choice) => html`<option value=${choice.value} .selected=${String(value ?? "") === choice.value}>${choice.text}</option>`)}</select>`;
      case "choices":
        return this.choices(field, invalid);
      case "place":
        return html`<br-place name=${field.name} .place=${value ?? null} .address=${this.value.address ?? ""} aria-invalid=${invalid} @place-chosen=${(/** @type {CustomEvent} */ event) => {
          const { lat, lon, label } = event.detail;
          this.set(field.name, { lat, lon }, label ? { address: label } : {});
        }}></br-place>`;
      default:
        return html`<input name=${field.name} aria-describedby="about-${field.name}" type=${field.type === "number" ? "text" : (field.type ?? "text")} inputmode=${field.type === "number" ? "decimal" : nothing}
          autocomplete=${field.type === "password" ? "new-password" : "off"} .value=${value == null ? "" : String(value)} aria-invalid=${invalid} />`;
    }
  }

  /** @param {Field} field */
  field(field) {
    const error = this.errors[field.name];
    const about = html`<span id="about-${field.name}">${field.hint && !error ? html`<small class="muted">${t(field.hint)}</small>` : nothing}${error ? html`<span class="field-error">${error}</span>` : nothing}</span>`;
    if (field.type === "checkbox") return html`<div class="field-box"><label class="check"><input type="checkbox" name=${field.name} aria-describedby="about-${field.name}" .checked=${Boolean(this.value[field.name])} /> ${t(field.label)}</label>${about}</div>`;
    const many = field.type === "choices";
    const chosen = many ? (this.value[field.name] ?? []).length : 0;
    const inside = html`<span>${t(field.label)}${field.required ? " *" : ""}${many && chosen > 0 ? ` · ${t("form.chosen", { n: chosen })}` : ""}</span>${this.control(field)}`;
    const box = many || field.type === "place" ? html`<div class="field">${inside}</div>` : html`<label class="field">${inside}</label>`;
    return html`<div class="field-box ${field.wide || many || field.type === "place" ? "wide" : ""}">${box}${about}</div>`;
  }

  problems() {
    if (!this.problem) return nothing;
    return html`<div class="form-error" role="alert"><p>${this.problem}</p>${this.present ? html`<div class="buttons">
      <button type="button" class="button small" @click=${() => this.takePresent()}>${t("form.takeTheirs")}</button>
      <button type="button" class="button small danger" @click=${() => void this.overwrite()}>${t("form.overwrite")}</button></div>` : nothing}</div>`;
  }

  foot() {
    if (this.asking) {
      return html`<div class="buttons end form-leave" role="alert"><span>${t("form.leaveAsk")}</span>
        <button type="button" class="button safe" @click=${() => {
          this.asking = false;
          this.requestUpdate();
        }}>${t("form.goOn")}</button><button type="button" class="button danger" @click=${() => this.leave()}>${t("form.giveUp")}</button></div>`;
    }
    return html`<div class="buttons end"><button type="button" class="button" @click=${() => this.leave()}>${t("action.cancel")}</button>
      <button class="button primary" ?disabled=${this.busy}>${this.busy ? t("form.busy") : t("action.save")}</button></div>`;
  }

  render() {
    return html`<dialog class="form-window" aria-label=${this.title} @cancel=${(/** @type {Event} */ event) => this.leave(event)} @close=${(/** @type {Event} */ event) => {
      if (event.target === this.dialog) this.emit("form-closed");
    }}>
      <form novalidate @submit=${this.submit} @input=${this.touched} @change=${this.touched}><h2>${this.title}</h2>
        <div class="form-fields">${this.fields.map((field) => this.field(field))}</div>
        ${this.problems()} ${this.foot()}</form>
    </dialog>`;
  }
}
customElements.define("br-form", Form);
