// How teams are advised, and what may be sent without a dispatcher: the last is switched on in two steps.

import { api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./confirm.js";
import { said } from "./said.js";
import { CRITICALITIES } from "./sections/shared.js";

/** @typedef {{weights: Record<string, number>, late_s: number, switch_s: number, near_patient_s: number, equal_gain_s: number, max_switches: number}} Figures */
/** @typedef {Figures & {automatic: string[], version: number}} Wanted */
/** @typedef {Wanted & {preset: string | null, presets: (Figures & {name: string})[]}} Settings */

const SECONDS = ["switch_s", "near_patient_s", "equal_gain_s"];
const OWN = "own";

/** Figures by the names of their fields. @param {Figures} figures @returns {Record<string, number>} */
function fieldsOf(figures) {
  const fields = Object.fromEntries(CRITICALITIES.map((name) => [`weights.${name}`, figures.weights[name] ?? 1]));
  for (const name of ["late_s", ...SECONDS, "max_switches"]) fields[name] = /** @type {any} */ (figures)[name];
  return fields;
}

/** A number as people type it. @param {FormDataEntryValue | null} value */
function typed(value) {
  const text = String(value ?? "").trim().replace(",", ".");
  return text === "" ? NaN : Number(text);
}

class AdviceSettings extends Element {
  constructor() {
    super();
    /** @type {Settings | null} */
    this.settings = null;
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    this.saved = false;
    this.dirty = false;
    /** @type {Record<string, string>} */
    this.errors = {};
    /** What waits for the second step. @type {Wanted | null} */
    this.asked = null;
    /** The preset that the fields hold, or `own`. */
    this.chosen = OWN;
    this.run = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onEvent((event) => {
      if (event.kind === "advice.settings" && !this.dirty) void this.load(true);
    }));
    void this.load();
  }

  /** @param {boolean} [meanwhile] because somebody else has changed them: what is typed by the time of the answer stays */
  async load(meanwhile = false) {
    const run = ++this.run;
    try {
      const settings = await api("/advice/settings");
      if (run !== this.run || (meanwhile && this.dirty)) return;
      this.take(settings);
      this.phase = "ready";
      this.dirty = false;
      this.problem = "";
    } catch (error) {
      if (run !== this.run) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  /** @param {Settings} settings */
  take(settings) {
    this.settings = settings;
    this.chosen = settings.preset ?? OWN;
    this.fill(settings);
  }

  /** Into the fields, over what was typed. @param {Figures} figures */
  fill(figures) {
    for (const [name, value] of Object.entries(fieldsOf(figures))) {
      const input = /** @type {HTMLInputElement | null} */ (this.find(`[name="${name}"]`));
      if (input) input.value = String(value);
    }
  }

  /** @param {string} name */
  choose(name) {
    this.chosen = name;
    const preset = this.settings?.presets.find((item) => item.name === name);
    if (preset) {
      this.errors = {};
      this.fill(preset);
    }
  }

  /** Anything in the form was changed: the fields say which preset they are. @param {InputEvent} event */
  changed(event) {
    this.dirty = true;
    this.saved = false;
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.name === "preset") this.choose(input.value);
    else if (input.type !== "checkbox" && input.form) {
      const data = new FormData(input.form);
      const same = (/** @type {Figures} */ preset) => Object.entries(fieldsOf(preset)).every(([name, value]) => typed(data.get(name)) === value);
      this.chosen = this.settings?.presets.find(same)?.name ?? OWN;
    }
    this.requestUpdate();
  }

  /** @param {FormData} data @param {string} name @param {number} min @param {number} max @param {boolean} [whole] */
  number(data, name, min, max, whole = false) {
    const value = typed(data.get(name));
    if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) this.errors[name] = t("form.notNumber");
    else if (value < min || value > max) this.errors[name] = t("form.range", { min, max });
    return value;
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    if (!this.settings) return;
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.errors = {};
    this.saved = false;
    /** @type {Wanted} */
    const wanted = {
      automatic: CRITICALITIES.filter((name) => data.has(`automatic.${name}`)),
      weights: Object.fromEntries(CRITICALITIES.map((name) => [name, this.number(data, `weights.${name}`, 0.1, 100)])),
      late_s: this.number(data, "late_s", 0, 7200), switch_s: this.number(data, "switch_s", 0, 7200), near_patient_s: this.number(data, "near_patient_s", 0, 7200),
      equal_gain_s: this.number(data, "equal_gain_s", 0, 7200), max_switches: this.number(data, "max_switches", 0, 5, true), version: this.settings.version,
    };
    if (Object.keys(this.errors).length > 0) {
      this.chosen = OWN;
      this.requestUpdate();
      void this.updateComplete.then(() => this.find("[aria-invalid=true]")?.focus());
      return;
    }
    const added = wanted.automatic.filter((name) => !this.settings?.automatic.includes(name));
    if (added.length > 0) this.asked = wanted;
    else void this.put(wanted).catch((error) => this.refused(error));
    this.requestUpdate();
  }

  /** @param {Wanted} wanted */
  async put(wanted) {
    this.take(await api("/advice/settings", { method: "PUT", body: wanted }));
    this.saved = true;
    this.dirty = false;
    this.problem = "";
    this.requestUpdate();
  }

  /** @param {unknown} error */
  refused(error) {
    this.problem = said(error);
    this.requestUpdate();
  }

  /** @param {string} name @param {string} label @param {number} value @param {string} [hint] */
  field(name, label, value, hint) {
    const error = this.errors[name];
    return html`<div class="field-box"><label class="field"><span>${label}</span><input name=${name} inputmode="decimal" autocomplete="off" .value=${String(value)} aria-invalid=${error ? "true" : "false"} aria-describedby="about-${name}" /></label>
      <span id="about-${name}">${error ? html`<span class="field-error">${error}</span>` : hint ? html`<small class="muted">${hint}</small>` : nothing}</span></div>`;
  }

  /** @param {Settings} settings */
  form(settings) {
    const value = fieldsOf(settings);
    const names = (/** @type {string[]} */ list) => list.map((name) => t(`criticality.${name}`).toLowerCase()).join(", ");
    return html`<form class="settings" novalidate @submit=${this.submit} @input=${this.changed}>
      <fieldset><legend>${t("advice.automaticTitle")}</legend><p>${t("advice.automaticAbout")}</p>
        ${CRITICALITIES.map((name) => html`<label class="check"><input type="checkbox" name="automatic.${name}" .checked=${settings.automatic.includes(name)} /> ${t(`criticality.${name}`)}</label>`)}
        ${settings.automatic.length > 0 ? html`<p class="note problem">${t("advice.automaticOn", { names: names(settings.automatic) })}</p>` : nothing}</fieldset>
      <fieldset class="presets"><legend>${t("advice.presetTitle")}</legend><p>${t("advice.presetAbout")}</p>
        ${[...settings.presets.map((preset) => preset.name), OWN].map((name) => html`<label class="check"><input type="radio" name="preset" value=${name} .checked=${this.chosen === name} aria-describedby="about-preset-${name}" />
          <span>${t(`advicePreset.${name}`)}<small class="muted" id="about-preset-${name}">${t(`advicePresetAbout.${name}`)}</small></span></label>`)}
        <details ?open=${this.chosen === OWN}><summary>${t("advice.figures")}</summary>
          <h3>${t("advice.weightsTitle")}</h3><p>${t("advice.weightsAbout")}</p>
          <div class="form-fields three">${CRITICALITIES.map((name) => this.field(`weights.${name}`, t(`criticality.${name}`), value[`weights.${name}`] ?? 1))}</div>
          <div class="form-fields three">${this.field("late_s", t("adviceField.late_s"), settings.late_s, t("adviceHint.late_s"))}</div>
          <h3>${t("advice.switchTitle")}</h3><p>${t("advice.switchAbout")}</p>
          <div class="form-fields">${[...SECONDS, "max_switches"].map((name) => this.field(name, t(`adviceField.${name}`), value[name] ?? 0, t(`adviceHint.${name}`)))}</div></details></fieldset>
      ${this.problem ? html`<p class="form-error" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("advice.readAgain")}</button></p>` : nothing}
      ${this.saved ? html`<p class="note" role="status">${t("admin.saved")}</p>` : nothing}
      <div class="buttons"><button class="button primary">${t("action.save")}</button></div></form>
      ${this.asked ? html`<br-confirm .question=${t("advice.automaticAsk", { names: names(this.asked.automatic.filter((name) => !settings.automatic.includes(name))) })} .note=${t("advice.automaticNote")} .word=${t("advice.automaticDo")} .run=${() => this.put(/** @type {Settings} */ (this.asked))}
        @confirm-closed=${() => {
          this.asked = null;
          this.requestUpdate();
        }}></br-confirm>` : nothing}`;
  }

  render() {
    if (this.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (!this.settings) return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>`;
    return this.form(this.settings);
  }
}
customElements.define("br-advice-settings", AdviceSettings);
