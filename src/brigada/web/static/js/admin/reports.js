// Reports: what there is, for which days, as a chart beside the table of the same numbers; files to take away.

import { ApiProblem, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";

/** @typedef {{name: string, title?: string, title_ru?: string, title_en?: string, about?: string, description?: string, formats?: string[], [key: string]: any}} Report */

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
    this.to = day(new Date(Date.now() + DAY_MS));
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
      const answer = await api("/reports");
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
    // Days are the service's own: the server takes dates in its time zone.
    return `from=${this.from}&to=${this.to}&lang=${prefs.lang}`;
  }

  async load() {
    const asked = ++this.asked;
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

  /** @param {Report} report */
  titleOf(report) {
    return report.title ?? (prefs.lang === "ru" ? report.title_ru : report.title_en) ?? report.name;
  }

  /** @param {"name" | "from" | "to"} field */
  set(field) {
    return (/** @type {Event} */ event) => {
      this[field] = /** @type {HTMLInputElement} */ (event.target).value;
      void this.load();
    };
  }

  tables() {
    const data = this.data ?? {};
    /** @type {Array<Record<string, any>>} */
    const tables = data.tables ?? (data.rows ? [data] : []);
    return tables.map((table) => this.table(table));
  }

  /** @param {Record<string, any>} table */
  table(table) {
    const columns = (table.columns ?? Object.keys(table.rows?.[0] ?? {})).map((/** @type {any} */ column) => (typeof column === "string" ? { name: column, title: column } : column));
    const rows = table.rows ?? [];
    if (rows.length === 0) return html`<p class="pane-note muted">${t("reports.empty")}</p>`;
    return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${table.title ?? t("table.label")}><table>${table.title ? html`<caption>${table.title}</caption>` : nothing}
      <thead><tr>${columns.map((/** @type {any} */ column) => html`<th scope="col">${column.title ?? column.name}</th>`)}</tr></thead>
      <tbody>${rows.map((/** @type {any} */ row) => html`<tr>${columns.map((/** @type {any} */ column, /** @type {number} */ index) => html`<td>${cellText(Array.isArray(row) ? row[index] : row[column.name])}</td>`)}</tr>`)}</tbody></table></div>`;
  }

  render() {
    const current = this.list.find((report) => report.name === this.name);
    return html`<div class="table-tools"><label class="field grow"><span>${t("reports.which")}</span><select .value=${this.name} @change=${this.set("name")}>${this.list.map((report) => html`<option value=${report.name} ?selected=${report.name === this.name}>${this.titleOf(report)}</option>`)}</select></label>
        <label class="field"><span>${t("journal.from")}</span><input type="date" .value=${this.from} @change=${this.set("from")} /></label>
        <label class="field"><span>${t("journal.to")}</span><input type="date" .value=${this.to} @change=${this.set("to")} /></label>
        ${current ? FILES.filter((format) => !current.formats || current.formats.includes(format)).map((format) => html`<a class="button small" download href="/api/v1/reports/${this.name}?${this.query()}&format=${format}">${format.toUpperCase()}</a>`) : nothing}</div>
      ${current?.about ?? current?.description ? html`<p class="muted">${current?.about ?? current?.description}</p>` : nothing}
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.start()}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && this.data
        ? html`${!current?.formats || current.formats.includes("svg") ? html`<img class="chart" alt=${t("reports.chart", { name: current ? this.titleOf(current) : "" })} src="/api/v1/reports/${this.name}?${this.query()}&format=svg" @error=${(/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).setAttribute("hidden", "")} />` : nothing}${this.tables()}`
        : nothing}
      ${this.phase === "ready" && this.list.length === 0 ? html`<p class="pane-note muted">${t("reports.none")}</p>` : nothing}`;
  }
}
customElements.define("br-reports", Reports);

/** @param {unknown} value */
function cellText(value) {
  if (value == null) return "—";
  if (typeof value === "number") return new Intl.NumberFormat(prefs.lang === "ru" ? "ru-RU" : "en-GB", { maximumFractionDigits: 1 }).format(value);
  return String(value);
}
