// A form whose mistakes stand next to their fields, in a window above the table.

import { ApiProblem, NoLink } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";

/**
 * @typedef {{value: string, text: string}} Choice
 * @typedef {{name: string, label: string, type?: "text" | "password" | "tel" | "number" | "select" | "checkbox" | "choices" | "datetime-local", choices?: () => Choice[],
 *   required?: boolean, hint?: string, most?: number, wide?: boolean}} Field
 */

class Form extends Element {
  static properties = { title: { attribute: false }, fields: { attribute: false }, value: { attribute: false }, save: { attribute: false } };

  constructor() {
    super();
    this.title = "";
    /** @type {Field[]} */
    this.fields = [];
    /** @type {Record<string, any>} */
    this.value = {};
    /** @type {(body: Record<string, any>) => Promise<unknown>} */
    this.save = () => Promise.resolve();
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.busy = false;
  }

  firstUpdated() {
    /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.showModal();
  }

  /** @param {HTMLFormElement} form */
  read(form) {
    const data = new FormData(form);
    /** @type {Record<string, any>} */
    const body = {};
    this.errors = {};
    for (const field of this.fields) {
      if (field.type === "checkbox") body[field.name] = data.has(field.name);
      else if (field.type === "choices") body[field.name] = data.getAll(field.name).map(String);
      else body[field.name] = String(data.get(field.name) ?? "").trim();
      const empty = Array.isArray(body[field.name]) ? body[field.name].length === 0 : body[field.name] === "";
      if (field.required && empty) this.errors[field.name] = t("form.needed");
      if (field.most && Array.isArray(body[field.name]) && body[field.name].length > field.most) this.errors[field.name] = t("form.most", { n: field.most });
    }
    return Object.keys(this.errors).length > 0 ? null : body;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    this.problem = "";
    const body = this.read(/** @type {HTMLFormElement} */ (event.target));
    if (body) {
      this.busy = true;
      this.requestUpdate();
      try {
        await this.save(body);
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
    this.find("[aria-invalid=true]")?.focus();
  }

  /** @param {unknown} error */
  take(error) {
    if (error instanceof NoLink) this.problem = t("error.noLink");
    else this.problem = error instanceof Error ? error.message : String(error);
    if (!(error instanceof ApiProblem)) return;
    for (const item of error.data.errors ?? []) {
      const place = (item.loc ?? []).map(String);
      const field = this.fields.find((candidate) => place.some((/** @type {string} */ part) => candidate.name === part || candidate.name === part.replace(/_ids?$/, "")));
      if (field) this.errors[field.name] = String(item.message ?? "");
    }
  }

  /** @param {Field} field */
  control(field) {
    const value = this.value[field.name];
    const invalid = this.errors[field.name] ? "true" : "false";
    switch (field.type) {
      case "select":
        return html`<select name=${field.name} aria-describedby="about-${field.name}" aria-invalid=${invalid}>${(field.choices?.() ?? []).map((choice) => html`<option value=${choice.value} ?selected=${String(value ?? "") === choice.value}>${choice.text}</option>`)}</select>`;
      case "choices":
        return html`<span class="choice-list" role="group" aria-label=${t(field.label)} aria-invalid=${invalid}>${(field.choices?.() ?? []).map((choice) => html`<label class="check"><input type="checkbox" name=${field.name} value=${choice.value} ?checked=${(value ?? []).map(String).includes(choice.value)} /> ${choice.text}</label>`)}
          ${(field.choices?.() ?? []).length === 0 ? html`<span class="muted">${t("form.noChoices")}</span>` : nothing}</span>`;
      default:
        return html`<input name=${field.name} aria-describedby="about-${field.name}" type=${field.type ?? "text"} autocomplete=${field.type === "password" ? "new-password" : "off"} step=${field.type === "number" ? "any" : nothing} .value=${value == null ? "" : String(value)} aria-invalid=${invalid} />`;
    }
  }

  /** @param {Field} field */
  field(field) {
    const error = this.errors[field.name];
    if (field.type === "checkbox") return html`<label class="check"><input type="checkbox" name=${field.name} ?checked=${Boolean(this.value[field.name])} /> ${t(field.label)}</label>`;
    const inside = html`<span>${t(field.label)}${field.required ? " *" : ""}</span>${this.control(field)}`;
    const box = field.type === "choices" ? html`<div class="field">${inside}</div>` : html`<label class="field">${inside}</label>`;
    return html`<div class="field-box ${field.wide || field.type === "choices" ? "wide" : ""}">${box}
      <span id="about-${field.name}">${field.hint && !error ? html`<small class="muted">${t(field.hint)}</small>` : nothing}${error ? html`<span class="field-error">${error}</span>` : nothing}</span></div>`;
  }

  render() {
    return html`<dialog class="form-window" aria-label=${this.title} @close=${() => this.emit("form-closed")}>
      <form novalidate @submit=${this.submit}><h2>${this.title}</h2>
        <div class="form-fields">${this.fields.map((field) => this.field(field))}</div>
        ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
        <div class="buttons end"><button type="button" class="button" @click=${() => /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.close()}>${t("action.cancel")}</button>
          <button class="button primary" ?disabled=${this.busy}>${t("action.save")}</button></div></form>
    </dialog>`;
  }
}
customElements.define("br-form", Form);
