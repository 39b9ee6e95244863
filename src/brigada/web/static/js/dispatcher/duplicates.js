// Calls that may be about the same thing, shown while a new one is typed.

import { api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, callNumber, clockTime, duration } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { activeOf } from "../core/store.js";
import { desk, teamNames } from "./desk.js";

// Longer than between two keys, shorter than a breath.
const ASK_AFTER_MS = 400;
const SHOWN = 4;

/** @typedef {{call: import("../types.js").Call, score: number, reasons: string[]}} Likeness */

class Duplicates extends Element {
  constructor() {
    super();
    /** @type {Likeness[]} */
    this.items = [];
    this.asked = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(() => clearTimeout(this.timer));
  }

  /** @param {{address: string, phone: string, pin: import("../types.js").Point | null}} facts */
  ask({ address, phone, pin }) {
    clearTimeout(this.timer);
    if (!address && !phone && !pin) this.forget();
    else this.timer = setTimeout(() => void this.look({ address, caller_phone: phone, location: pin && { lat: pin.lat, lon: pin.lon } }), ASK_AFTER_MS);
  }

  forget() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.items = [];
    this.requestUpdate();
  }

  /** In the body: no phone and no address of a caller may stand in an address. @param {Record<string, unknown>} body */
  async look(body) {
    const asked = ++this.asked;
    /** @type {Likeness[]} */
    let items = [];
    try {
      items = (await api("/calls/duplicates", { method: "POST", body })).items ?? [];
    } catch {
      // A call is taken in whether or not its like can be looked for.
    }
    if (asked !== this.asked) return;
    this.items = items;
    this.requestUpdate();
  }

  /** @param {Likeness} item */
  row({ call, reasons }) {
    const now = this.store.calls.get(call.id);
    const teams = now && activeOf(now).length > 0 ? teamNames(now).map((name) => t("team.short", { name })).join(", ") : t(`callStatus.${call.status}`);
    return html`<li><button type="button" class="quiet inline" @click=${() => desk.openCall(call.id)}>${callNumber(call)}</button> ${this.store.reasonOf(call)}, ${call.address}
      <small>${clockTime(call.received_at)} (${t("duplicate.ago", { age: duration(ageS(call.received_at)) })}) · ${teams} · ${reasons.map((reason) => tOr(`duplicate.${reason}`, reason)).join(", ")}</small></li>`;
  }

  render() {
    if (this.items.length === 0) return nothing;
    return html`<section class="duplicates" role="status" aria-label=${t("new.duplicates")}><b>⚠ ${t("new.duplicates")}</b>
      <ul>${this.items.slice(0, SHOWN).map((item) => this.row(item))}</ul></section>`;
  }
}
customElements.define("br-duplicates", Duplicates);

export { Duplicates };
