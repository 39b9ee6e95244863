// What takes long and what comes by itself: files that are made aside, the complete export, reports by schedule, forms to print.

import { api, post, remove } from "../core/api.js";
import { attempt } from "../core/attempt.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { session } from "../core/session.js";
import { FILTERS, plusDays, today, typed } from "./reports-address.js";
import { choicesOf } from "./reports-tools.js";

/** @typedef {Record<string, any>} Job */

const LOOK_MS = 1000;
const OPEN = ["queued", "running"];
const EVERY = ["day", "week", "month"];
const FORMATS = ["pdf", "xlsx", "csv"];

class ReportFiles extends Element {
  static properties = { reports: { attribute: false }, options: { attribute: false } };

  constructor() {
    super();
    /** @type {Array<{name: string, title: string}>} */
    this.reports = [];
    /** What can be filtered by. @type {import("./reports-tools.js").Options | null} */
    this.options = null;
    /** @type {Job[] | null} */
    this.jobs = null;
    /** @type {Job[] | null} */
    this.schedules = null;
    this.problem = "";
    this.note = "";
    /** The schedule whose end is being asked about. @type {number | null} */
    this.ending = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(() => clearTimeout(this.timer));
    void this.load();
  }

  get keeps() {
    return session.me?.role === "admin";
  }

  async load() {
    await attempt(this, async () => {
      this.jobs = (await api("/reports/jobs")).items;
      if (this.keeps) this.schedules = (await api("/reports/schedules")).items;
    });
    this.lookAgain();
  }

  /** While something is being made, how far it is; else nothing is asked. */
  lookAgain() {
    clearTimeout(this.timer);
    if (!this.isConnected || !this.jobs?.some((job) => OPEN.includes(job.status))) return;
    this.timer = setTimeout(() => {
      void attempt(this, async () => {
        this.jobs = (await api("/reports/jobs")).items;
      }).then(() => this.lookAgain());
    }, LOOK_MS);
  }

  /** @param {SubmitEvent} event */
  exportAll(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    return attempt(this, async () => {
      await post("/reports/jobs", { kind: "export", personal_data: form.has("personal"), positions: form.has("positions") });
      await this.load();
    });
  }

  /** @param {SubmitEvent} event */
  addSchedule(event) {
    event.preventDefault();
    const target = /** @type {HTMLFormElement} */ (event.target);
    const form = new FormData(target);
    return attempt(this, async () => {
      /** @type {Record<string, string>} */
      const chosen = {};
      for (const name of FILTERS) if (form.get(`filter.${name}`)) chosen[name] = String(form.get(`filter.${name}`));
      const norms = form.get("norm_set");
      await post("/reports/schedules", { report: form.get("report"), format: form.get("format"), every: form.get("every"), at: form.get("at"), filters: typed(chosen), ...(norms ? { norm_set: norms } : {}), lang: prefs.lang });
      this.note = t("reports.scheduled");
      await this.load();
    });
  }

  /** @param {Job} job */
  drop(job) {
    return attempt(this, async () => {
      await remove(`/reports/jobs/${job.id}`);
      await this.load();
    });
  }

  /** @param {number} id */
  endSchedule(id) {
    return attempt(this, async () => {
      await remove(`/reports/schedules/${id}`);
      this.ending = null;
      await this.load();
    });
  }

  /** @param {Job} job */
  jobTitle(job) {
    if (job.kind === "export") return t(job.params.personal_data ? "reports.exportPersonal" : "reports.exportPlain");
    const report = this.reports.find((one) => one.name === job.params.report)?.title ?? job.params.report;
    return `${report}, ${String(job.params.format ?? "").toUpperCase()}`;
  }

