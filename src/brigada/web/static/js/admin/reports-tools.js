// The tools above a report: which days, grouped by what, beside the days before or not, filtered by what; and its files.

import { Element, html, nothing, repeat } from "../core/element.js";
import { t } from "../core/i18n.js";
import { FILTERS, PRESETS, neighbour, question } from "./reports-address.js";

/**
 * @typedef {import("./reports-address.js").Asked} Asked
 * @typedef {{value: string, title: string}} Option
 * @typedef {{norm_sets: Option[], stations: Option[], districts: Option[], teams: Option[], reasons: Option[], dispatchers: Option[]}} Options
 * @typedef {{name: string, title: string, about: string, groups: string[], formats: string[], compares: boolean}} Report
 */

const FILES = ["pdf", "xlsx", "csv"];
const INTERVALS = ["response", "processing", "turnout", "travel", "on_scene", "transport", "turnaround", "committed"];
const WORDS = /** @type {Record<string, string[]>} */ ({
  criticality: ["critical", "important", "common"],
  status: ["new", "accepted", "completed", "rejected"],
  outcome: ["on_place", "hospital", "open", "refused", "false", "duplicate", "patient_not_found", "address_not_found", "served_by_other", "died_before_arrival", "other"],
  profile: ["paramedic", "physician", "intensive_care", "paediatric", "psychiatric", "obstetric"],
  late: ["true", "false"],
});
const NAMED = /** @type {Record<string, keyof Options>} */ ({ station_id: "stations", team: "teams", district: "districts", reason: "reasons", dispatcher_id: "dispatchers" });

/** What a filter can be set to. @param {string} name @param {Options | null} options @returns {Option[]} */
export function choicesOf(name, options) {
  if (name === "hour") return Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), title: `${String(hour).padStart(2, "0")}:00` }));
  if (name === "weekday") return Array.from({ length: 7 }, (_, day) => ({ value: String(day), title: t(`weekday.${day}`) }));
  const words = WORDS[name];
  if (words) return words.map((value) => ({ value, title: t(`report.${name}.${value}`) }));
  const named = NAMED[name];
  return named ? (options?.[named] ?? []) : [];
}

class ReportTools extends Element {
  static properties = { asked: { attribute: false }, report: { attribute: false }, options: { attribute: false } };

  constructor() {
    super();
    /** @type {Asked | null} */
    this.asked = null;
    /** @type {Report | null} */
    this.report = null;
    /** @type {Options | null} */
    this.options = null;
    this.open = false;
  }

  /** @param {Partial<Asked>} change */
  change(change) {
    this.emit("asked", change);
  }

  /** @param {string} name @returns {Option[]} */
  choices(name) {
    return choicesOf(name, this.options);
  }

  /** @param {string} name @param {string} value */
  words(name, value) {
    return this.choices(name).find((choice) => choice.value === value)?.title ?? value;
  }

  /** @param {string} name @param {string} value */
  filter(name, value) {
    const filters = { ...this.asked?.filters };
    if (value === "") delete filters[name];
    else filters[name] = value;
    this.change({ filters });
  }

  /** @param {"from" | "to"} end @param {Event} event */
  day(end, event) {
    const value = /** @type {HTMLInputElement} */ (event.target).value;
    const asked = this.asked;
    if (!value || !asked) return;
    const days = { from: asked.from, to: asked.to, [end]: value };
    this.change({ period: "own", ...days });
  }

  /** @param {1 | -1} way */
  step(way) {
    if (!this.asked) return;
    const [from, to] = neighbour(this.asked.from, this.asked.to, way);
    this.change({ period: "own", from, to });
  }

  period(/** @type {Asked} */ asked) {
    const reversed = asked.from > asked.to;
    return html`<label class="field"><span>${t("reports.period")}</span><select @change=${(/** @type {Event} */ event) => this.change({ period: /** @type {HTMLSelectElement} */ (event.target).value })}>
        ${PRESETS.map((preset) => html`<option value=${preset} ?selected=${preset === asked.period}>${t(`period.${preset}`)}</option>`)}</select></label>
      <div class="days"><button type="button" class="button small" aria-label=${t("reports.earlier")} title=${t("reports.earlier")} @click=${() => this.step(-1)}>◀</button>
        <label class="field"><span>${t("reports.from")}</span><input type="date" .value=${asked.from} max=${asked.to} aria-invalid=${reversed ? "true" : "false"} aria-describedby=${reversed ? "days-reversed" : nothing} @change=${(/** @type {Event} */ event) => this.day("from", event)} /></label>
        <label class="field"><span>${t("reports.to")}</span><input type="date" .value=${asked.to} min=${asked.from} @change=${(/** @type {Event} */ event) => this.day("to", event)} /></label>
        <button type="button" class="button small" aria-label=${t("reports.later")} title=${t("reports.later")} @click=${() => this.step(1)}>▶</button></div>
      ${reversed ? html`<p class="field-error" id="days-reversed" role="alert">${t("reports.daysReversed")}</p>` : nothing}`;
  }

