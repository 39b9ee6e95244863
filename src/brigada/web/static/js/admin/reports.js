// Reports: what there is, for which days, as charts beside tables of the same numbers; files to take away.

import { ApiProblem, api, post } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { onPrefs, prefs } from "../core/prefs.js";
import { go } from "../core/routes.js";
import { reportView } from "./report-view.js";
import { daysOf, question, questionBehind, read, today, write, typed } from "./reports-address.js";
import "./reports-behind.js";
import "./reports-files.js";
import "./reports-tools.js";

/**
 * @typedef {import("./reports-address.js").Asked} Asked
 * @typedef {import("./reports-tools.js").Report} Report
 */

const FILES = "files";
// A year is computed in a second; the first question of a process reads all calls.
const TIMEOUT_MS = 60_000;
// The time zone comes with the picture; without it days are those of this device.
const PATIENCE_MS = 3000;
const SECTIONS = /** @type {Record<string, string[]>} */ ({
  overview: ["summary", "calls", "map"],
  time: ["norms", "intervals", "late", "gaps", "gps"],
  work: ["teams", "cars", "dispatchers", "losses", "advice"],
  papers: ["diary", "list", FILES],
});

class Reports extends Element {
  constructor() {
    super();
    /** @type {Report[]} */
    this.list = [];
    /** @type {import("./reports-tools.js").Options | null} */
    this.options = null;
    /** @type {Asked} */
    this.asked = read(location.pathname, location.search);
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {Record<string, any> | null} */
    this.data = null;
    this.loads = 0;
    this.started = false;
    /** @type {{title: string, question: URLSearchParams | null, callId: number | null} | null} */
    this.shown = null;
    this.lang = prefs.lang;
  }

  connectedCallback() {
    super.connectedCallback();
    const route = () => this.follow();
    addEventListener("popstate", route);
    this.stops.push(() => removeEventListener("popstate", route));
    this.stops.push(onPrefs(() => {
      if (this.lang === prefs.lang) return;
      this.lang = prefs.lang;
      void this.start();
    }));
    const timer = setTimeout(() => this.begin(), PATIENCE_MS);
    this.stops.push(() => clearTimeout(timer));
    this.storeChanged();
  }

  storeChanged() {
    if (this.store.phase === "ready") this.begin();
  }

  begin() {
    if (this.started) return;
    this.started = true;
    this.asked = read(location.pathname, location.search);
    void this.start();
  }

  /** Where the reports live: below the administrator's screen or on a page of their own. */
  get base() {
    return location.pathname.slice(0, location.pathname.indexOf("/reports") + "/reports".length);
  }

  follow() {
    if (!location.pathname.includes("/reports") || !this.started) return;
    this.asked = read(location.pathname, location.search);
    this.shown = null;
    this.requestUpdate();
    void this.load();
  }

  async start() {
    try {
      this.list = (await api(`/reports?lang=${prefs.lang}`)).items;
      await this.load();
    } catch (error) {
      this.fail(error);
    }
    try {
      this.options = await api(`/reports/options?lang=${prefs.lang}`, { timeoutMs: TIMEOUT_MS });
    } catch {
      // Without names the filters of words remain.
    }
    this.requestUpdate();
  }

  /** @param {unknown} error */
  fail(error) {
    this.phase = "failed";
    const fields = error instanceof ApiProblem ? (error.data.errors ?? []).map((/** @type {any} */ one) => one.message) : [];
    this.problem = error instanceof ApiProblem ? [error.message, ...fields].join(" ") : t("error.noLink");
    this.requestUpdate();
  }

  /** @returns {Report | undefined} */
  get current() {
    return this.list.find((report) => report.name === (this.asked.name || "summary")) ?? (this.asked.name === FILES ? undefined : this.list[0]);
  }

  async load() {
    const report = this.current;
    const load = ++this.loads;
    this.data = null;
    const asks = report !== undefined && this.asked.from <= this.asked.to;
    this.phase = asks ? "loading" : "ready";
    this.requestUpdate();
    if (!asks) return;
    try {
      const data = await api(`/reports/${report.name}?${question(this.asked)}&format=json`, { timeoutMs: TIMEOUT_MS });
      if (load !== this.loads) return;
      this.data = data;
      this.phase = "ready";
    } catch (error) {
      if (load === this.loads) this.fail(error);
    }
    this.requestUpdate();
  }

  /** @param {Partial<Asked>} change */
  ask(change) {
    const next = { ...this.asked, name: this.current?.name ?? this.asked.name, ...change };
    if (change.period && change.period !== "own") [next.from, next.to] = daysOf(change.period, today());
    if (change.name) Object.assign(next, { group: "", interval: "" });
    go(write(this.base, next));
  }

