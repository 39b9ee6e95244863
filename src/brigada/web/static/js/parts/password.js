// Changing the own password: what is wrong stands next to its field.

import { ApiProblem, NoLink, post } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";

class Password extends Element {
  constructor() {
    super();
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.busy = false;
    this.done = false;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [current, fresh, again] = ["current", "fresh", "again"].map((name) => String(data.get(name) ?? ""));
    this.errors = {};
    this.problem = "";
    if (!current) this.errors.current = t("form.needed");
    if (!fresh) this.errors.fresh = t("form.needed");
    else if (fresh !== again) this.errors.again = t("password.differ");
    if (Object.keys(this.errors).length === 0) await this.send(current ?? "", fresh ?? "");
    this.requestUpdate();
    await this.updateComplete;
    this.find("[aria-invalid=true]")?.focus();
  }

  /** @param {string} current @param {string} fresh */
  async send(current, fresh) {
    this.busy = true;
    this.requestUpdate();
    try {
      await post("/auth/password", { current_password: current, new_password: fresh });
      this.done = true;
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "wrong_password") this.errors.current = error.message;
      else if (error instanceof ApiProblem && error.status === 422) this.errors.fresh = String(error.data.errors?.[0]?.message ?? error.message);
      else this.problem = error instanceof NoLink ? t("error.noLink") : error instanceof Error ? error.message : String(error);
    } finally {
      this.busy = false;
    }
  }

  /** @param {string} name @param {string} label @param {string} autocomplete */
  field(name, label, autocomplete) {
    const error = this.errors[name];
    return html`<div class="field-box"><label class="field"><span>${label}</span>
      <input name=${name} type="password" autocomplete=${autocomplete} aria-invalid=${error ? "true" : "false"} aria-describedby="about-${name}-password" /></label>
      <span id="about-${name}-password">${error ? html`<span class="field-error">${error}</span>` : nothing}</span></div>`;
  }

  render() {
    const close = html`<button type="button" class="button wide" @click=${() => this.emit("password-closed")}>${this.done ? t("action.close") : t("action.cancel")}</button>`;
    if (this.done) return html`<p role="status">${t("password.done")}</p><div class="sheet-buttons">${close}</div>`;
    return html`<form novalidate @submit=${this.submit}>
      ${this.field("current", t("password.current"), "current-password")}
      ${this.field("fresh", t("password.fresh"), "new-password")}
      ${this.field("again", t("password.again"), "new-password")}
      ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
      <div class="sheet-buttons">${close}<button class="button primary wide" ?disabled=${this.busy}>${t("password.do")}</button></div></form>`;
  }
}
customElements.define("br-password", Password);

/** The same in a window of its own. */
class PasswordWindow extends Element {
  firstUpdated() {
    /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.showModal();
  }

  render() {
    return html`<dialog class="form-window key-window" aria-label=${t("password.change")} @close=${() => this.emit("password-closed")}>
      <h2>${t("password.change")}</h2><br-password @password-closed=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.close();
      }}></br-password></dialog>`;
  }
}
customElements.define("br-password-window", PasswordWindow);
