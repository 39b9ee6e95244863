// Reports: what there is, for which days, as a chart beside the table of the same numbers; files to take away.

import { ApiProblem, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { reportView } from "./report-view.js";

/** @typedef {{name: string, title: string, about: string, groups: string[], formats: string[]}} Report */

const DAY_MS = 86_400_000;
const FILES = ["csv", "xlsx", "pdf"];

/** @param {Date} date */
const day = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

class Reports extends Element {
  constructor() {
    super();
    /** @type {Report[]} */
    this.list = [];
    this.name = "";
    this.from = day(new Date(Date.now() - 7 * DAY_MS));
    this.to = day(new Date());
    this.group = "";
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {Record<string, any> | null} */
    this.data = null;
    this.asked = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.start();
  }

  async start() {
    try {
      const answer = await api(`/reports?lang=${prefs.lang}`);
      this.list = answer.items ?? answer;
      this.name ||= this.list[0]?.name ?? "";
      if (this.name) await this.load();
      else this.phase = "ready";
    } catch (error) {
      this.fail(error);
    }
    this.requestUpdate();
  }

  /** @param {unknown} error */
  fail(error) {
    this.phase = "failed";
    this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
  }

  query() {
    // Days are the service's own. People name the last day that counts, the server the day at which the period ends.
    const end = day(new Date(new Date(`${this.to}T12:00`).getTime() + DAY_MS));
    return `from=${this.from}&to=${end}&lang=${prefs.lang}${this.group ? `&group=${this.group}` : ""}`;
  }

  async load() {
    const asked = ++this.asked;
    this.data = null;
    this.phase = "loading";
    this.requestUpdate();
    try {
      const data = await api(`/reports/${this.name}?${this.query()}&format=json`, { timeoutMs: 60_000 });
      if (asked !== this.asked) return;
      this.data = data;
      this.phase = "ready";
    } catch (error) {
      if (asked !== this.asked) return;
      this.fail(error);
    }
    this.requestUpdate();
  }

  /** @param {"name" | "from" | "to" | "group"} field */
  set(field) {
    return (/** @type {Event} */ event) => {
      this[field] = /** @type {HTMLInputElement} */ (event.target).value;
      if (field === "name") this.group = "";
      void this.load();
    };
  }

  render() {
    const current = this.list.find((report) => report.name === this.name);
    return html`<div class="table-tools"><label class="field grow"><span>${t("reports.which")}</span><select .value=${this.name} @change=${this.set("name")}>${this.list.map((report) => html`<option value=${report.name} ?selected=${report.name === this.name}>${report.title}</option>`)}</select></label>
        ${current && current.groups.length > 1 ? html`<label class="field"><span>${t("reports.group")}</span><select @change=${this.set("group")}>${current.groups.map((group) => html`<option value=${group} ?selected=${group === (this.group || current.groups[0])}>${t(`group.${group}`)}</option>`)}</select></label>` : nothing}
        <label class="field"><span>${t("journal.from")}</span><input type="date" .value=${this.from} @change=${this.set("from")} /></label>
        <label class="field"><span>${t("journal.to")}</span><input type="date" .value=${this.to} @change=${this.set("to")} /></label>
        ${current ? FILES.filter((format) => current.formats.includes(format)).map((format) => html`<a class="button small" download href="/api/v1/reports/${this.name}?${this.query()}&format=${format}">${format.toUpperCase()}</a>`) : nothing}</div>
      ${current ? html`<p class="muted report-note">${current.about}</p>` : nothing}
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.start()}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && this.data
        ? reportView(this.data, (key) => `/reports/${this.name}?${this.query()}&format=svg&part=${key}`)
        : nothing}
      ${this.phase === "ready" && this.list.length === 0 ? html`<p class="pane-note muted">${t("reports.none")}</p>` : nothing}`;
  }
}
customElements.define("br-reports", Reports);
