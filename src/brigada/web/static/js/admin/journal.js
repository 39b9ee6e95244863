// The journal: every event of the service, newest first, with filters.

import { ApiProblem, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { changes } from "../parts/history.js";

const KINDS = ["", "call", "assignment", "team", "car", "user", "session", "station", "hospital", "reason", "token"];

class Journal extends Element {
  constructor() {
    super();
    /** @type {Array<Record<string, any>>} */
    this.items = [];
    this.cursor = "";
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    this.kind = "";
    this.from = "";
    this.to = "";
    this.query = "";
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load(false);
  }

  /** @param {boolean} more */
  async load(more) {
    const query = new URLSearchParams({ limit: "100" });
    if (this.kind) query.set("kind", this.kind);
    if (this.from) query.set("from", new Date(this.from).toISOString());
    if (this.to) query.set("to", new Date(this.to).toISOString());
    if (more && this.cursor) query.set("cursor", this.cursor);
    try {
      const answer = await api(`/events?${query}`);
      this.items = more ? [...this.items, ...answer.items] : answer.items;
      this.cursor = answer.next_cursor ?? "";
      this.phase = "ready";
    } catch (error) {
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  /** @param {"kind" | "from" | "to"} name */
  set(name) {
    return (/** @type {Event} */ event) => {
      this[name] = /** @type {HTMLInputElement} */ (event.target).value;
      void this.load(false);
    };
  }

  /** @param {Record<string, any>} item */
  row(item) {
    const who = item.actor?.name ?? (item.actor?.kind ? tOr(`actor.${item.actor.kind}`, item.actor.kind) : "");
    const number = item.data?.call?.number ?? item.call_id;
    return html`<tr><td class="nowrap">${item.seq}</td><td class="nowrap">${dateTime(item.at)}</td><td>${tOr(`event.${item.kind}`, item.kind)}</td><td>${who}</td><td>${number ?? ""}</td>
      <td>${changes(item).map((line) => html`<small class="change">${line}</small>`)}</td></tr>`;
  }

  render() {
    const words = this.query.toLowerCase();
    const items = words ? this.items.filter((item) => JSON.stringify(item).toLowerCase().includes(words)) : this.items;
    return html`<div class="table-tools journal-tools">
        <label class="field"><span>${t("journal.kind")}</span><select @change=${this.set("kind")}>${KINDS.map((kind) => html`<option value=${kind}>${kind ? t(`journalKind.${kind}`) : t("journal.all")}</option>`)}</select></label>
        <label class="field"><span>${t("journal.from")}</span><input type="datetime-local" @change=${this.set("from")} /></label>
        <label class="field"><span>${t("journal.to")}</span><input type="datetime-local" @change=${this.set("to")} /></label>
        <label class="field"><span>${t("table.search")}</span><input type="search" @input=${(/** @type {InputEvent} */ event) => {
          this.query = /** @type {HTMLInputElement} */ (event.target).value;
          this.requestUpdate();
        }} /></label></div>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load(false)}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && items.length === 0 ? html`<p class="pane-note muted">${t("table.empty")}</p>` : nothing}
      ${items.length > 0
        ? html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t("table.label")}><table><thead><tr><th scope="col">№</th><th scope="col">${t("journal.at")}</th><th scope="col">${t("journal.what")}</th><th scope="col">${t("journal.who")}</th><th scope="col">${t("journal.call")}</th><th scope="col">${t("journal.change")}</th></tr></thead>
            <tbody>${items.map((item) => this.row(item))}</tbody></table></div>`
        : nothing}
      ${this.cursor ? html`<button type="button" class="button small" @click=${() => void this.load(true)}>${t("journal.more")}</button>` : nothing}`;
  }
}
customElements.define("br-journal", Journal);
