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
    const query = new URLSearchParams();
    if (address) query.set("address", address);
    if (phone) query.set("caller_phone", phone);
    if (pin) {
      query.set("lat", String(pin.lat));
      query.set("lon", String(pin.lon));
    }
    if ([...query.keys()].length === 0) this.forget();
    else this.timer = setTimeout(() => void this.look(query), ASK_AFTER_MS);
  }

  forget() {
    this.asked += 1;
    this.items = [];
    this.requestUpdate();
  }

  /** @param {URLSearchParams} query */
  async look(query) {
    const asked = ++this.asked;
    /** @type {Likeness[]} */
    let items = [];
    try {
      items = (await api(`/calls/duplicates?${query}`)).items ?? [];
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
