// A table of a report: sorted by any column, what was before under each number, and the calls behind it one press away.

import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";

/**
 * @typedef {{key: string, title: string, heading: string, kind: string, filter: Record<string, unknown> | null, compared: string}} Column
 * @typedef {{key: string, title: string, columns: Column[], rows: Record<string, any>[], display: string[][], total: Record<string, any> | null, display_total: string[] | null, empty: string}} TableData
 * @typedef {{title: string, column: Record<string, unknown>, row: Record<string, unknown>}} Behind
 */

const NOT_NUMBERS = ["text", "time", "call", "day", "month"];
// A browser draws some hundreds of rows at once; the files hold all of them.
const ROWS_AT_FIRST = 100;

class ReportTable extends Element {
  static properties = { data: { attribute: false }, drills: { type: Boolean } };

  constructor() {
    super();
    /** @type {TableData | null} */
    this.data = null;
    /** Whether numbers lead to their calls. */
    this.drills = false;
    this.sortBy = "";
    this.down = true;
    this.all = false;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("data")) this.all = false;
  }

  /** The first press puts the most on top (words: the first), the second turns it round, the third takes it back. @param {Column} column */
  sort(column) {
    const first = !NOT_NUMBERS.includes(column.kind);
    if (this.sortBy !== column.key) {
      this.sortBy = column.key;
      this.down = first;
    } else if (this.down === first) this.down = !first;
    else this.sortBy = "";
    this.requestUpdate();
  }

  /** The places of the rows in the order chosen; what has no value stands last. @param {TableData} data */
  order(data) {
    const places = data.rows.map((_, place) => place);
    if (!data.columns.some((column) => column.key === this.sortBy)) return places;
    const words = new Intl.Collator(prefs.lang, { numeric: true });
    const value = (/** @type {number} */ place) => data.rows[place]?.[this.sortBy];
    return places.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x == null || y == null) return Number(x == null) - Number(y == null);
      const order = typeof x === "number" && typeof y === "number" ? x - y : words.compare(String(x), String(y));
      return this.down ? -order : order;
    });
  }

  /** What to ask for the calls behind a number; null where it leads nowhere. @param {Column} column @param {Record<string, any>} row @returns {Behind | null} */
  behind(column, row) {
    if (!this.drills || !column.filter || !row.filter || !(row[column.key] > 0)) return null;
    const own = row.filters?.[column.key] ?? row.filter;
    return { title: `${row.group ?? this.data?.title ?? ""} · ${column.title}`, column: column.filter, row: own };
  }

  /** @param {TableData} data @param {Record<string, any>} row @param {string[]} texts @param {number} place */
  cell(data, row, texts, place) {
    const column = /** @type {Column} */ (data.columns[place]);
    const text = texts[place];
    const before = data.columns.findIndex((other) => other.compared === column.key);
    const behind = this.behind(column, row);
    const shown = behind
      ? html`<button type="button" class="drill" aria-label=${t("reports.behind", { what: behind.title, n: text })} @click=${() => this.emit("behind", behind)}>${text}</button>`
      : column.kind === "call" && row.call_id
        ? html`<button type="button" class="drill" aria-label=${t("reports.openCall", { number: text })} @click=${() => this.emit("open-call", row.call_id)}>${text}</button>`
        : text;
    const wide = column.kind === "text" && String(text).length > 28;
    return html`<td class="${NOT_NUMBERS.includes(column.kind) ? "" : "number"} ${wide ? "long" : ""}">${shown}${before >= 0 ? html`<small class="was">${texts[before]}</small>` : nothing}</td>`;
  }

  render() {
    const data = this.data;
    if (!data) return nothing;
    if (data.rows.length === 0) return html`<section class="report-empty">${data.title ? html`<h2>${data.title}</h2>` : nothing}<p class="muted">${data.empty || t("reports.empty")}</p></section>`;
    const shown = data.columns.map((column, place) => ({ column, place })).filter(({ column }) => !column.compared);
    const order = this.order(data);
    const rows = this.all ? order : order.slice(0, ROWS_AT_FIRST);
    const total = data.total ? { filter: {}, ...data.total } : null;
    return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${data.title}><table class="report-table"><caption>${data.title}</caption>
        <thead><tr>${shown.map(({ column }) => {
          const state = this.sortBy === column.key ? (this.down ? "descending" : "ascending") : "none";
          return html`<th scope="col" class=${NOT_NUMBERS.includes(column.kind) ? "" : "number"} aria-sort=${state}><button type="button" @click=${() => this.sort(column)}>${column.heading}<span aria-hidden="true">${state === "none" ? "" : this.down ? " ▼" : " ▲"}</span></button></th>`;
        })}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${shown.map(({ place }) => this.cell(data, data.rows[row] ?? {}, data.display[row] ?? [], place))}</tr>`)}</tbody>
        ${total && data.display_total ? html`<tfoot><tr>${shown.map(({ place }) => this.cell(data, total, data.display_total ?? [], place))}</tr></tfoot>` : nothing}</table></div>
      ${rows.length < order.length ? html`<button type="button" class="button small" @click=${() => {
        this.all = true;
        this.requestUpdate();
      }}>${t("reports.allRows", { n: order.length })}</button>` : nothing}`;
  }
}
customElements.define("br-report-table", ReportTable);
