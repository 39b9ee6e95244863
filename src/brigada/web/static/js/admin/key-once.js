// A key that is shown once: to copy, and for a tracker as a picture to scan. Nothing keeps it but the person.

import { Element, html, nothing, svg } from "../core/element.js";
import { t } from "../core/i18n.js";
import { qrPath } from "../core/qr.js";

class KeyOnce extends Element {
  static properties = { secret: { attribute: false }, url: { attribute: false }, name: { attribute: false } };

  constructor() {
    super();
    this.secret = "";
    /** The whole address of a tracker. */
    this.url = "";
    this.name = "";
    this.copied = false;
  }

  firstUpdated() {
    /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.showModal();
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.url || this.secret);
      this.copied = true;
    } catch {
      // It stands there to be selected.
    }
    this.requestUpdate();
  }

  picture() {
    if (!this.url) return nothing;
    const { path, size } = qrPath(this.url);
    return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label=${t("device.qr")}>${svg`<rect width=${size} height=${size} fill="#fff"></rect><path d=${path} fill="#000" shape-rendering="crispEdges"></path>`}</svg>`;
  }

  render() {
    const text = this.url || this.secret;
    return html`<dialog class="form-window key-window" aria-label=${this.name} @close=${() => this.emit("key-closed")}>
      <h2>${this.name}</h2>
      ${text
        ? html`<p>${this.url ? t("device.once") : t("token.once")}</p><p><code class="secret">${text}</code></p>${this.picture()}`
        : html`<p class="form-error">${t("token.lost")}</p>`}
      <div class="buttons end">${text ? html`<button type="button" class="button" @click=${() => void this.copy()}>${this.copied ? t("navigator.copied") : t("navigator.copy")}</button>` : nothing}
        <button type="button" class="button primary" @click=${() => /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.close()}>${t("token.kept")}</button></div></dialog>`;
  }
}
customElements.define("br-key-once", KeyOnce);
