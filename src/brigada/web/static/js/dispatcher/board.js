// Calls that wait and calls in work. Rows never move under the pointer or the focus: the order is held and
// what is new is announced.

import { everySecond } from "../core/clock.js";
import { Element, classMap, html, nothing, repeat } from "../core/element.js";
import { ageS, callNumber, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { activeOf } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import { desk, teamNames } from "./desk.js";

/** @typedef {import("../types.js").Call} Call */

class Board extends Element {
  constructor() {
    super();
    /** Ids as they are drawn now. @type {number[]} */
    this.shown = [];
    /** The last known face of a row that has left while the order is held. @type {Map<number, Call>} */
    this.remembered = new Map();
    this.inside = false;
    this.query = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.tick()));
  }

  get held() {
    const list = this.find(".waiting-list");
    return this.inside || Boolean(list?.querySelector(":focus-visible"));
  }

  /** @param {Call} call */
  fits(call) {
    if (!this.query) return true;
    const hay = `${call.number} ${call.address} ${this.store.reasonOf(call)} ${teamNames(call).join(" ")}`.toLowerCase();
    return this.query.toLowerCase().split(/\s+/).every((word) => hay.includes(word));
  }

  /** The rows to draw, and how many newer ones stand behind. */
  order() {
    const wanted = this.store.waiting().filter((call) => this.fits(call));
    const fresh = new Set(wanted.map((call) => call.id));
    if (!this.held || this.shown.length === 0) {
      this.shown = wanted.map((call) => call.id);
      this.remembered = new Map(wanted.map((call) => [call.id, call]));
      return { rows: wanted, left: new Set(), news: [] };
    }
    for (const call of wanted) if (this.remembered.has(call.id)) this.remembered.set(call.id, call);
    const known = new Set(this.shown);
    const news = wanted.filter((call) => !known.has(call.id));
    const left = new Set(this.shown.filter((id) => !fresh.has(id)));
    const rows = this.shown.flatMap((id) => this.remembered.get(id) ?? []);
    return { rows, left, news };
  }

  release() {
    this.shown = [];
    this.requestUpdate();
  }

  /** Keys of the list: the next or the previous call. @param {number} step */
  move(step) {
    const ids = this.shown;
    if (ids.length === 0) return;
    const at = desk.callId === null ? -1 : ids.indexOf(desk.callId);
    const next = at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + step, 0), ids.length - 1);
    desk.openCall(ids[next] ?? null);
    this.querySelector(`[data-call="${ids[next]}"]`)?.scrollIntoView({ block: "nearest" });
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
  }

  updated() {
    this.tick();
  }

  /** @param {Call} call */
  timer(call) {
    return html`<time class="timer" data-since=${call.received_at} data-target=${this.store.targetS(call)}></time>`;
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
        ${gone ? html`<span class="gone-note">${this.goneNote(call)}</span>` : this.timer(call)}
        <span class="call-address">${call.address}</span>
        <span class="call-number">${viewers.length > 0 ? html`<span class="viewer" title=${t("call.viewing", { who: viewers.join(", ") })}>◉ ${viewers.join(", ")}</span>` : nothing}${callNumber(call)}</span>
      </button>
    </li>`;
  }

  /** @param {Call} call */
  goneNote(call) {
    const now = this.store.calls.get(call.id);
    const teams = now ? teamNames(now) : [];
    return teams.length > 0 ? t("call.goneTo", { team: teams.join(", ") }) : t("call.goneClosed");
  }

  /** @param {Call} call */
  workRow(call) {
    const chosen = desk.callId === call.id;
    const assignments = activeOf(call);
    const state = assignments[0]?.status ?? "assigned";
    return html`<li>
      <button type="button" data-call=${call.id} aria-current=${chosen ? "true" : "false"}
        class=${classMap({ "call-row": true, work: true, chosen })} @click=${(/** @type {MouseEvent} */ event) => this.open(event, call.id)}>
        ${critMark(call.criticality)}
        <span class="call-reason">${call.address}</span>
        <span class="call-state">${t(`status.${state}`)}</span>
        <span class="call-address">${teamNames(call).map((name) => t("team.short", { name })).join(", ")} · ${this.store.reasonOf(call)}</span>
        <span class="call-number">${callNumber(call)}</span>
      </button>
    </li>`;
  }

  render() {
    if (this.store.phase === "loading") return html`<p class="pane-note" role="status">${t("state.loading")}</p>`;
    if (this.store.phase === "failed") {
      return html`<div class="pane-note" role="alert"><p>${t("state.failed")}</p><p class="muted">${t("state.retrying")}</p></div>`;
    }
    const { rows, left, news } = this.order();
    const inWork = this.store.inWork().filter((call) => this.fits(call));
    const critical = news.filter((call) => call.criticality === "critical").length;
    return html`<div class="board">
      <div class="board-search">
        <input type="search" aria-label=${t("board.search")} placeholder=${t("board.search")} .value=${this.query}
          @input=${(/** @type {InputEvent} */ event) => {
            this.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
            this.release();
          }} />
      </div>
      <section class="board-part waiting" aria-label=${t("board.waiting")}>
        <header class="board-head"><h2 class="section-title">${t("board.waiting")} <span class="count">${rows.length - left.size + news.length}</span></h2>
          ${news.length > 0
            ? html`<button type="button" class="news ${critical > 0 ? "critical" : ""}" @click=${() => this.release()}>
                ${t("board.news", { n: news.length })}${critical > 0 ? ` (${t("board.newsCritical", { n: critical })})` : ""} ↑</button>`
            : html`<span class="hint"><kbd>J</kbd> <kbd>K</kbd></span>`}</header>
        <ul class="waiting-list" @pointerenter=${() => this.enter(true)} @pointerleave=${() => this.enter(false)}
          @focusout=${() => this.requestUpdate()}>
          ${repeat(rows, (call) => call.id, (call) => this.row(call, left.has(call.id)))}
        </ul>
        ${rows.length === 0 ? html`<p class="pane-note muted">${this.query ? t("board.nothingFound") : t("board.nobodyWaits")}</p>` : nothing}
      </section>
      <section class="board-part in-work" aria-label=${t("board.inWork")}>
        <header class="board-head"><h2 class="section-title">${t("board.inWork")} <span class="count">${inWork.length}</span></h2></header>
        <ul>${repeat(inWork, (call) => call.id, (call) => this.workRow(call))}</ul>
        ${inWork.length === 0 ? html`<p class="pane-note muted">${t("board.nothingInWork")}</p>` : nothing}
      </section>
    </div>`;
  }

  /** @param {boolean} inside */
  enter(inside) {
    this.inside = inside;
    if (!inside) this.requestUpdate();
  }
}
customElements.define("br-board", Board);

export { Board };
