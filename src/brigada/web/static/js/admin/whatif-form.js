// The question: how the service works today, and variants of changes to try against it.

import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import "../parts/map.js";

/**
 * @typedef {Record<string, any> & {kind: string}} Change
 * @typedef {{name: string, changes: Change[]}} Variant
 * @typedef {{loc?: Array<string | number>, message?: string}} FieldError
 */

const KINDS = ["teams", "post", "close", "norm", "calls", "rules"];
const WEEKS = [1, 2, 4, 8, 12];
const MOST_VARIANTS = 4;
const CRITICALITIES = ["critical", "important", "common"];

/** What a new change begins with. @type {Record<string, () => Change>} */
const FRESH = {
  teams: () => ({ kind: "teams", count: -2, from_hour: 22, to_hour: 6, station_id: "" }),
  post: () => ({ kind: "post", name: "", lat: "", lon: "", teams: 1, additional: false }),
  close: () => ({ kind: "close", station_id: "" }),
  norm: () => ({ kind: "norm", criticality: "critical", minutes: 15 }),
  calls: () => ({ kind: "calls", percent: 20 }),
  rules: () => ({ kind: "rules", standby: "", switches: "", urgent_first: "" }),
};

/** Every half hour of a day: a browser's own field of time may count in AM and PM. @type {Array<[string, string]>} */
const HOURS = Array.from({ length: 48 }, (_, n) => [String(n / 2), `${String(Math.floor(n / 2)).padStart(2, "0")}:${n % 2 ? "30" : "00"}`]);

/** @param {Change} change @returns {Record<string, any>} what the server is asked */
function toBody(change) {
  const known = Object.entries(change).filter(([, value]) => value !== "");
  return Object.fromEntries(known.map(([name, value]) => [name, name === "kind" || name === "name" || name === "criticality" ? value : value === "yes" ? true : value === "no" ? false : typeof value === "string" ? Number(value) : value]));
}

class WhatIfForm extends Element {
  static properties = { busy: { type: Boolean } };

  constructor() {
    super();
    this.busy = false;
    this.weeks = 4;
    this.rules = { switches: true, standby: false, urgent_first: false };
    /** @type {Variant[]} */
    this.variants = [{ name: "", changes: [FRESH.teams?.() ?? { kind: "teams" }] }];
    this.problem = "";
    /** @type {FieldError[]} */
    this.errors = [];
    /** The post whose place is being shown on the map. @type {Change | null} */
    this.placing = null;
  }

  /** What the server had against it; nothing clears. @param {string} problem @param {FieldError[]} errors */
  refused(problem, errors) {
    this.problem = problem;
    this.errors = errors;
    this.requestUpdate();
    if (problem) void this.updateComplete.then(() => this.find("[aria-invalid=true], .form-error")?.focus());
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const missing = this.variants.flatMap((variant, v) =>
      variant.changes.flatMap((change, c) => {
        const needed = { post: ["lat", "lon"], close: ["station_id"], teams: ["count"], norm: ["minutes"], calls: ["percent"] }[change.kind] ?? [];
        return needed.filter((name) => change[name] === "" || (name === "count" && Number(change[name]) === 0)).map((name) => ({ loc: ["variants", v, "changes", c, name], message: t("form.needed") }));
      }),
    );
    if (missing.length > 0) {
      this.refused(t("whatif.incomplete"), missing);
      return;
    }
    this.emit("whatif-ask", { weeks: this.weeks, rules: this.rules, variants: this.variants.map((variant) => ({ name: variant.name.trim(), changes: variant.changes.map(toBody) })) });
  }

  /** @param {number} v @param {number} c @param {string} name */
  error(v, c, name) {
    return this.errors.find((item) => {
      const place = (item.loc ?? []).map(String);
      const at = place.indexOf("variants");
      return at >= 0 && place[at + 1] === String(v) && place[at + 3] === String(c) && place.includes(name);
    })?.message;
  }

  /** @param {number} v @param {number} c @param {string} name @param {unknown} control @param {string} [label] */
  field(v, c, name, control, label) {
    const error = this.error(v, c, name);
    return html`<label class="field"><span>${label ?? t(`whatif.${name}`)}</span>${control}${error ? html`<span class="field-error">${error}</span>` : nothing}</label>`;
  }

