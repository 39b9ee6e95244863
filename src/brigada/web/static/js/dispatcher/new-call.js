// A new call, or one to be corrected: address as you type, a pin, a reason, possible duplicates while it is typed, the
// patient, the caller. What was typed and not sent is kept for as long as the page lives.

import { ApiProblem, NoLink, api, newKey, patch, post } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber } from "../core/format.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { session } from "../core/session.js";
import { critMark } from "../parts/crit.js";
import { suggestionList } from "../parts/suggestions.js";
import { NAMES, bodyOf, changesOf, differing, isEmpty, mistakes, valuesOf } from "./call-form.js";
import { lastDeed } from "./conflict.js";
import { desk } from "./desk.js";
import "./duplicates.js";

/**
 * @typedef {import("../types.js").Criticality} Criticality
 * @typedef {import("./call-form.js").Draft} Draft
 * @typedef {import("./call-form.js").PinFrom} PinFrom
 * @typedef {{label: string, name: string, district: string, town: string, ambiguous: boolean, confidence: number, location: import("../types.js").Point}} Found
 */

const ASK_AFTER_MS = 200;
const SUGGESTED = 7;
// An address that was typed and not chosen gets its point by itself only when nothing else is nearly as good.
const SURE = 0.9;
const LOCATE_MS = 2500;

/** What the fields are called where they are told of outside of the form. @type {Record<string, string>} */
const NAMED = {
  address: "call.address", reason: "call.reason", criticality: "call.criticality", comment: "call.comment", location: "edit.point", age: "new.age",
  entrance: "new.entrance", floor: "new.floor", flat: "new.flat", intercom: "new.intercom", landmark: "new.landmark", caller_phone: "new.phone",
  caller_name: "new.callerName", surname: "person.surname", name: "person.name", patronym: "person.patronym", sex: "person.sex",
};

/** What was typed when the form was left, by whom, under which key it was or will be sent; never stored anywhere.
 * @type {{draft: Draft, userId: number | undefined, key: string} | null} */
let left = null;

/** Whether a new call was typed and left: the form has gone, its words wait for the next one. */
export const leftCall = () => left !== null && left.userId === session.me?.id;

class NewCall extends Element {
  static properties = { callId: { attribute: false } };

