// The sign-in page.

import { ApiProblem, NoLink } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { signIn } from "../core/session.js";
import { unlockSound } from "../core/sound.js";
import "./choices.js";

class SignIn extends Element {
  constructor() {
    super();
    this.busy = false;
    this.problem = "";
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const login = String(form.get("login") ?? "").trim();
    const password = String(form.get("password") ?? "");
    if (!login || !password) {
      this.problem = t("signIn.empty");
      this.requestUpdate();
      return;
    }
    this.busy = true;
    this.problem = "";
    this.requestUpdate();
    // The click on "sign in" is the one that lets the browser sound.
    void unlockSound();
    try {
      const me = await signIn(login, password);
      this.emit("signed-in", me);
    } catch (error) {
      this.problem = error instanceof NoLink ? t("error.noLink") : error instanceof ApiProblem ? error.message : String(error);
    } finally {
      this.busy = false;
      this.requestUpdate();
    }
  }

  render() {
    return html`<main class="sign-in">
      <form class="sign-in-card" novalidate @submit=${this.submit}>
        <div class="sign-in-head">
          <svg class="logo" viewBox="0 0 512 512" aria-hidden="true">
            <rect width="512" height="512" rx="72" fill="#17395c"></rect>
            <path d="M206 112h100v94h94v100h-94v94H206v-94h-94V206h94z" fill="#fff"></path>
            <path d="M256 190l66 66-66 66-66-66z" fill="#c22f2f"></path>
          </svg>
          <div>
            <h1>${t("app.name")}</h1>
            <p class="muted">${t("app.about")}</p>
          </div>
        </div>
        <label class="field"><span>${t("signIn.login")}</span>
          <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus /></label>
        <label class="field"><span>${t("signIn.password")}</span>
          <input name="password" type="password" autocomplete="current-password" required /></label>
        ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
        <button class="button primary wide" ?disabled=${this.busy}>${this.busy ? t("signIn.busy") : t("signIn.enter")}</button>
        <br-choices></br-choices>
      </form>
    </main>`;
  }
}
customElements.define("br-sign-in", SignIn);
