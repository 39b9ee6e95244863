// The second step of what can't be taken back: the object is named, the safe button comes first and has the focus.

import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { said } from "./said.js";

class Confirm extends Element {
  static properties = { question: { attribute: false }, note: { attribute: false }, word: { attribute: false }, run: { attribute: false } };

  constructor() {
    super();
    this.question = "";
    this.note = "";
    this.word = "";
    /** @type {() => Promise<void>} */
    this.run = () => Promise.resolve();
    this.busy = false;
    this.problem = "";
  }

  firstUpdated() {
    this.dialog?.showModal();
    this.find(".safe")?.focus();
  }

  /** @returns {HTMLDialogElement | null} */
  get dialog() {
    return this.find("dialog");
  }

  async go() {
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    try {
      await this.run();
      if (this.isConnected) this.dialog?.close();
    } catch (error) {
      this.problem = said(error);
    }
    this.busy = false;
    this.requestUpdate();
  }

  render() {
    return html`<dialog class="form-window confirm-window" role="alertdialog" aria-label=${this.question} @close=${() => this.emit("confirm-closed")}>
      <h2>${this.question}</h2>${this.note ? html`<p>${this.note}</p>` : nothing}
      ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
      <div class="buttons end"><button type="button" class="button safe" @click=${() => this.dialog?.close()}>${t("action.keep")}</button>
        <button type="button" class="button danger" ?disabled=${this.busy} @click=${() => void this.go()}>${this.word}</button></div></dialog>`;
  }
}
customElements.define("br-confirm", Confirm);
