// Changes of teams on their way that the service proposes: carried out or declined as one, never by themselves.

import { api, post } from "../core/api.js";
import { problemOf } from "../core/attempt.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { duration } from "../core/format.js";
import { Attended, HeldOrder } from "../core/held.js";
import { t } from "../core/i18n.js";
import { critMark } from "../parts/crit.js";
import { desk } from "./desk.js";

/**
 * @typedef {{call_id: number, call_number: number, criticality: import("../types.js").Criticality, team_now: number | null, name_now: string | null,
 *   name_before: string | null, name_after: string | null, eta_before_s: number | null, eta_after_s: number | null, late_before: boolean, late_after: boolean}} Move
 * @typedef {{id: number, status: string, saved_s: number, text: string, moves: Move[]}} Proposal
 */

// Several proposals change within one reckoning: ask once for all of them.
const GATHER_MS = 300;
const SHOWN = 5;
// A key pressed so soon after another proposal has come first was meant for the one before.
const SETTLED_MS = 500;

class Proposals extends Element {
  static properties = { callId: { attribute: false } };

  constructor() {
    super();
    /** Only those about this call. @type {number | null} */
    this.callId = null;
    /** @type {Proposal[]} */
    this.items = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** The proposal that the keys are for, and since when it stands first. @type {Proposal | undefined} */
    this.first = undefined;
    this.firstSince = 0;
    /** @type {HeldOrder<Proposal>} */
    this.order = new HeldOrder((item) => item.id);
    this.attended = new Attended(() => this.find("ul"), () => this.requestUpdate());
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.asked = 0;
    /** The proposal that is being asked about; 0: none. */
    this.asking = 0;
    this.askingSince = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(
      this.store.onEvent((event) => {
        if (!event.kind.startsWith("proposal.")) return;
        clearTimeout(this.soon);
        this.soon = setTimeout(() => void this.load(), GATHER_MS);
      }),
    );
    this.stops.push(() => clearTimeout(this.soon), () => this.attended.stop());
    this.onReturn(() => void this.load());
  }

  async load() {
    const asked = ++this.asked;
    try {
      const { proposals } = await api("/advice");
      // One that was asked for later knows more: what was decided meanwhile must not come back.
      if (asked !== this.asked) return;
      this.items = proposals ?? [];
      this.phase = "ready";
    } catch (error) {
      if (asked !== this.asked) return;
      // What was proposed before stays in sight: the server itself refuses what no longer holds.
      this.phase = "failed";
      this.problem = problemOf(error);
    }
    this.requestUpdate();
  }

  /** Taking a team off its call can't be undone: it is asked about first. @param {number} id 0: not any more */
  ask(id) {
    this.asking = id;
    this.askingSince = performance.now();
    this.requestUpdate();
    if (id) void this.updateComplete.then(() => this.find(".proposal-ask .safe")?.focus());
  }

  /** @param {Proposal} item @param {"confirm" | "decline"} what */
  async decide(item, what) {
    this.asking = 0;
    const call = this.store.calls.get(item.moves[0]?.call_id ?? -1);
    await desk.command(
      async () => {
        await post(`/proposals/${item.id}/${what}`);
        desk.say({ kind: "done", text: t(what === "confirm" ? "proposal.done" : "proposal.declined") });
      },
      { call },
    );
    this.order.release();
    await this.load();
  }

  /** The keys Y (twice) and X carry out or decline the first one. @param {"confirm" | "decline"} what @returns {boolean} whether there is one */
  decideByKey(what) {
    const { first } = this;
    const asked = this.items.find((item) => item.id === this.asking);
    if (!(asked ?? first) || !desk.canCommand || desk.busy) return false;
    if (asked && what === "decline") this.ask(0);
    // A key that bounces asks and answers in one breath.
    else if (asked && performance.now() - this.askingSince >= SETTLED_MS) void this.decide(asked, "confirm");
    else if (asked || !first) return true;
    else if (performance.now() - this.firstSince < SETTLED_MS) desk.say({ kind: "problem", text: t("proposal.justChanged") });
    else if (what === "confirm") this.ask(first.id);
    else void this.decide(first, what);
    return true;
  }