  /** @param {string} label @param {string} chosen @param {Option[]} choices @param {(value: string) => void} take @param {string} [none] */
  select(label, chosen, choices, take, none) {
    return html`<label class="field"><span>${label}</span><select @change=${(/** @type {Event} */ event) => take(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${none === undefined ? nothing : html`<option value="" ?selected=${chosen === ""}>${none}</option>`}
      ${choices.map(({ value, title }) => html`<option value=${value} ?selected=${value === chosen}>${title}</option>`)}</select></label>`;
  }

  panel(/** @type {Asked} */ asked) {
    const filters = FILTERS.filter((name) => this.choices(name).length > 0);
    const sets = this.options?.norm_sets ?? [];
    return html`<div class="filter-panel" role="group" aria-label=${t("reports.filters")}>
      ${repeat(filters, (name) => name, (name) => this.select(t(`filter.${name}`), asked.filters[name] ?? "", this.choices(name), (value) => this.filter(name, value), t("reports.any")))}
      ${sets.length > 0 ? this.select(t("filter.norm_set"), asked.norm_set, sets, (value) => this.change({ norm_set: value }), t("reports.activeNorms")) : nothing}</div>`;
  }

  chips(/** @type {Asked} */ asked) {
    const chosen = Object.entries(asked.filters);
    if (chosen.length === 0 && !asked.norm_set) return nothing;
    const chip = (/** @type {string} */ text, /** @type {() => void} */ drop) =>
      html`<li>${text}<button type="button" aria-label=${t("reports.dropFilter", { what: text })} @click=${drop}>✕</button></li>`;
    return html`<ul class="chips" aria-label=${t("reports.filtered")}>
      ${chosen.map(([name, value]) => chip(`${t(`filter.${name}`)}: ${this.words(name, value)}`, () => this.filter(name, "")))}
      ${asked.norm_set ? chip(`${t("filter.norm_set")}: ${this.options?.norm_sets.find((set) => set.value === asked.norm_set)?.title ?? asked.norm_set}`, () => this.change({ norm_set: "" })) : nothing}</ul>`;
  }

  render() {
    const { asked, report } = this;
    if (!asked || !report) return nothing;
    const count = Object.keys(asked.filters).length + (asked.norm_set ? 1 : 0);
    const groups = report.groups.map((group) => ({ value: group, title: t(`group.${group}`) }));
    return html`<div class="report-tools">${this.period(asked)}
        ${groups.length > 1 ? this.select(t("reports.group"), asked.group || (groups[0]?.value ?? ""), groups, (value) => this.change({ group: value })) : nothing}
        ${report.name === "intervals" ? this.select(t("reports.interval"), asked.interval || "response", INTERVALS.map((value) => ({ value, title: t(`interval.${value}`) })), (value) => this.change({ interval: value })) : nothing}
        ${report.compares ? html`<label class="check"><input type="checkbox" .checked=${asked.compare} @change=${(/** @type {Event} */ event) => this.change({ compare: /** @type {HTMLInputElement} */ (event.target).checked })} /> ${t("reports.compare")}</label>` : nothing}
        <button type="button" class="button small" aria-expanded=${this.open ? "true" : "false"} @click=${() => {
          this.open = !this.open;
          this.requestUpdate();
        }}>${count > 0 ? t("reports.filtersN", { n: count }) : t("reports.filters")}</button>
        <span class="report-files">${FILES.filter((format) => report.formats.includes(format)).map((format) => html`<a class="button small" download href="/api/v1/reports/${report.name}?${question(asked)}&format=${format}" aria-label=${t("reports.download", { format: format.toUpperCase() })}>${format.toUpperCase()}</a>`)}
          <button type="button" class="button small" title=${t("reports.asideHint")} @click=${() => this.emit("aside")}>${t("reports.aside")}</button></span></div>
      ${this.open ? this.panel(asked) : nothing}${this.chips(asked)}`;
  }
}
customElements.define("br-report-tools", ReportTools);
