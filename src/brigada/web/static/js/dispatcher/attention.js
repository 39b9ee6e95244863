// What asks for attention now, by the service's own rules: raised once, acknowledged by whoever is on it.

import { post } from "../core/api.js";
import { everySecond } from "../core/clock.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { ageS, callNumber, duration } from "../core/format.js";
import { Attended, HeldOrder } from "../core/held.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { session } from "../core/session.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Attention} Item */

const SHOWN = 8;
const MOST = 100;
// What concerns a patient who waits, or a crew in danger, is an alarm; the rest is a matter between colleagues.
const ALARMS = /^(waiting_critical|past_norm|sos$|crash$)/;
const FOR_HELP = /^(sos|crash)$/;

// What the service has no rule for, and a dispatcher can put right at once: known by the call alone.
const NO_POINT = "no_point";

/** The rule's own words in the reader's language. @param {import("../core/store.js").Store} store @param {string} rule */
export function ruleTitle(store, rule) {
  if (rule === NO_POINT) return t("attention.noPoint");
  const known = store.attentionRules.get(rule);
  if (!known) return rule;
  return prefs.lang === "ru" ? known.title_ru : known.title_en;
}

class AttentionList extends Element {
  constructor() {
    super();
    /** @type {HeldOrder<Item>} */
    this.order = new HeldOrder((item) => item.id);
    this.all = false;
    this.attended = new Attended(() => this.find("ul"), () => this.requestUpdate());
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(() => this.attended.stop());
  }

  tick() {
    for (const element of this.querySelectorAll("time[data-from]")) element.textContent = duration(ageS(element.getAttribute("data-from")));
  }

  updated() {
    this.tick();
  }

  /** Alarms first, then what nobody is on, then the oldest. */
  items() {
    const weight = (/** @type {Item} */ item) => (item.acknowledged_at ? 4 : 0) + (FOR_HELP.test(item.rule) ? -1 : ALARMS.test(item.rule) ? 0 : 1) - (item.level > 1 ? 0.5 : 0);
    return [...this.store.attention.values(), ...this.withoutPoint()].sort((a, b) => weight(a) - weight(b) || Date.parse(a.since) - Date.parse(b.since));
  }

  /** @returns {Item[]} */
  withoutPoint() {
    const calls = [...this.store.calls.values()].filter((call) => !call.location);
    return calls.map((call) => ({
      id: -call.id, rule: NO_POINT, call_id: call.id, assignment_id: null, team_id: null, since: call.received_at, raised_at: call.received_at,
      level: 1, acknowledged_at: null, acknowledged_by: null, ended_at: null, car_id: null, car_number: null, location: null, place_at: null,
    }));
  }

  /** @param {Item} item */
  open(item) {
    if (item.call_id && this.store.calls.has(item.call_id)) desk.openCall(item.call_id);
    else if (item.team_id) desk.openTeam(item.team_id);
    if (item.location) this.emit("look-point", item.location);
  }

  /** @param {Item} item */
  acknowledge(item) {
    void desk.command(async () => {
      await post(`/attention/${item.id}/acknowledge`);
    });
  }

  /** @param {Item} item @param {boolean} over */
  row(item, over) {
    const call = item.call_id === null ? undefined : this.store.calls.get(item.call_id);
    const team = item.team_id === null ? undefined : this.store.teams.get(item.team_id);
    const alarm = ALARMS.test(item.rule) && !item.acknowledged_at;
    const about = [team ? t("team.short", { name: team.name }) : "", item.car_number ?? "", call ? callNumber(call) : "", call?.address ?? ""].filter(Boolean).join(" · ");
    const taken = item.acknowledged_at ? (item.acknowledged_by === session.me?.id ? t("attention.takenByMe") : t("attention.taken")) : "";
    return html`<li class="matter ${alarm ? "alarm" : ""} ${over ? "over" : ""}">
      <button type="button" class="matter-open" @click=${() => this.open(item)}>
        <span class="matter-title">${alarm ? "⚠ " : ""}${ruleTitle(this.store, item.rule)}${item.level > 1 && !item.acknowledged_at ? html` <b class="level">${t("attention.escalated")}</b>` : nothing}</span>
        <time class="age" data-from=${item.since}></time>
        <span class="matter-about">${over ? t("attention.over") : about}</span></button>
      ${item.acknowledged_at || over || item.id < 0
        ? html`<span class="taken">${taken}</span>`
        : html`<button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} aria-label="${t("attention.take")}: ${ruleTitle(this.store, item.rule)}, ${about}" @click=${() => this.acknowledge(item)}>${t("attention.take")}</button>`}
    </li>`;
  }

  render() {
    if (this.store.phase !== "ready") return nothing;
    const items = this.items();
    const { rows, left, news } = this.order.arrange(items.slice(0, this.all ? MOST : SHOWN), this.attended.held);
    return html`<section class="attention" aria-label=${t("attention.title")}>
      <header class="board-head"><h2 class="section-title">${t("attention.title")} <span class="count">${items.length}</span></h2>
        ${news.length > 0 ? html`<button type="button" class="news" @click=${() => {
          this.order.release();
          this.requestUpdate();
        }}>${t("board.news", { n: news.length })} ↑</button>` : nothing}</header>
      ${rows.length === 0 ? html`<p class="pane-note muted">${t("attention.nothing")}</p>` : nothing}
      <ul @pointerenter=${this.attended.moved} @pointermove=${this.attended.moved} @pointerleave=${this.attended.gone}>${repeat(rows, (item) => item.id, (item) => this.row(item, left.has(item.id)))}</ul>
      ${items.length > SHOWN
        ? html`<button type="button" class="quiet" aria-expanded=${this.all ? "true" : "false"} @click=${() => {
            this.all = !this.all;
            this.order.release();
            this.requestUpdate();
          }}>${this.all ? t("attention.fewer") : t("attention.more", { n: items.length - SHOWN })}</button>`
        : nothing}
    </section>`;
  }
}
customElements.define("br-attention", AttentionList);