  /** @param {Change} change @param {number} v @param {number} c @param {string} name @param {{type?: string, min?: number, max?: number, step?: string, label?: string}} [how] */
  input(change, v, c, name, how = {}) {
    const take = (/** @type {Event} */ event) => {
      change[name] = /** @type {HTMLInputElement} */ (event.target).value;
      this.requestUpdate();
    };
    return this.field(v, c, name, html`<input type=${how.type ?? "number"} min=${how.min ?? nothing} max=${how.max ?? nothing} step=${how.step ?? (how.type ? nothing : "1")} .value=${String(change[name])} aria-invalid=${this.error(v, c, name) ? "true" : "false"} @change=${take} />`, how.label);
  }

  /** @param {Change} change @param {number} v @param {number} c @param {string} name @param {Array<[string, string]>} options */
  select(change, v, c, name, options) {
    return this.field(v, c, name, html`<select aria-invalid=${this.error(v, c, name) ? "true" : "false"} @change=${(/** @type {Event} */ event) => {
      change[name] = /** @type {HTMLSelectElement} */ (event.target).value;
      this.requestUpdate();
    }}>${options.map(([value, text]) => html`<option value=${value} ?selected=${String(change[name]) === value}>${text}</option>`)}</select>`);
  }

  /** @param {string} first @returns {Array<[string, string]>} */
  stations(first) {
    return [["", first], ...[...this.store.stations.values()].map((station) => /** @type {[string, string]} */ ([String(station.id), station.name]))];
  }

  /** @param {Change} change @param {number} v @param {number} c */
  fields(change, v, c) {
    /** @type {Array<[string, string]>} */
    const yesNo = [["", t("whatif.asToday")], ["yes", t("word.yes")], ["no", t("word.no")]];
    switch (change.kind) {
      case "teams":
        return html`${this.input(change, v, c, "count", { min: -50, max: 50 })}${this.select(change, v, c, "from_hour", HOURS)}${this.select(change, v, c, "to_hour", HOURS)}${this.select(change, v, c, "station_id", this.stations(t("whatif.anyStation")))}`;
      case "post":
        return html`${this.input(change, v, c, "name", { type: "text", label: t("whatif.postName") })}${this.input(change, v, c, "lat", { step: "any", label: t("place.lat") })}${this.input(change, v, c, "lon", { step: "any", label: t("place.lon") })}
          <button type="button" class="button small" aria-pressed=${this.placing === change} @click=${() => {
            this.placing = this.placing === change ? null : change;
            this.requestUpdate();
          }}>${t("whatif.onMap")}</button>${this.input(change, v, c, "teams", { min: 0, max: 20, label: t("whatif.postTeams") })}
          <label class="check"><input type="checkbox" ?checked=${change["additional"]} @change=${(/** @type {Event} */ event) => {
            change["additional"] = /** @type {HTMLInputElement} */ (event.target).checked;
          }} /> ${t("whatif.additional")}</label>`;
      case "close":
        return this.select(change, v, c, "station_id", this.stations("—"));
      case "norm":
        return html`${this.select(change, v, c, "criticality", CRITICALITIES.map((name) => [name, t(`criticality.${name}`)]))}${this.input(change, v, c, "minutes", { min: 1, max: 600 })}`;
      case "calls":
        return this.input(change, v, c, "percent", { min: -90, max: 200 });
      default:
        return html`${this.select(change, v, c, "standby", yesNo)}${this.select(change, v, c, "switches", yesNo)}${this.select(change, v, c, "urgent_first", yesNo)}`;
    }
  }

  /** @param {Variant} variant @param {number} v @param {Change} change @param {number} c */
  change(variant, v, change, c) {
    return html`<li class="whatif-change"><b>${t(`whatif.kind.${change.kind}`)}</b><div class="whatif-fields">${this.fields(change, v, c)}</div>
      <button type="button" class="quiet" aria-label="${t("whatif.dropChange")}: ${t(`whatif.kind.${change.kind}`)}" ?disabled=${variant.changes.length === 1} @click=${() => {
        variant.changes.splice(c, 1);
        if (this.placing === change) this.placing = null;
        this.refused("", []);
      }}>${t("whatif.dropChange")}</button>
      ${this.placing === change ? this.placeMap(change) : nothing}</li>`;
  }