  /** @param {Job} job */
  job(job) {
    const open = OPEN.includes(job.status);
    const title = this.jobTitle(job);
    const size = job.size_bytes ? new Intl.NumberFormat(prefs.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 2 }).format(job.size_bytes / 1e6) : "";
    return html`<li class="job"><div><b>${title}</b><br /><small class="muted">${dateTime(job.created_at)} · ${t(`job.${job.status}`)}${job.problem ? `: ${tOr(`job.problem.${job.problem}`, job.problem)}` : ""}${size ? ` · ${size}` : ""}</small></div>
      ${open ? html`<progress max="1" .value=${job.progress} aria-label=${t("reports.progress", { what: title })}></progress><small class="muted">${Math.round(job.progress * 100)} % ${job.step}</small>` : nothing}
      <span class="buttons">${job.status === "done" ? html`<a class="button small" download href="/api/v1/reports/jobs/${job.id}/file">${t("reports.take")}</a>` : nothing}
        <button type="button" class="button small" aria-label="${t(open ? "reports.cancel" : "reports.forget")}: ${title}" @click=${() => void this.drop(job)}>${t(open ? "reports.cancel" : "reports.forget")}</button></span></li>`;
  }

  exportForm() {
    return html`<section><h2>${t("reports.export")}</h2><p class="muted">${t("reports.exportAbout")}</p>
      <form class="inline-form" @submit=${(/** @type {SubmitEvent} */ event) => void this.exportAll(event)}>
        <label class="check"><input type="checkbox" name="personal" /> ${t("reports.withPersonal")}</label>
        <label class="check"><input type="checkbox" name="positions" /> ${t("reports.withPositions")}</label>
        <button class="button small primary">${t("reports.exportDo")}</button></form></section>`;
  }

  /** What a schedule leaves in, in words. @param {Job} one */
  filteredBy(one) {
    const place = (/** @type {string} */ name) => (FILTERS.includes(name) ? FILTERS.indexOf(name) : FILTERS.length);
    const chosen = Object.entries(/** @type {Record<string, unknown>} */ (one.filters)).sort(([a], [b]) => place(a) - place(b));
    const said = chosen.map(([name, value]) => `${tOr(`filter.${name}`, name)}: ${choicesOf(name, this.options).find((choice) => choice.value === String(value))?.title ?? value}`);
    if (one.norm_set) said.push(`${t("filter.norm_set")}: ${this.options?.norm_sets.find((set) => set.value === one.norm_set)?.title ?? one.norm_set}`);
    return said.join("; ");
  }

  /** The same filters as above a report; each keeps its field when the names of stations and teams come and add theirs. */
  scheduleFilters() {
    const select = (/** @type {string} */ name, /** @type {string} */ label, /** @type {import("./reports-tools.js").Option[]} */ choices, /** @type {string} */ none) =>
      html`<label class="field"><span>${label}</span><select name=${name}><option value="">${none}</option>${choices.map(({ value, title }) => html`<option value=${value}>${title}</option>`)}</select></label>`;
    const filters = FILTERS.map((name) => ({ name, choices: choicesOf(name, this.options) })).filter(({ choices }) => choices.length > 0);
    const sets = this.options?.norm_sets ?? [];
    return html`<details class="schedule-filters"><summary>${t("reports.filters")}</summary><div class="filter-panel">
      ${repeat(filters, ({ name }) => name, ({ name, choices }) => select(`filter.${name}`, t(`filter.${name}`), choices, t("reports.any")))}
      ${sets.length > 0 ? select("norm_set", t("filter.norm_set"), sets, t("reports.activeNorms")) : nothing}</div></details>`;
  }

  scheduleList() {
    const schedules = this.schedules ?? [];
    const options = (/** @type {string[]} */ values, /** @type {(value: string) => string} */ title) => values.map((value) => html`<option value=${value}>${title(value)}</option>`);
    return html`<section><h2>${t("reports.schedules")}</h2><p class="muted">${t("reports.schedulesAbout")}</p>
      ${this.schedules && schedules.length === 0 ? html`<p class="muted">${t("reports.noSchedules")}</p>` : nothing}
      <ul class="jobs">${schedules.map((one) => {
        const title = `${this.reports.find((report) => report.name === one.report)?.title ?? one.report}, ${one.format.toUpperCase()}`;
        return html`<li class="job"><div><b>${title}</b><br /><small class="muted">${t(`every.${one.every}`)}, ${one.at} · ${t("reports.nextAt", { at: dateTime(one.next_at) })}${this.filteredBy(one) ? html`<br />${this.filteredBy(one)}` : nothing}${one.last_file ? html`<br />${one.last_file}` : nothing}${one.last_problem ? html`<br />⚠ ${one.last_problem}` : nothing}</small></div>
          <span class="buttons">${this.ending === one.id
            ? html`<button type="button" class="button small safe" @click=${() => {
                this.ending = null;
                this.requestUpdate();
              }}>${t("action.keep")}</button><button type="button" class="button small danger" @click=${() => void this.endSchedule(one.id)}>${t("reports.endScheduleDo", { name: title })}</button>`
            : html`<button type="button" class="button small" aria-label="${t("reports.endSchedule")}: ${title}" @click=${() => {
                this.ending = one.id;
                this.requestUpdate();
              }}>${t("reports.endSchedule")}</button>`}</span></li>`;
      })}</ul>
      <form class="inline-form" @submit=${(/** @type {SubmitEvent} */ event) => void this.addSchedule(event)}>
        <label class="field"><span>${t("reports.which")}</span><select name="report">${this.reports.filter((report) => report.name !== "shift").map((report) => html`<option value=${report.name}>${report.title}</option>`)}</select></label>
        <label class="field"><span>${t("reports.every")}</span><select name="every">${options(EVERY, (value) => t(`every.${value}`))}</select></label>
        <label class="field"><span>${t("reports.at")}</span><input type="time" name="at" value="06:00" required /></label>
        <label class="field"><span>${t("reports.format")}</span><select name="format">${options(FORMATS, (value) => value.toUpperCase())}</select></label>
        ${this.scheduleFilters()}
        <button class="button small primary">${t("reports.addSchedule")}</button></form>
      ${this.note ? html`<p class="note done" role="status">${this.note}</p>` : nothing}</section>`;
  }

  forms() {
    const day = today();
    return html`<section><h2>${t("reports.forms")}</h2><p class="muted">${t("reports.formsAbout")}</p>
      <form class="inline-form" method="get" action="/api/v1/reports/forms/109.pdf" target="_blank">
        <label class="field"><span>${t("reports.from")}</span><input type="date" name="from" required value=${plusDays(day, -1)} /></label>
        <label class="field"><span>${t("reports.before109")}</span><input type="date" name="to" required value=${day} /></label>
        <button class="button small">${t("reports.form109")}</button></form></section>`;
  }

  render() {
    const jobs = this.jobs;
    return html`${this.problem ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
      <div class="report-files-page"><section><h2>${t("reports.jobs")}</h2><p class="muted">${t("reports.jobsAbout")}</p>
        ${jobs === null && !this.problem ? html`<p class="muted" role="status">${t("state.loading")}</p>` : nothing}
        ${jobs?.length === 0 ? html`<p class="muted">${t("reports.noJobs")}</p>` : nothing}
        <ul class="jobs" aria-label=${t("reports.jobs")}>${(jobs ?? []).map((job) => this.job(job))}</ul></section>
      ${this.forms()} ${this.keeps ? html`${this.exportForm()}${this.scheduleList()}` : nothing}</div>`;
  }
}
customElements.define("br-report-files", ReportFiles);
