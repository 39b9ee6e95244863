// A new call: address as you type, a pin, a reason, possible duplicates while it is typed, the patient, the caller.

import { ApiProblem, NoLink, api, newKey, post } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, clockTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { critMark } from "../parts/crit.js";
import { desk } from "./desk.js";

/**
 * @typedef {import("../types.js").Criticality} Criticality
 * @typedef {{label: string, name: string, district: string, town: string, ambiguous: boolean, location: import("../types.js").Point}} Found
 */

const ASK_AFTER_MS = 200;
const SUGGESTED = 7;

class NewCall extends Element {
  constructor() {
    super();
    /** @type {Found[]} */
    this.places = [];
    this.placeAt = -1;
    this.placesOpen = false;
    this.reasonOpen = false;
    this.reasonAt = -1;
    /** @type {Criticality | ""} */
    this.criticality = "";
    this.criticalityChosen = false;
    this.reasonCode = "";
    /** @type {Array<Record<string, any>>} */
    this.duplicates = [];
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.busy = false;
    this.key = newKey();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.addressTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.duplicateTimer = undefined;
    this.asked = 0;
    this.geocoderSilent = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.pinMoved()));
  }

  firstUpdated() {
    this.find("[name=address]")?.focus();
  }

  /** @param {string} name */
  value(name) {
    return /** @type {HTMLInputElement | null} */ (this.find(`[name=${name}]`))?.value.trim() ?? "";
  }

  /** @param {string} name @param {string} value */
  fill(name, value) {
    const field = /** @type {HTMLInputElement | null} */ (this.find(`[name=${name}]`));
    if (field) field.value = value;
  }

  /** @param {Found} place */
  placeText(place) {
    return place.label;
  }

  typedAddress() {
    clearTimeout(this.addressTimer);
    desk.pin = null;
    desk.changed();
    const query = this.value("address");
    if (query.length < 2) {
      this.places = [];
      this.placesOpen = false;
      this.requestUpdate();
      return;
    }
    this.addressTimer = setTimeout(() => void this.search(query), ASK_AFTER_MS);
    this.askDuplicates();
  }

  /** @param {string} query */
  async search(query) {
    const asked = ++this.asked;
    try {
      const middle = desk.middle ? `&lat=${desk.middle.lat.toFixed(5)}&lon=${desk.middle.lon.toFixed(5)}` : "";
      const answer = await api(`/geocode?q=${encodeURIComponent(query)}&limit=${SUGGESTED}${middle}`);
      if (asked !== this.asked) return;
      this.places = (answer.items ?? answer).slice(0, SUGGESTED);
      this.geocoderSilent = false;
    } catch {
      if (asked !== this.asked) return;
      this.places = [];
      this.geocoderSilent = true;
    }
    this.placeAt = -1;
    this.placesOpen = this.places.length > 0;
    this.requestUpdate();
  }

  /** @param {Found} place */
  choosePlace(place) {
    this.fill("address", this.placeText(place));
    const point = place.location;
    desk.pin = point;
    desk.changed();
    this.placesOpen = false;
    this.emit("look-point", point);
    this.askDuplicates();
    this.requestUpdate();
    this.find("[name=reason]")?.focus();
  }

  /** The dispatcher put the pin on the map by hand. */
  pinMoved() {
    this.requestUpdate();
    if (!desk.pin || this.value("address") !== "") return;
    const { lat, lon } = desk.pin;
    api(`/geocode/reverse?lat=${lat}&lon=${lon}`)
      .then((answer) => {
        if (answer?.label && this.value("address") === "") this.fill("address", answer.label);
      })
      .catch(() => undefined);
  }

  askDuplicates() {
    clearTimeout(this.duplicateTimer);
    this.duplicateTimer = setTimeout(() => void this.findDuplicates(), ASK_AFTER_MS * 2);
  }

  async findDuplicates() {
    const query = new URLSearchParams();
    if (this.value("address")) query.set("address", this.value("address"));
    if (this.value("caller_phone")) query.set("caller_phone", this.value("caller_phone"));
    if (desk.pin) {
      query.set("lat", String(desk.pin.lat));
      query.set("lon", String(desk.pin.lon));
    }
    if (![...query.keys()].length) return;
    try {
      const answer = await api(`/calls/duplicates?${query}`);
      this.duplicates = answer.items ?? answer;
    } catch {
      this.duplicates = [];
    }
    this.requestUpdate();
  }

  reasonsFound() {
    const words = this.value("reason").toLowerCase().split(/\s+/).filter(Boolean);
    return this.store.reasons
      .filter((reason) => words.every((word) => `${reason.title_ru} ${reason.title_en} ${reason.code}`.toLowerCase().includes(word)))
      .slice(0, 8);
  }

  /** @param {import("../types.js").Reason} reason */
  chooseReason(reason) {
    this.fill("reason", prefs.lang === "ru" ? reason.title_ru : reason.title_en);
    this.reasonCode = reason.code;
    if (!this.criticalityChosen) this.criticality = reason.criticality;
    this.reasonOpen = false;
    this.requestUpdate();
    this.find("[name=caller_phone]")?.focus();
  }

  /** Arrows, Enter and Escape in a field with suggestions. @param {KeyboardEvent} event @param {"place" | "reason"} which */
  suggestionKey(event, which) {
    const items = which === "place" ? this.places : this.reasonsFound();
    const open = which === "place" ? this.placesOpen : this.reasonOpen;
    if (!open || items.length === 0) return;
    let at = which === "place" ? this.placeAt : this.reasonAt;
    if (event.code === "ArrowDown") at = (at + 1) % items.length;
    else if (event.code === "ArrowUp") at = (at - 1 + items.length) % items.length;
    else if (event.code === "Enter" || event.code === "NumpadEnter") {
      const chosen = items[Math.max(at, 0)];
      event.preventDefault();
      if (which === "place") this.choosePlace(/** @type {Found} */ (chosen));
      else this.chooseReason(/** @type {any} */ (chosen));
      return;
    } else if (event.code === "Escape") {
      event.stopPropagation();
      this.placesOpen = this.reasonOpen = false;
    } else return;
    event.preventDefault();
    if (which === "place") this.placeAt = at;
    else this.reasonAt = at;
    this.requestUpdate();
  }

  /** @returns {Record<string, any> | null} */
  body() {
    this.errors = {};
    if (!this.value("address")) this.errors.address = t("new.addressNeeded");
    if (!this.value("reason")) this.errors.reason = t("new.reasonNeeded");
    if (!this.criticality) this.errors.criticality = t("new.criticalityNeeded");
    const age = this.value("age");
    if (age && !(/^\d{1,3}$/.test(age) && Number(age) <= 130)) this.errors.age = t("new.ageWrong");
    if (Object.keys(this.errors).length > 0) return null;
    /** @type {Record<string, any>} */
    const body = { address: this.value("address"), reason: this.reasonCode || this.value("reason"), criticality: this.criticality };
    /** @type {Record<string, string>} */
    const details = {};
    for (const name of ["entrance", "floor", "flat", "intercom", "landmark"]) if (this.value(name)) details[name] = this.value(name);
    if (Object.keys(details).length > 0) body.address_details = details;
    for (const name of ["caller_phone", "caller_name", "comment"]) if (this.value(name)) body[name] = this.value(name);
    if (desk.pin) body.location = desk.pin;
    /** @type {Record<string, any>} */
    const patient = {};
    for (const name of ["surname", "name", "patronym", "sex"]) if (this.value(name)) patient[name] = this.value(name);
    if (age) patient.age = Number(age);
    if (Object.keys(patient).length > 0) body.patient = patient;
    return body;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const body = this.body();
    this.problem = "";
    if (!body) {
      this.requestUpdate();
      await this.updateComplete;
      this.find("[aria-invalid=true]")?.focus();
      return;
    }
    this.busy = true;
    this.requestUpdate();
    try {
      // The same key until it is answered: a lost answer never makes a second call.
      const call = await post("/calls", body, { key: this.key });
      desk.openCall(call.id);
      desk.say({ kind: "done", text: t("toast.created", { call: callNumber(call) }) });
    } catch (error) {
      if (error instanceof ApiProblem) {
        this.key = newKey();
        this.takeErrors(error);
      } else this.problem = error instanceof NoLink ? t("error.noLink") : String(error);
    } finally {
      this.busy = false;
      this.requestUpdate();
    }
  }

  /** What the server says against a field stands next to the field. @param {ApiProblem} error */
  takeErrors(error) {
    this.problem = error.message;
    for (const item of error.data.errors ?? []) {
      const name = String(item.loc?.at(-1) ?? "").split(".").at(-1) ?? "";
      if (this.find(`[name=${name}]`)) this.errors[name] = String(item.message ?? "");
    }
  }

  /** @param {string} name @param {string} label @param {Record<string, any>} [more] */
  field(name, label, more = {}) {
    const error = this.errors[name];
    return html`<div class="field-box"><label class="field"><span>${label}</span>
      <input name=${name} aria-describedby="error-${name}" inputmode=${more.inputmode ?? "text"} type=${more.type ?? "text"} autocomplete="off" maxlength=${more.max ?? 200}
        aria-invalid=${error ? "true" : "false"} @input=${more.input ?? (() => undefined)} /></label>
      <span class="field-error" id="error-${name}">${error ?? ""}</span></div>`;
  }

  /** @param {string} id @param {any[]} items @param {number} at @param {(item: any) => unknown} face @param {(item: any) => void} choose */
  suggestions(id, items, at, face, choose) {
    return html`<ul class="suggestions" id=${id} role="listbox" aria-label=${t("new.suggestions")}>${items.map(
      (item, index) => html`<li role="option" id="${id}-${index}" aria-selected=${index === at ? "true" : "false"}
        @pointerdown=${(/** @type {Event} */ event) => {
          event.preventDefault();
          choose(item);
        }}>${face(item)}</li>`,
    )}</ul>`;
  }

  addressField() {
    const error = this.errors.address;
    return html`<div class="combo wide">
      <label class="field"><span>${t("call.address")}</span>
        <input name="address" aria-describedby="error-address" autocomplete="off" role="combobox" maxlength="300" aria-expanded=${this.placesOpen ? "true" : "false"} aria-controls="places" aria-autocomplete="list"
          aria-activedescendant=${this.placesOpen && this.placeAt >= 0 ? `places-${this.placeAt}` : nothing}
          aria-invalid=${error ? "true" : "false"} @input=${this.typedAddress} @keydown=${(/** @type {KeyboardEvent} */ event) => this.suggestionKey(event, "place")}
          @blur=${() => {
            this.placesOpen = false;
            this.requestUpdate();
          }} /></label><span class="field-error" id="error-address">${error ?? ""}</span>
      ${this.placesOpen
        ? this.suggestions("places", this.places, this.placeAt, (place) => html`<b>${this.placeText(place)}</b> <small>${[place.name, place.district || place.town].filter((part) => part && !place.label.includes(part)).join(", ")}${place.ambiguous ? ` ⚠ ${t("new.ambiguous")}` : ""}</small>`, (place) => this.choosePlace(place))
        : nothing}
      <p class="pin-line">${desk.pin ? html`<span class="ok-note">✓ ${t("new.pinned")}</span>` : html`<span class="muted">${this.geocoderSilent ? t("new.noGeocoder") : t("new.noPin")}</span>`}
        <button type="button" class="quiet" aria-pressed=${desk.picking ? "true" : "false"} @click=${() => {
          desk.picking = !desk.picking;
          desk.changed();
        }}>${desk.picking ? t("new.picking") : t("new.pick")}</button></p>
    </div>`;
  }

  reasonField() {
    const error = this.errors.reason;
    return html`<div class="combo wide">
      <label class="field"><span>${t("call.reason")}</span>
        <input name="reason" aria-describedby="error-reason" autocomplete="off" role="combobox" maxlength="200" aria-expanded=${this.reasonOpen ? "true" : "false"} aria-controls="reasons" aria-autocomplete="list"
          aria-activedescendant=${this.reasonOpen && this.reasonAt >= 0 ? `reasons-${this.reasonAt}` : nothing}
          aria-invalid=${error ? "true" : "false"}
          @input=${() => {
            this.reasonCode = "";
            this.reasonAt = -1;
            this.reasonOpen = true;
            this.requestUpdate();
          }}
          @focus=${() => {
            this.reasonOpen = true;
            this.requestUpdate();
          }}
          @keydown=${(/** @type {KeyboardEvent} */ event) => this.suggestionKey(event, "reason")}
          @blur=${() => {
            this.reasonOpen = false;
            this.requestUpdate();
          }} /></label><span class="field-error" id="error-reason">${error ?? ""}</span>
      ${this.reasonOpen && this.reasonsFound().length > 0
        ? this.suggestions("reasons", this.reasonsFound(), this.reasonAt, (reason) => html`${critMark(reason.criticality)} ${prefs.lang === "ru" ? reason.title_ru : reason.title_en}`, (reason) => this.chooseReason(reason))
        : nothing}
    </div>`;
  }

  criticalityField() {
    return html`<fieldset class="wide crit-choice" aria-invalid=${this.errors.criticality ? "true" : "false"}><legend>${t("call.criticality")}</legend>
      ${/** @type {Criticality[]} */ (["critical", "important", "common"]).map(
        (name) => html`<label class="crit-option ${this.criticality === name ? "chosen" : ""}"><input type="radio" class="visually-hidden" name="criticality" value=${name} .checked=${this.criticality === name}
          @change=${() => {
            this.criticality = name;
            this.criticalityChosen = true;
            this.requestUpdate();
          }} />${critMark(name)} ${t(`criticality.${name}`)}</label>`,
      )}
      ${this.errors.criticality ? html`<span class="field-error">${this.errors.criticality}</span>` : nothing}</fieldset>`;
  }

  duplicateList() {
    if (this.duplicates.length === 0) return nothing;
    return html`<section class="duplicates" role="status" aria-label=${t("new.duplicates")}><b>⚠ ${t("new.duplicates")}</b>
      <ul>${this.duplicates.slice(0, 4).map((item) => {
        const call = item.call ?? item;
        return html`<li><button type="button" class="quiet" @click=${() => desk.openCall(call.id)}>${callNumber(call)}</button> ${call.address} · ${this.store.reasonOf(call)} · ${clockTime(call.received_at)}</li>`;
      })}</ul></section>`;
  }

  render() {
    return html`<form class="card new-call-form" novalidate aria-label=${t("action.newCall")} @submit=${this.submit}>
      <header class="card-head"><div class="card-title"><h2>${t("action.newCall")}</h2></div>
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header>
      ${this.addressField()}
      <div class="row-4">${this.field("entrance", t("new.entrance"), { max: 20 })}${this.field("floor", t("new.floor"), { max: 20 })}${this.field("flat", t("new.flat"), { max: 20 })}${this.field("intercom", t("new.intercom"), { max: 40 })}</div>
      ${this.duplicateList()}
      ${this.reasonField()} ${this.criticalityField()}
      <div class="row-2">${this.field("caller_phone", t("new.phone"), { type: "tel", inputmode: "tel", max: 32, input: () => this.askDuplicates() })}${this.field("caller_name", t("new.callerName"))}</div>
      <details><summary>${t("new.more")}</summary>
        <div class="row-3">${this.field("surname", t("person.surname"))}${this.field("name", t("person.name"))}${this.field("patronym", t("person.patronym"))}</div>
        <div class="row-2"><label class="field"><span>${t("person.sex")}</span><select name="sex"><option value="">—</option><option value="female">${t("sex.female")}</option><option value="male">${t("sex.male")}</option></select></label>
          ${this.field("age", t("new.age"), { inputmode: "numeric", max: 3 })}</div>
        ${this.field("landmark", t("new.landmark"), { max: 300 })}
        <label class="field"><span>${t("call.comment")}</span><textarea name="comment" rows="2"></textarea></label>
      </details>
      ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
      <div class="buttons end"><button type="button" class="button" @click=${() => desk.close()}>${t("action.cancel")}</button>
        <button class="button primary" ?disabled=${this.busy || !desk.canCommand}>${this.busy ? t("new.busy") : t("new.create")}</button></div>
    </form>`;
  }
}
customElements.define("br-new-call", NewCall);