  /** @param {Change} change */
  placeMap(change) {
    const placed = change["lat"] !== "" && change["lon"] !== "";
    return html`<div class="whatif-ground"><p class="report-note">${t("whatif.pointAt")}</p><br-map .picking=${true} .picture=${{ calls: [], teams: [] }} .pin=${placed ? { lat: Number(change["lat"]), lon: Number(change["lon"]) } : null}
      @map-point=${(/** @type {CustomEvent} */ event) => {
        change["lat"] = event.detail.lat.toFixed(5);
        change["lon"] = event.detail.lon.toFixed(5);
        this.requestUpdate();
      }}></br-map></div>`;
  }

  /** @param {Variant} variant @param {number} v */
  variant(variant, v) {
    return html`<fieldset class="whatif-variant"><legend>${t("whatif.variantN", { n: String.fromCharCode(65 + v) })}</legend>
      <div class="whatif-fields"><label class="field"><span>${t("whatif.name")}</span><input maxlength="60" .value=${variant.name} @change=${(/** @type {Event} */ event) => {
        variant.name = /** @type {HTMLInputElement} */ (event.target).value;
      }} /></label>
      ${this.variants.length > 1 ? html`<button type="button" class="quiet" @click=${() => {
        this.variants.splice(v, 1);
        this.refused("", []);
      }}>${t("whatif.dropVariant")}</button>` : nothing}</div>
      <ul>${variant.changes.map((change, c) => this.change(variant, v, change, c))}</ul>
      <label class="field whatif-add"><span>${t("whatif.add")}</span><select @change=${(/** @type {Event} */ event) => {
        const select = /** @type {HTMLSelectElement} */ (event.target);
        const fresh = FRESH[select.value]?.();
        if (fresh) variant.changes.push(fresh);
        select.value = "";
        this.requestUpdate();
      }}><option value="">${t("whatif.choose")}</option>${KINDS.map((kind) => html`<option value=${kind}>${t(`whatif.kind.${kind}`)}</option>`)}</select></label></fieldset>`;
  }

  /** @param {"switches" | "standby"} name */
  rule(name) {
    return html`<label class="check"><input type="checkbox" ?checked=${this.rules[name]} @change=${(/** @type {Event} */ event) => {
      this.rules[name] = /** @type {HTMLInputElement} */ (event.target).checked;
    }} /> ${t(`whatif.rule.${name}`)}</label>`;
  }

  render() {
    return html`<form class="whatif-form" novalidate @submit=${this.submit}>
      <fieldset class="whatif-variant"><legend>${t("whatif.today")}</legend><div class="whatif-fields"><label class="field"><span>${t("whatif.lastWeeks")}</span><select @change=${(/** @type {Event} */ event) => {
        this.weeks = Number(/** @type {HTMLSelectElement} */ (event.target).value);
      }}>${WEEKS.map((n) => html`<option value=${n} ?selected=${n === this.weeks}>${t("whatif.nWeeks", { n })}</option>`)}</select></label>${this.rule("switches")}${this.rule("standby")}</div></fieldset>
      ${this.variants.map((variant, v) => this.variant(variant, v))}
      ${this.problem ? html`<p class="form-error" role="alert" tabindex="-1">${this.problem}</p>` : nothing}
      <div class="buttons">${this.variants.length < MOST_VARIANTS ? html`<button type="button" class="button" @click=${() => {
        this.variants.push({ name: "", changes: [FRESH.teams?.() ?? { kind: "teams" }] });
        this.requestUpdate();
      }}>${t("whatif.addVariant")}</button>` : nothing}<button class="button primary" ?disabled=${this.busy}>${t("whatif.run")}</button></div></form>`;
  }
}
customElements.define("br-whatif-form", WhatIfForm);

export { WhatIfForm };