  /** The same report as a job: for what takes long. @param {string} format */
  async aside(format) {
    const report = this.current;
    if (!report) return;
    const asked = question(this.asked);
    const filters = typed(this.asked.filters);
    try {
      await post("/reports/jobs", {
        kind: "report", report: report.name, format, from: asked.get("from"), to: asked.get("to"), filters, lang: prefs.lang, compare: this.asked.compare,
        ...(this.asked.group ? { group: this.asked.group } : {}), ...(this.asked.interval ? { interval: this.asked.interval } : {}), ...(this.asked.norm_set ? { norm_set: this.asked.norm_set } : {}),
      });
      this.ask({ name: FILES });
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param {CustomEvent<import("./report-table.js").Behind>} event */
  openBehind(event) {
    const { title, column, row } = event.detail;
    const asked = questionBehind(question(this.asked), column, row);
    if (!asked) return;
    this.shown = { title, question: asked, callId: null };
    this.requestUpdate();
  }

  menu() {
    const known = new Map(this.list.map((report) => [report.name, tOr(`reports.menu.${report.name}`, report.title)]));
    known.set(FILES, t("reports.files"));
    const here = this.asked.name === FILES ? FILES : this.current?.name;
    const sections = Object.entries(SECTIONS).map(([section, names]) => ({ section, names: names.filter((name) => known.has(name)) })).filter(({ names }) => names.length > 0);
    return html`<nav class="report-menu" aria-label=${t("reports.menu")}>${sections.map(({ section, names }) => html`<p class="section-title">${t(`reports.section.${section}`)}</p>
        ${names.map((name) => html`<a href=${write(this.base, { ...this.asked, name, group: "", interval: "" })} aria-current=${here === name ? "page" : "false"} @click=${(/** @type {MouseEvent} */ event) => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          this.ask({ name });
        }}>${known.get(name)}</a>`)}`)}</nav>
      <label class="field report-choice"><span>${t("reports.which")}</span><select @change=${(/** @type {Event} */ event) => this.ask({ name: /** @type {HTMLSelectElement} */ (event.target).value })}>
        ${sections.map(({ section, names }) => html`<optgroup label=${t(`reports.section.${section}`)}>${names.map((name) => html`<option value=${name} ?selected=${here === name}>${known.get(name)}</option>`)}</optgroup>`)}</select></label>`;
  }

  /** Which days, whose clock, which norms, when it was made. @param {Record<string, any>} data */
  facts(data) {
    const norms = [...new Set((data.norm.items ?? []).map((/** @type {any} */ norm) => `${norm.title} (v${norm.version})`))].join("; ");
    const days = [this.asked.from, this.asked.to].map((day) => (prefs.lang === "ru" ? day.split("-").reverse().join(".") : day));
    return html`<p class="report-facts muted"><span>${[...new Set(days)].join(" – ")} (${data.period.time_zone})</span>
      <span>${t("reports.madeAt", { at: dateTime(data.made_at) })}</span>${norms ? html`<details><summary>${t("reports.judgedBy", { sets: data.norm.title })}</summary>${norms}</details>` : nothing}
      ${data.filters ? html`<span>${t("reports.filteredBy", { what: data.filters })}</span>` : nothing}</p>`;
  }

  report(/** @type {Report} */ report) {
    const data = this.data;
    if (!data) return nothing;
    const drills = report.name !== "shift";
    if (report.name !== "map") {
      return html`${this.facts(data)}${reportView(data, (key) => `/reports/${report.name}?${question(this.asked)}&format=svg&part=${key}`, { drills })}`;
    }
    return html`${this.facts(data)}${this.mapOf(data)}${reportView({ ...data, charts: [] }, () => "", { drills })}`;
  }

  /** The map comes with its library only when it is looked at. @param {Record<string, any>} data */
  mapOf(data) {
    if (!customElements.get("br-report-map")) void import("./reports-map.js").then(() => this.requestUpdate());
    return html`<br-report-map .cells=${data.tables[0].rows} .drills=${true}></br-report-map>`;
  }

  content() {
    const report = this.current;
    if (this.asked.name === FILES) return html`<br-report-files .reports=${this.list} .options=${this.options}></br-report-files>`;
    if (!report) return this.phase === "ready" ? html`<p class="pane-note muted">${t("reports.none")}</p>` : this.state();
    return html`<header class="report-head"><h2>${report.title}</h2><p class="muted">${report.about}</p></header>
      <br-report-tools .asked=${this.asked} .report=${report} .options=${this.options} @asked=${(/** @type {CustomEvent} */ event) => this.ask(event.detail)} @aside=${() => void this.aside("xlsx")}></br-report-tools>
      ${this.state()}${this.phase === "ready" ? this.report(report) : nothing}`;
  }

  state() {
    if (this.phase === "loading") return html`<div class="report-loading" role="status"><progress aria-label=${t("state.loading")}></progress><p class="muted">${t("reports.computing")}</p></div>`;
    if (this.phase === "failed") return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.start()}>${t("action.again")}</button></p>`;
    return nothing;
  }

  render() {
    return html`<div class="report-page" @behind=${(/** @type {CustomEvent} */ event) => this.openBehind(event)} @open-call=${(/** @type {CustomEvent} */ event) => {
      this.shown = { title: "", question: null, callId: event.detail };
      this.requestUpdate();
    }}>${this.menu()}<div class="report-body">${this.content()}</div>
      ${this.shown ? html`<br-behind .title=${this.shown.title} .question=${this.shown.question} .callId=${this.shown.callId} @behind-closed=${() => {
        this.shown = null;
        this.requestUpdate();
      }}></br-behind>` : nothing}</div>`;
  }
}
customElements.define("br-reports", Reports);
