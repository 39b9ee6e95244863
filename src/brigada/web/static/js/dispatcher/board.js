// Calls that wait and calls in work. Rows never move under the pointer or the focus: the order is held and
// what is new is announced.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, classMap, html, nothing, repeat } from "../core/element.js";
import { ageS, callNumber, duration } from "../core/format.js";
import { Attended, HeldOrder } from "../core/held.js";
import { t } from "../core/i18n.js";
import { activeOf, dueAt } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import { desk, teamNames } from "./desk.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {{order: HeldOrder<Call>, attended: Attended}} Part
 */

class Board extends Element {
  constructor() {
    super();
    this.waiting = this.partOf(".waiting-list");
    this.work = this.partOf(".work-list");
    this.query = "";
  }

  /** @param {string} list @returns {Part} */
  partOf(list) {
    return { order: new HeldOrder((call) => call.id), attended: new Attended(() => this.find(list), () => this.requestUpdate()) };
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(() => this.waiting.attended.stop(), () => this.work.attended.stop());
  }

  /** @param {Call} call */
  fits(call) {
    if (!this.query) return true;
    const hay = `${call.number} ${call.address} ${this.store.reasonOf(call)} ${teamNames(call).join(" ")}`.toLowerCase();
    return this.query.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
  }

  release() {
    this.waiting.order.release();
    this.work.order.release();
    this.requestUpdate();
  }

