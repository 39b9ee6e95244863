// A table that searches, sorts, pages and exports; with its empty, loading and error state.

import { all } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { csv, download } from "./csv.js";
import { said } from "./said.js";

/**
 * @typedef {Record<string, any>} Row
 * @typedef {{name: string, title: string, text: (row: Row) => string, face?: (row: Row) => unknown, nowrap?: boolean, sort?: (row: Row) => string | number}} Column
 */

const ROWS_OF_A_PAGE = 50;
// A table holds what fits into a browser; whoever has more is told so, and narrows it.
const MOST_ROWS = 5000;

class Table extends Element {
  static properties = { path: { type: String }, columns: { attribute: false }, follow: { attribute: false }, name: { type: String }, actions: { attribute: false }, empty: { attribute: false }, over: { attribute: false } };

  constructor() {
    super();
    this.path = "";
    this.name = "";
    /** @type {Column[]} */
    this.columns = [];
    /** Events after which the rows are read anew. @type {RegExp | null} */
    this.follow = null;
    /** Buttons of a row. @type {((row: Row) => unknown) | null} */
    this.actions = null;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    this.query = "";
    this.sortBy = "";
    this.down = false;
    this.page = 0;
    /** What to do first where nothing is yet. @type {unknown} */
    this.empty = nothing;
    /** Which rows are of the past. @type {((row: Row) => boolean) | null} */
    this.over = null;
    /** For which moment the rows are true. */
    this.trueAt = 0;
    this.cut = false;
    this.linkWas = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.asked = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(
      this.store.onEvent((event) => {
        if (!this.follow?.test(event.kind)) return;
        clearTimeout(this.soon);
        this.soon = setTimeout(() => void this.load(), 300);
      }),
    );
    this.stops.push(() => clearTimeout(this.soon));
    this.onReturn(() => void this.load());
  }

  storeChanged() {
    const { link } = this.store;
    if (link !== this.linkWas) this.requestUpdate();
    this.linkWas = link;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("path")) return;
    this.rows = [];
    this.phase = "loading";
    this.query = "";
    this.sortBy = "";
    this.page = 0;
    void this.load();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const at = serverNow();
      const rows = await all(this.path, MOST_ROWS);
      // A list that was asked for before a change and comes after it would take the change back on the screen.
      if (asked !== this.asked) return;
      this.rows = rows;
      this.cut = rows.length >= MOST_ROWS;
      this.trueAt = at;
      this.phase = "ready";
    } catch (error) {
      if (asked !== this.asked) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  found() {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.rows.filter((row) => {
      if (words.length === 0) return true;
      const hay = this.columns.map((column) => column.text(row)).join(" ").toLowerCase();
      return words.every((word) => hay.includes(word));
    });
    const column = this.columns.find((item) => item.name === this.sortBy);
    if (column) {
      const key = column.sort ?? column.text;
      const order = new Intl.Collator(prefs.lang, { numeric: true });
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        return (typeof x === "number" && typeof y === "number" ? x - y : order.compare(String(x), String(y))) * (this.down ? -1 : 1);
      });
    }
    return rows;
  }

  /** @param {string} name */
  sort(name) {
    this.down = this.sortBy === name ? !this.down : false;
    this.sortBy = name;
    this.requestUpdate();
  }

  export() {
    const head = this.columns.map((column) => t(column.title));
    download(`${this.name || "table"}.csv`, csv(head, this.found().map((row) => this.columns.map((column) => column.text(row)))));
  }

  /** @param {Column} column */
  head(column) {
    const state = this.sortBy === column.name ? (this.down ? "descending" : "ascending") : "none";
    return html`<th scope="col" aria-sort=${state}><button type="button" @click=${() => this.sort(column.name)}>${t(column.title)} <span aria-hidden="true">${state === "ascending" ? "▲" : state === "descending" ? "▼" : ""}</span></button></th>`;
  }

  render() {
    const rows = this.found();
    const pages = Math.max(1, Math.ceil(rows.length / ROWS_OF_A_PAGE));
    const page = Math.min(this.page, pages - 1);
    const shown = rows.slice(page * ROWS_OF_A_PAGE, (page + 1) * ROWS_OF_A_PAGE);
    return html`<div class="table-tools">
        <input type="search" aria-label=${t("table.search")} placeholder=${t("table.search")} .value=${this.query} @input=${(/** @type {InputEvent} */ event) => {
          this.query = /** @type {HTMLInputElement} */ (event.target).value;
          this.page = 0;
          this.requestUpdate();
        }} />
        <span class="muted" role="status">${this.phase === "ready" ? t("table.rows", { n: rows.length }) : ""}</span>
        <button type="button" class="button small" ?disabled=${rows.length === 0} @click=${() => this.export()}>${t("action.export")}</button></div>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.stale() ? html`<p class="note stale" role="status">${t("table.stale", { time: clockTime(this.trueAt) })}</p>` : nothing}
      ${this.cut ? html`<p class="note" role="status">${t("table.cut", { n: MOST_ROWS })}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && rows.length === 0 ? html`<div class="pane-note muted"><p>${this.query ? t("board.nothingFound") : t("table.empty")}</p>${this.query ? nothing : this.empty}</div>` : nothing}
      ${shown.length > 0
        ? html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t("table.label")}><table><thead><tr>${this.columns.map((column) => this.head(column))}${this.actions ? html`<th scope="col"><span class="visually-hidden">${t("table.actions")}</span></th>` : nothing}</tr></thead>
            <tbody>${shown.map((row) => html`<tr class=${this.over?.(row) ? "over" : ""}>${this.columns.map((column) => html`<td class=${column.nowrap ? "nowrap" : ""}>${column.face ? column.face(row) : column.text(row)}</td>`)}${this.actions ? html`<td class="row-actions">${this.actions(row)}</td>` : nothing}</tr>`)}</tbody></table></div>`
        : nothing}
      ${pages > 1
        ? html`<nav class="pager" aria-label=${t("table.pages")}><button type="button" class="button small" ?disabled=${page === 0} aria-label=${t("table.previous")} @click=${() => this.turn(page - 1)}>←</button>
            <span>${t("table.page", { page: page + 1, pages })}</span><button type="button" class="button small" ?disabled=${page === pages - 1} aria-label=${t("table.next")} @click=${() => this.turn(page + 1)}>→</button></nav>`
        : nothing}`;
  }

  stale() {
    return this.rows.length > 0 && (this.store.link === "lost" || this.phase === "failed");
  }

  /** @param {number} page */
  turn(page) {
    this.page = page;
    this.requestUpdate();
  }
}
customElements.define("br-table", Table);

export { Table };