  /** @param {string | null} name @param {number | null} eta @param {boolean} late */
  side(name, eta, late) {
    const when = eta === null ? "" : ` ${late ? "⚠ " : ""}${duration(eta)}`;
    return html`<span class=${late ? "late" : ""}>${name === null ? t("proposal.waits") : t("team.short", { name })}${when}</span>`;
  }

  /** @param {Move} move */
  move(move) {
    const address = this.store.calls.get(move.call_id)?.address ?? "";
    return html`<li><div class="move-call">${critMark(move.criticality)}<button type="button" class="quiet" @click=${() => desk.openCall(move.call_id)}>${t("call.number", { number: move.call_number })}</button>
        <span class="muted">${address}</span></div>
      <div class="move-teams">${this.side(move.name_before ?? move.name_now, move.eta_before_s, move.late_before)} <span role="img" aria-label=${t("proposal.becomes")}>→</span> ${this.side(move.name_after, move.eta_after_s, move.late_after)}</div></li>`;
  }

  /** What is about to be done to one call. @param {Move} move */
  inWords(move) {
    const name = (/** @type {string | null} */ team) => (team === null ? t("proposal.waits") : t("team.short", { name: team }));
    return `${t("call.number", { number: move.call_number })}: ${name(move.name_before ?? move.name_now)} → ${name(move.name_after)}`;
  }

  /** @param {Proposal} item @param {boolean} over */
  proposal(item, over) {
    const off = over || !desk.canCommand || desk.busy;
    const keyed = !over && item.id === this.first?.id;
    return html`<li class="proposal ${over ? "over" : ""}"><ul>${item.moves.map((move) => this.move(move))}</ul>
      <p class="proposal-why">${over ? t("proposal.over") : item.text}</p>
      ${this.asking === item.id && !over ? html`<div class="confirm proposal-ask" role="group" aria-label=${t("proposal.ask")}><p>${t("proposal.ask")}<br /><b>${item.moves.map((move) => this.inWords(move)).join("; ")}</b></p>
        <div class="buttons"><button type="button" class="button small safe" @click=${() => this.ask(0)}>${t("action.cancel")}</button>
          <button type="button" class="button small danger" ?disabled=${off} @click=${() => void this.decide(item, "confirm")}><kbd>Y</kbd> ${t("proposal.do")}</button></div></div>` : html`<div class="buttons end"><button type="button" class="button small" ?disabled=${off} @click=${() => void this.decide(item, "decline")}>${keyed ? html`<kbd>X</kbd> ` : nothing}${t("action.keep")}</button>
        <button type="button" class="button small primary" ?disabled=${off} @click=${() => this.ask(item.id)}>${keyed ? html`<kbd>Y</kbd> ` : nothing}${t("proposal.do")}</button></div>`}</li>`;
  }

  render() {
    const wanted = this.items.filter((item) => this.callId === null || item.moves.some((move) => move.call_id === this.callId));
    const { rows, left, news } = this.order.arrange(wanted.slice(0, SHOWN), this.attended.held);
    const first = rows.find((item) => !left.has(item.id));
    if (first?.id !== this.first?.id) this.firstSince = performance.now();
    this.first = first;
    // What is over is not asked about any more.
    if (!rows.some((item) => item.id === this.asking && !left.has(item.id))) this.asking = 0;
    if (rows.length === 0 && (this.phase === "ready" || this.callId !== null)) return nothing;
    return html`<section class="proposals" aria-label=${t("proposal.title")}><header class="board-head"><h2 class="section-title">${t("proposal.title")} ${wanted.length > 0 ? html`<span class="count">${wanted.length}</span>` : nothing}</h2>
        ${news.length > 0 ? html`<button type="button" class="news" @click=${() => {
          this.order.release();
          this.requestUpdate();
        }}>${t("proposal.news", { n: news.length })} ↑</button>` : nothing}</header>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
      <ul class="proposal-list" @pointerenter=${this.attended.moved} @pointermove=${this.attended.moved} @pointerleave=${this.attended.gone}>${repeat(rows, (item) => item.id, (item) => this.proposal(item, left.has(item.id)))}</ul></section>`;
  }
}
customElements.define("br-proposals", Proposals);

export { Proposals };