  constructor() {
    super();
    /** Which call to correct; none for a new one. @type {number | null} */
    this.callId = null;
    /** The call to correct as this form last read it: its version is the one that is sent. @type {import("../types.js").Call | null} */
    this.call = null;
    /** The same as a draft: what differs from it was typed here. @type {Draft | null} */
    this.opened = null;
    /** What a colleague changed meanwhile and was typed here too, by field. @type {string[]} */
    this.clashes = [];
    /** The call to correct was closed meanwhile. */
    this.closed = false;
    /** Who closed or changed it, and when. */
    this.deed = "";
    this.restored = false;
    this.sent = false;
    /** The pin as long as this form is open. @type {import("../types.js").Point | null} */
    this.pin = null;
    /** @type {PinFrom} */
    this.pinFrom = "";
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
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.busy = false;
    this.key = newKey();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.addressTimer = undefined;
    this.asked = 0;
    this.deedAsked = 0;
    this.geocoderSilent = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.pinMoved()));
  }

  willUpdate() {
    if (this.callId === null || this.call) return;
    this.call = this.store.calls.get(this.callId) ?? null;
    this.closed = this.call === null;
  }

  storeChanged() {
    this.follow();
    this.requestUpdate();
  }

  /**
   * What a colleague does to the call while it is corrected here. What was not touched here follows; what was typed
   * here stays, and is not sent over theirs before somebody has seen it.
   */
  follow() {
    const { call, opened } = this;
    if (!call || !opened || this.closed || this.store.phase !== "ready") return;
    const live = this.store.calls.get(call.id);
    if (!live) {
      this.closed = true;
      void this.tellWho();
      return;
    }
    if (live.version === call.version) return;
    const [theirs, mine] = [this.draftOf(live), this.draft()];
    const typed = differing(mine, opened);
    if (typed.includes("reason")) typed.push("criticality");
    const agreed = differing(mine, theirs);
    const clashes = differing(theirs, opened).filter((name) => typed.includes(name) && agreed.includes(name));
    if (clashes.length === 0) this.rebase(live);
    else if (clashes.join() !== this.clashes.join()) {
      this.clashes = clashes;
      void this.tellWho();
    }
  }

  async tellWho() {
    if (!this.call) return;
    const asked = ++this.deedAsked;
    const deed = await lastDeed(this.call.id);
    if (asked !== this.deedAsked) return;
    this.deed = deed;
    this.requestUpdate();
  }

  /** Goes on from the call as it is now: theirs where nothing was typed, mine elsewhere. @param {import("../types.js").Call} live */
  rebase(live) {
    const [theirs, mine, before] = [this.draftOf(live), this.draft(), this.opened];
    if (before) {
      const typed = differing(mine, before);
      for (const name of NAMES) if (!typed.includes(name)) this.fill(name, theirs.values[name] ?? "");
      if (!typed.includes("reason")) this.reasonCode = theirs.reasonCode;
      if (!typed.includes("criticality") && !typed.includes("reason")) this.criticality = /** @type {Criticality} */ (theirs.criticality);
      if (!typed.includes("location")) this.setPin(theirs.pin, "call");
    }
    this.call = live;
    this.opened = theirs;
    this.clashes = [];
    this.requestUpdate();
  }

  /** @param {import("../types.js").Call} call @returns {Draft} */
  draftOf(call) {
    const values = valuesOf(call, this.store.reasonOf(call));
    // As the fields give it back.
    for (const name of NAMES) values[name] = (values[name] ?? "").replace(/\r\n?|\n/g, name === "comment" ? "\n" : "").trim();
    return { values, pin: call.location, pinFrom: "call", reasonCode: call.reason_code ?? "", criticality: call.criticality, criticalityChosen: true };
  }

  disconnectedCallback() {
    // What is on its way to the server is a call already, unless the server says otherwise.
    if (!this.busy) this.leave(session.me?.id);
    super.disconnectedCallback();
  }

  /** Whether something was typed here that the server has not heard of. */
  get dirty() {
    if (this.callId === null) return !this.sent && !isEmpty(this.draft());
    return this.opened !== null && differing(this.draft(), this.opened).length > 0;
  }

  /** Keeps what was typed for the next time that the form opens. @param {number | undefined} userId */
  leave(userId) {
    if (this.callId === null && !this.sent) left = isEmpty(this.draft()) ? null : { draft: this.draft(), userId, key: this.key };
  }

  firstUpdated() {
    if (this.call) {
      const { call } = this;
      this.opened = this.draftOf(call);
      this.take(this.opened);
    } else if (this.callId === null && left?.userId !== undefined && left.userId === session.me?.id) {
      this.take(left.draft);
      this.key = left.key;
      this.restored = true;
    }
    this.requestUpdate();
    this.find("[name=address]")?.focus();
  }

  /** @param {Draft} draft */
  take(draft) {
    for (const name of NAMES) this.fill(name, draft.values[name] ?? "");
    this.reasonCode = draft.reasonCode;
    this.criticality = /** @type {Criticality | ""} */ (draft.criticality);
    this.criticalityChosen = draft.criticalityChosen;
    this.setPin(draft.pin, draft.pinFrom ?? "");
  }

  /** Whether the address was changed under a point that stays. */
  get pinKept() {
    return this.pin !== null && this.pinFrom === "call" && this.value("address") !== this.opened?.values.address;
  }

  /** @param {import("../types.js").Point | null} pin @param {PinFrom} from */
  setPin(pin, from) {
    this.pin = pin;
    this.pinFrom = pin ? from : "";
    // A form that was left while it was sent sets no pin on the map of what is open by now.
    if (!this.isConnected) return;
    desk.pin = pin;
    desk.changed();
  }

  /** @returns {Draft} */
  draft() {
    const values = Object.fromEntries(NAMES.map((name) => [name, this.value(name)]));
    return { values, pin: this.pin, pinFrom: this.pinFrom, reasonCode: this.reasonCode, criticality: this.criticality, criticalityChosen: this.criticalityChosen };
  }

  clear() {
    this.restored = false;
    this.key = newKey();
    this.take({ values: {}, pin: null, reasonCode: "", criticality: "", criticalityChosen: false });
    this.errors = {};
    /** @type {import("./duplicates.js").Duplicates | null} */ (this.find("br-duplicates"))?.forget();
    this.requestUpdate();
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

  typedAddress() {
    clearTimeout(this.addressTimer);
    // A point that the address before had brought goes with it; one that somebody has set stays.
    if (this.pinFrom === "address") this.setPin(null, "");
    const query = this.value("address");
    if (query.length < 2) {
      this.asked += 1;
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
    // A late answer never opens a list over the field in which somebody types by now.
    this.placesOpen = this.places.length > 0 && document.activeElement === this.find("[name=address]");
    this.requestUpdate();
  }

  /** @param {Found} place */
  choosePlace(place) {
    this.endSearch();
    this.fill("address", place.label);
    this.setPin(place.location, "address");
    this.emit("look-point", place.location);
    this.askDuplicates();
    this.find("[name=reason]")?.focus();
  }

  /** What was typed is settled: no list, and none to come. */
  endSearch() {
    clearTimeout(this.addressTimer);
    this.asked += 1;
    this.placesOpen = false;
    this.requestUpdate();
  }

  /** The dispatcher put the pin on the map by hand. */
  pinMoved() {
    this.requestUpdate();
    if ((desk.panel !== "new" && desk.panel !== "edit") || desk.pin === this.pin) return;
    this.pin = desk.pin;
    this.pinFrom = desk.pin ? "hand" : "";
    this.askDuplicates();
    if (!desk.pin || this.value("address") !== "") return;
    const { pin } = desk;
    api(`/geocode/reverse?lat=${pin.lat}&lon=${pin.lon}`)
      .then((answer) => {
        // The address of a point that the pin has left by now is not the patient's.
        if (answer?.label && pin === this.pin && this.value("address") === "") this.fill("address", answer.label);
      })
      .catch(() => undefined);
  }

  askDuplicates() {
    if (this.callId !== null) return;
    const list = /** @type {import("./duplicates.js").Duplicates | null} */ (this.find("br-duplicates"));
    list?.ask({ address: this.value("address"), phone: this.value("caller_phone"), pin: this.pin });
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
      event.preventDefault();
      const chosen = items[at];
      // What was typed is never replaced by a line that nobody has chosen: it is kept, and the next field comes.
      if (!chosen) this.keepTyped(which);
      else if (which === "place") this.choosePlace(/** @type {Found} */ (chosen));
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

  /** @param {"place" | "reason"} which */
  keepTyped(which) {
    if (this.value(which === "place" ? "address" : "reason") === "") return;
    if (which === "place") this.endSearch();
    this.find(which === "place" ? "[name=reason]" : "[name=caller_phone]")?.focus();
  }

  /** The point of an address that was typed in full and not chosen from the list; none when it is not certain. */
  async locate() {
    try {
      const address = this.value("address");
      const answer = await api(`/geocode?q=${encodeURIComponent(address)}&limit=2`, { timeoutMs: LOCATE_MS });
      if (this.pin || address !== this.value("address")) return;
      const [first, second] = /** @type {Found[]} */ (answer.items ?? []);
      if (first && first.confidence >= SURE && !first.ambiguous && (second?.confidence ?? 0) < SURE) this.setPin(first.location, "address");
    } catch {
      // The call is taken in without a point, and the attention list says so.
    }
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    if (this.closed) return;
    const wrong = mistakes(this.draft().values, this.criticality);
    this.errors = Object.fromEntries(Object.entries(wrong).map(([name, key]) => [name, t(key)]));
    this.problem = "";
    if (Object.keys(wrong).length > 0) {
      this.requestUpdate();
      await this.updateComplete;
      this.find("input[aria-invalid=true], select[aria-invalid=true], [aria-invalid=true] input")?.focus();
      return;
    }
    this.busy = true;
    this.requestUpdate();
    const userId = session.me?.id;
    try {
      if (!this.pin) await this.locate();
      await (this.call ? this.change(this.call) : this.create());
    } catch (error) {
      if (error instanceof ApiProblem) {
        this.key = newKey();
        this.takeErrors(error);
      } else this.problem = error instanceof NoLink ? t("error.noLink") : String(error);
      if (!this.isConnected && userId === session.me?.id) {
        this.leave(userId);
        desk.say({ kind: "problem", text: t("new.notTaken", { problem: this.problem }), kept: true });
      }
    } finally {
      this.busy = false;
      this.requestUpdate();
    }
  }

  async create() {
    // The same key until it is answered: a lost answer never makes a second call.
    const call = await post("/calls", bodyOf(this.draft()), { key: this.key });
    this.sent = true;
    // Whoever has gone on to another card or another call meanwhile stays there.
    if (this.isConnected) {
      left = null;
      desk.openCall(call.id);
    }
    desk.say({ kind: "done", text: t("toast.created", { call: callNumber(call) }) });
  }

  /** @param {import("../types.js").Call} call */
  async change(call) {
    const changes = this.opened ? changesOf(this.draft(), this.opened) : {};
    if (Object.keys(changes).length === 0) {
      desk.openCall(call.id);
      return;
    }
    // The version that this form has read: what a colleague changed since is not overwritten, the server says whose it is.
    const done = await desk.command(
      async () => {
        await patch(`/calls/${call.id}`, { ...changes, version: call.version });
        desk.say({ kind: "done", text: t("toast.changed", { call: callNumber(call) }) });
      },
      { call },
    );
    if (done && this.isConnected) desk.openCall(call.id);
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

  /** @param {Found} place */
  placeFace(place) {
    const more = [place.name, place.district || place.town].filter((part) => part && !place.label.includes(part)).join(", ");
    return html`<b>${place.label}</b> <small>${more}${place.ambiguous ? ` ⚠ ${t("new.ambiguous")}` : ""}</small>`;
  }

  addressField() {
    const error = this.errors.address;
    return html`<div class="combo wide">
      <label class="field"><span>${t("call.address")}</span>
        <input name="address" aria-describedby="error-address" autocomplete="off" role="combobox" maxlength="300" aria-expanded=${this.placesOpen ? "true" : "false"} aria-controls="places" aria-autocomplete="list"
          aria-activedescendant=${this.placesOpen && this.placeAt >= 0 ? `places-${this.placeAt}` : nothing}
          aria-invalid=${error ? "true" : "false"} @input=${this.typedAddress} @keydown=${(/** @type {KeyboardEvent} */ event) => this.suggestionKey(event, "place")}
          @blur=${() => this.endSearch()} /></label><span class="field-error" id="error-address">${error ?? ""}</span>
      ${this.placesOpen
        ? suggestionList({ id: "places", label: t("new.suggestions"), items: this.places, at: this.placeAt, face: (place) => this.placeFace(place), choose: (place) => this.choosePlace(place) })
        : nothing}
      <p class="pin-line">${this.pinKept
        ? html`<span class="warn-note">⚠ ${t("new.pinKept")}</span> <button type="button" class="quiet" @click=${() => this.setPin(null, "")}>${t("new.dropPin")}</button>`
        : desk.pin ? html`<span class="ok-note">✓ ${t("new.pinned")}</span>` : html`<span class="muted">${this.geocoderSilent ? t("new.noGeocoder") : t("new.noPin")}</span>`}
        <button type="button" class="quiet" aria-pressed=${desk.picking ? "true" : "false"} @click=${(/** @type {MouseEvent} */ event) => {
          desk.picking = !desk.picking;
          desk.changed();
          // Pressed by the keyboard: the arrows move the map, Enter takes its middle.
          if (desk.picking && event.detail === 0) this.emit("map-keyboard");
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
            this.reasonAt = -1;
            this.reasonOpen = true;
            this.requestUpdate();
          }}
          @keydown=${(/** @type {KeyboardEvent} */ event) => this.suggestionKey(event, "reason")}
          @blur=${() => {
            this.reasonOpen = false;
            this.requestUpdate();
          }} /></label><span class="field-error" id="error-reason">${error ?? ""}</span>
      ${this.reasonOpen && this.reasonsFound().length > 0
        ? suggestionList({
            id: "reasons", label: t("new.suggestions"), items: this.reasonsFound(), at: this.reasonAt,
            face: (reason) => html`${critMark(reason.criticality)} ${prefs.lang === "ru" ? reason.title_ru : reason.title_en}`,
            choose: (reason) => this.chooseReason(reason),
          })
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

  /** Where to go when the form is closed. */
  close() {
    if (this.callId !== null) desk.openCall(this.callId);
    else desk.close();
  }

  /** What a colleague did meanwhile. */
  meanwhile() {
    if (this.closed) return html`<p class="form-error meanwhile" role="alert">${t("edit.closed")} ${this.deed}</p>`;
    const live = this.call ? this.store.calls.get(this.call.id) : undefined;
    if (this.clashes.length === 0 || !live) return nothing;
    const { values, criticality } = this.draftOf(live);
    const sex = values.sex ? t(`sex.${values.sex}`) : "";
    /** @type {Record<string, string>} */
    const theirs = { ...values, sex, criticality: t(`criticality.${criticality}`), location: t("edit.otherPoint") };
    const said = this.clashes.map((name) => `${t(NAMED[name] ?? name)}: ${theirs[name] || "—"}`);
    return html`<div class="form-error meanwhile" role="alert"><p>${t("edit.clash")} ${this.deed}</p><p>${said.join("; ")}</p>
      <div class="buttons"><button type="button" class="button small" @click=${() => this.rebase(live)}>${t("edit.keepMine")}</button></div></div>`;
  }

  more() {
    return html`<div class="row-3">${this.field("surname", t("person.surname"))}${this.field("name", t("person.name"))}${this.field("patronym", t("person.patronym"))}</div>
      <div class="row-2"><label class="field"><span>${t("person.sex")}</span><select name="sex"><option value="">—</option><option value="female">${t("sex.female")}</option><option value="male">${t("sex.male")}</option></select></label>
        ${this.field("age", t("new.age"), { inputmode: "numeric", max: 3 })}</div>
      ${this.field("landmark", t("new.landmark"), { max: 300 })}
      <label class="field"><span>${t("call.comment")}</span><textarea name="comment" rows="2"></textarea></label>`;
  }

  render() {
    const title = this.call ? t("call.editTitle", { call: callNumber(this.call) }) : this.callId === null ? t("action.newCall") : t("call.edit");
    return html`<form class="card new-call-form" novalidate aria-label=${title} @submit=${this.submit}>
      <header class="card-head"><div class="card-title"><h2>${title}</h2></div>
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => this.close()}>✕</button></header>
      ${this.restored ? html`<p class="viewing" role="status">${t("new.restored")} <button type="button" class="quiet inline" @click=${() => this.clear()}>${t("new.clear")}</button></p>` : nothing}
      ${this.addressField()}
      <div class="row-4">${this.field("entrance", t("new.entrance"), { max: 20 })}${this.field("floor", t("new.floor"), { max: 20 })}${this.field("flat", t("new.flat"), { max: 20 })}${this.field("intercom", t("new.intercom"), { max: 40 })}</div>
      <br-duplicates></br-duplicates>
      ${this.reasonField()} ${this.criticalityField()}
      <div class="row-2">${this.field("caller_phone", t("new.phone"), { type: "tel", inputmode: "tel", max: 32, input: () => this.askDuplicates() })}${this.field("caller_name", t("new.callerName"))}</div>
      <details ?open=${this.callId !== null}><summary>${t("new.more")}</summary>${this.more()}</details>
      ${this.meanwhile()}
      ${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
      ${desk.canCommand ? nothing : html`<p class="muted form-end-note" role="status">${t("new.waitsForLink")}</p>`}
      <div class="buttons end form-end"><button type="button" class="button" @click=${() => this.close()}>${t("action.cancel")}</button>
        <button class="button primary" ?disabled=${this.busy || this.closed || !desk.canCommand}>${this.busy ? t("new.busy") : this.callId !== null ? t("action.save") : t("new.create")}</button></div>
    </form>`;
  }
}
customElements.define("br-new-call", NewCall);
