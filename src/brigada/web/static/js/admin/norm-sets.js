// Which set of norms is in force, and putting another one in force: the timers of the board and the reports go by it.

import { api, post } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./confirm.js";
import { said } from "./said.js";
import { normSetName } from "./sections/rules.js";

class NormSets extends Element {
  constructor() {
    super();
    /** @type {Array<Record<string, any>>} */
    this.norms = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    this.asked = "";
    this.run = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onEvent((event) => {
      if (event.kind.startsWith("norm.")) void this.load();
    }));
    this.onReturn(() => void this.load());
    void this.load();
  }

  async load() {
    const run = ++this.run;
    try {
      const { items } = await api("/norms");
      if (run !== this.run) return;
      this.norms = items;
      this.phase = "ready";
    } catch (error) {
      if (run !== this.run) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  render() {
    const sets = [...new Set(this.norms.map((norm) => norm.norm_set))];
    return html`${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
    ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
    <ul class="norm-sets" aria-label=${t("norm.sets")}>${sets.map((name) => {
      const own = this.norms.filter((norm) => norm.norm_set === name);
      const active = own.filter((norm) => norm.active).length;
      const state = active === 0 ? "" : active === own.length ? t("norm.setInForce") : t("norm.setPartly", { n: active, of: own.length });
      return html`<li class=${active > 0 ? "in-force" : ""}><b>${normSetName({ norm_set: name })}</b> <span>${state}</span>
        ${active === own.length ? nothing : html`<button type="button" class="button small" @click=${() => {
          this.asked = name;
          this.requestUpdate();
        }}>${t("norm.putInForce")}</button>`}</li>`;
    })}</ul>
    ${this.asked ? html`<br-confirm .question=${t("norm.ask", { name: normSetName({ norm_set: this.asked }) })} .note=${t("norm.askNote")} .word=${t("norm.putInForce")} .run=${async () => {
      await post("/norms/in-force", { norm_set: this.asked });
      await this.load();
      this.emit("norms-changed");
    }} @confirm-closed=${() => {
      this.asked = "";
      this.requestUpdate();
    }}></br-confirm>` : nothing}`;
  }
}
customElements.define("br-norm-sets", NormSets);