  /** Keys of the list: the next or the previous call. @param {number} step */
  move(step) {
    const ids = this.waiting.order.shown;
    if (ids.length === 0) return;
    const at = desk.callId === null ? -1 : ids.indexOf(desk.callId);
    const next = at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + step, 0), ids.length - 1);
    desk.openCall(ids[next] ?? null);
    this.querySelector(`.waiting-list [data-call="${ids[next]}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /** @param {MouseEvent} event @param {number} id */
  open(event, id) {
    // Only who came by the keyboard stands in the list; a click must not hold its order for the rest of the shift.
    if (event.detail > 0) /** @type {HTMLElement} */ (event.currentTarget).blur();
    desk.openCall(id);
  }

  /** Only the texts of the timers change each second. */
  tick() {
    for (const element of this.querySelectorAll("time[data-since]")) {
      const seconds = ageS(element.getAttribute("data-since"));
      const late = seconds > Number(element.getAttribute("data-target"));
      element.textContent = `${late ? "⚠ " : ""}${duration(seconds)}`;
      element.classList.toggle("late", late);
      element.setAttribute("title", late ? t("call.pastNorm") : "");
    }
    for (const element of this.querySelectorAll("time[data-due]")) {
      const seconds = (Date.parse(element.getAttribute("data-due") ?? "") - serverNow()) / 1000;
      element.textContent = seconds > 0 ? t("call.arrivesIn", { time: duration(seconds) }) : t("call.arrivesNow");
    }
    for (const element of this.querySelectorAll("time[data-from]")) element.textContent = duration(ageS(element.getAttribute("data-from")));
  }

  updated() {
    this.tick();
  }

  /** @param {Call} call @param {boolean} gone */
  row(call, gone) {
    const chosen = desk.callId === call.id;
    const viewers = this.store.viewers.get(call.id) ?? [];
    return html`<li>
      <button type="button" data-call=${call.id} aria-current=${chosen ? "true" : "false"}
        class=${classMap({ "call-row": true, chosen, gone, [call.criticality]: true, ringing: desk.ringing.has(call.id) })}
        @click=${(/** @type {MouseEvent} */ event) => this.open(event, call.id)}>
        ${critMark(call.criticality)}
        <span class="call-reason">${this.store.reasonOf(call)}</span>
        ${gone ? html`<span class="gone-note">${this.goneNote(call)}</span>` : html`<time class="timer" data-since=${call.received_at} data-target=${this.store.targetS(call)}></time>`}
        <span class="call-address">${call.address}</span>
        <span class="call-number">${viewers.length > 0 ? html`<span class="viewer" title=${t("call.viewing", { n: viewers.length, who: viewers.join(", ") })}>◉ ${viewers.join(", ")}</span>` : nothing}${callNumber(call)}</span>
      </button>
    </li>`;
  }

  /** @param {Call} call */
  goneNote(call) {
    const now = this.store.calls.get(call.id);
    const teams = now ? teamNames(now) : [];
    if (teams.length > 0) return t("call.goneTo", { team: teams.join(", ") });
    return now ? t("call.goneWaiting") : t("call.goneClosed");
  }

  /** How far the crew is: a countdown on its way, how long it has been there afterwards. @param {Assignment} assignment */
  progress(assignment) {
    const due = dueAt(assignment);
    if (due) return html`<time data-due=${due}></time>`;
    const since = assignment.milestones?.[`${assignment.status}_at`];
    return since ? html`<time data-from=${since}></time>` : nothing;
  }

  /** @param {Call} call @param {boolean} gone */
  workRow(call, gone) {
    const chosen = desk.callId === call.id;
    const [first] = activeOf(call);
    return html`<li>
      <button type="button" data-call=${call.id} aria-current=${chosen ? "true" : "false"}
        class=${classMap({ "call-row": true, work: true, chosen, gone })} @click=${(/** @type {MouseEvent} */ event) => this.open(event, call.id)}>
        ${critMark(call.criticality)}
        <span class="call-reason">${call.address}</span>
        ${gone || !first ? html`<span class="gone-note">${this.goneNote(call)}</span>` : html`<span class="call-state"><b>${t(`status.${first.status}`)}</b> ${this.progress(first)}</span>`}
        <span class="call-address">${teamNames(call).map((name) => t("team.short", { name })).join(", ")}${first ? " · " : ""}${this.store.reasonOf(call)}</span>
        <span class="call-number">${callNumber(call)}</span>
      </button>
    </li>`;
  }

  /** @param {Part} part @param {Call[]} news @param {string} otherwise */
  newsButton(part, news, otherwise) {
    if (news.length === 0) return otherwise ? html`<span class="hint"><kbd>J</kbd> <kbd>K</kbd></span>` : nothing;
    const critical = news.filter((call) => call.criticality === "critical").length;
    return html`<button type="button" class="news ${critical > 0 ? "critical" : ""}" @click=${() => {
      part.order.release();
      this.requestUpdate();
    }}>${t("board.news", { n: news.length })}${critical > 0 ? ` (${t("board.newsCritical", { n: critical })})` : ""} ↑</button>`;
  }

  /** @param {Part} part @param {string} name @param {string} empty @param {Call[]} all @param {(call: Call, gone: boolean) => unknown} face */
  list(part, name, empty, all, face) {
    // A search that was left in the field never hides a critical call that waits.
    const wanted = this.query ? all.filter((call) => (part === this.waiting && call.criticality === "critical") || this.fits(call)) : all;
    const { rows, left, news } = part.order.arrange(wanted, part.attended.held);
    const waiting = part === this.waiting;
    return html`<section class="board-part ${waiting ? "waiting" : "in-work"}" aria-label=${name}>
      <header class="board-head"><h2 class="section-title">${name} <span class="count">${this.query ? t("board.found", { n: wanted.length, all: all.length }) : all.length}</span></h2>${this.newsButton(part, news, waiting ? "keys" : "")}</header>
      <ul class=${waiting ? "waiting-list" : "work-list"} @pointerenter=${part.attended.moved} @pointermove=${part.attended.moved} @pointerleave=${part.attended.gone}
        @focusout=${() => this.requestUpdate()}>${repeat(rows, (call) => call.id, (call) => face(call, left.has(call.id)))}</ul>
      ${rows.length === 0 ? html`<p class="pane-note muted">${this.query ? t("board.nothingFound") : empty}</p>` : nothing}
    </section>`;
  }

  render() {
    if (this.store.phase === "loading") return html`<p class="pane-note" role="status">${t("state.loading")}</p>`;
    if (this.store.phase === "failed") {
      return html`<div class="pane-note" role="alert"><p>${t("state.failed")}</p><p class="muted">${t("state.retrying")}</p></div>`;
    }
    return html`<div class="board">
      <div class="board-search">
        <input type="search" aria-label=${t("board.search")} placeholder=${t("board.search")} .value=${this.query}
          @input=${(/** @type {InputEvent} */ event) => {
            this.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
            this.release();
          }} />
      </div>
      ${this.list(this.waiting, t("board.waiting"), t("board.nobodyWaits"), this.store.waiting(), (call, gone) => this.row(call, gone))}
      ${this.list(this.work, t("board.inWork"), t("board.nothingInWork"), this.store.inWork(), (call, gone) => this.workRow(call, gone))}
    </div>`;
  }
}
customElements.define("br-board", Board);

export { Board };
