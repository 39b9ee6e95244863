// The own team's shift: its hours, and the calls that it was sent to. After the end, the last one.

import { ApiProblem, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { onPrefs, prefs } from "../core/prefs.js";

/** @typedef {import("../admin/report-table.js").TableData} TableData */

// A process that has not computed a report yet reads all calls first.
const TIMEOUT_MS = 60_000;
const FIGURES = ["calls", "completed", "shift_h", "busy_h", "utilisation", "km", "km_calls"];
// The number and the time stand in the head of each call.
const IN_HEAD = ["number", "received"];

// How many seconds one of a column's unit has.
const SECONDS = /** @type {Record<string, number>} */ ({ seconds: 1, hours: 3600 });

/** @param {number} seconds */
function hoursMinutes(seconds) {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

class CrewShift extends Element {
  constructor() {
    super();
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {Record<string, any> | null} */
    this.data = null;
    this.lang = prefs.lang;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(onPrefs(() => {
      if (this.lang === prefs.lang) return;
      this.lang = prefs.lang;
      void this.load();
    }));
    void this.load();
  }

  async load() {
    const { lang } = prefs;
    this.phase = "loading";
    this.requestUpdate();
    try {
      const data = await api(`/reports/shift?lang=${lang}`, { timeoutMs: TIMEOUT_MS });
      if (lang !== prefs.lang) return;
      this.data = data;
      this.phase = "ready";
    } catch (error) {
      if (lang !== prefs.lang) return;
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  // Durations are hours and minutes here: the office's 12:05 is of minutes and seconds, and would pass for half a shift.
  /** The texts of a row by the columns' keys. @param {TableData | undefined} table @param {number} place @returns {Array<{key: string, heading: string, text: string}>} */
  texts(table, place) {
    return (table?.columns ?? []).map((column, n) => {
      const seconds = SECONDS[column.kind];
      const value = table?.rows[place]?.[column.key];
      return seconds !== undefined && typeof value === "number"
        ? { key: column.key, heading: t("shift.hoursMinutes", { what: column.title }), text: hoursMinutes(value * seconds) }
        : { key: column.key, heading: column.heading, text: table?.display[place]?.[n] ?? "" };
    });
  }

  /** @param {TableData} table @param {number} place */
  call(table, place) {
    const texts = this.texts(table, place);
    const of = (/** @type {string} */ key) => texts.find((one) => one.key === key)?.text ?? "";
    return html`<li><b>${t("shift.call", { number: of("number") })}</b> <time>${of("received")}</time>
      <dl>${texts.filter((one) => !IN_HEAD.includes(one.key) && one.text !== "").map((one) => html`<div><dt>${one.heading}</dt><dd>${one.text}</dd></div>`)}</dl></li>`;
  }

  render() {
    if (this.phase === "loading") return html`<p class="muted" role="status">${t("state.loading")}</p>`;
    const data = this.data;
    if (this.phase === "failed" || !data) {
      return html`<p class="form-error" role="alert">${this.problem}</p>
        <div class="sheet-buttons"><button type="button" class="button wide" @click=${() => void this.load()}>${t("action.again")}</button></div>`;
    }
    const [load, calls] = /** @type {TableData[]} */ (data.tables);
    const figures = load?.rows.length ? this.texts(load, 0).filter((one) => FIGURES.includes(one.key)) : [];
    return html`<p>${dateTime(data.period.from)} – ${dateTime(data.period.to)}</p>
      ${figures.length > 0 ? html`<dl class="shift-figures">${figures.map((one) => html`<div><dt>${one.heading}</dt><dd>${one.text}</dd></div>`)}</dl>` : nothing}
      ${calls && calls.rows.length > 0
        ? html`<ol class="shift-calls">${calls.rows.map((_, place) => this.call(calls, place))}</ol>`
        : html`<p class="muted">${calls?.empty ?? ""}</p>`}
      ${(data.notes ?? []).map((/** @type {string} */ note) => html`<p class="muted"><small>${note}</small></p>`)}`;
  }
}
customElements.define("br-crew-shift", CrewShift);
