// Whom to send: the server's ranked teams with their reasons. It never assigns by itself.

import { ApiProblem, api } from "../core/api.js";
import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing, repeat } from "../core/element.js";
import { ageS, clockTime, distance, duration, percent } from "../core/format.js";
import { Attended, HeldOrder } from "../core/held.js";
import { t, tOr } from "../core/i18n.js";
import { metresBetween } from "../core/geo.js";
import { previewsOf } from "./coverage-now.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Candidate} Candidate */

// The roads and the teams move: the list is asked for again after so long.
const FRESH_MS = 15_000;
// An answer older than two questions: the later ones failed, and its order is no longer of now.
const OLD_MS = 2 * FRESH_MS;
// Several events of one moment: ask once for all of them.
const GATHER_MS = 400;
const SHOWN = 5;
const KEYS = 3;
// A loss below a tenth of a percent says nothing.
const LOSS_WORTH = 0.0005;

class Advice extends Element {
  static properties = { call: { attribute: false }, additional: { attribute: false } };

  constructor() {
    super();
    /** @type {import("../types.js").Call | null} */
    this.call = null;
    this.additional = false;
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {Candidate[]} */
    this.items = [];
    /** What the joint plan says, where it is another team than the first. @type {{agrees: boolean, text: string} | null} */
    this.plan = null;
    this.askedFor = 0;
    /** When the list was answered, by the server's clock. */
    this.answeredAt = 0;
    /** What stands in for the advice while it is away. @type {Candidate[]} */
    this.near = [];
    /** What the city loses when a team goes, by team. @type {Map<number, import("../types.js").Preview>} */
    this.previews = new Map();
    this.previewsFor = "";
    /** @type {HeldOrder<Candidate>} */
    this.order = new HeldOrder((item) => item.team_id);
    this.attended = new Attended(() => this.find("ol"), () => this.requestUpdate());
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    const again = setInterval(() => void this.ask(false), FRESH_MS);
    this.stops.push(() => clearInterval(again));
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(
      this.store.onEvent((event) => {
        if (!/^assignment\.(?!arrival|route|proposed)|^team\.|^car\./.test(event.kind) && event.data?.call?.id !== this.call?.id) return;
        clearTimeout(this.soon);
        this.soon = setTimeout(() => void this.ask(false), GATHER_MS);
      }),
    );
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(() => clearTimeout(this.soon), () => this.attended.stop());
  }

  disconnectedCallback() {
    this.asking?.abort();
    desk.drawAdvice([]);
    super.disconnectedCallback();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("call") && this.call && this.call.id !== this.askedFor) void this.ask(true);
  }

  /** @param {boolean} anew */
  async ask(anew) {
    const call = this.call;
    if (!call) return;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    if (anew) {
      this.askedFor = call.id;
      this.phase = "loading";
      this.items = [];
      this.plan = null;
      this.previews = new Map();
      this.previewsFor = "";
      this.order.release();
    }
    try {
      const answer = await api(`/calls/${call.id}/candidates?limit=12`, { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.items = answer.items ?? answer;
      this.plan = answer.plan ?? null;
      this.phase = "ready";
      this.answeredAt = serverNow();
      void this.preview();
    } catch (error) {
      if (asking.signal.aborted) return;
      // A list that was good a moment ago stays, and says how old it is once it is old.
      if (this.items.length === 0) {
        this.phase = "failed";
        this.problem = error instanceof ApiProblem && error.status < 500 && error.status !== 404 ? error.message : t("advice.away");
        this.near = this.nearest();
      }
    }
    this.requestUpdate();
  }

  /** What would be left if one of the first were sent: a second question, so that the advice itself is not kept waiting. */
  async preview() {
    const ids = this.items.filter((item) => item["standing"] === "free").slice(0, KEYS).map((item) => item.team_id);
    const wanted = `${this.call?.id}:${ids.join(",")}`;
    if (ids.length === 0 || wanted === this.previewsFor) return;
    this.previewsFor = wanted;
    try {
      const previews = await previewsOf(ids);
      if (wanted !== this.previewsFor) return;
      this.previews = previews;
      this.requestUpdate();
    } catch {
      // The advice is whole without it.
      if (wanted === this.previewsFor) this.previewsFor = "";
    }
  }

  /** Free teams by the straight line: what is known without the server's advice. @returns {Candidate[]} */
  nearest() {
    const place = this.call?.location;
    /** @type {Candidate[]} */
    const found = [];
    for (const team of this.store.teams.values()) {
      if (this.store.teamState(team.id) !== "free") continue;
      const from = this.store.positions.get(team.id) ?? team.location;
      found.push({ team_id: team.id, eta_s: null, distance_m: place && from ? metresBetween(place, from) : null, approximate: true, reasons: [] });
    }
    return found.sort((a, b) => (a.distance_m ?? Number.MAX_VALUE) - (b.distance_m ?? Number.MAX_VALUE));
  }

  /** @param {Candidate} item */
  name(item) {
    return this.store.teams.get(item.team_id)?.name ?? item.name ?? item.team ?? `#${item.team_id}`;
  }

  tick() {
    const note = this.find(".advice-old");
    if (note) {
      const age = serverNow() - this.answeredAt;
      const old = this.phase === "ready" && age > OLD_MS;
      note.hidden = !old;
      note.textContent = old ? `⚠ ${t("advice.old", { time: clockTime(this.answeredAt), age: duration(age / 1000) })}` : "";
    }
    for (const element of this.querySelectorAll("[data-fix-of]")) {
      const teamId = Number(element.getAttribute("data-fix-of"));
      element.textContent = this.fixText(teamId);
      element.classList.toggle("warn-note", this.store.fix(teamId).stale);
    }
  }

  updated() {
    this.tick();
  }

  /** How old the position is by which the time was reckoned. @param {number} teamId */
  fixText(teamId) {
    const { position, ageS: age, stale } = this.store.fix(teamId);
    if (!position) return t("fix.none");
    return stale ? `? ${t("fix.old", { age: duration(age) })}` : t("fix.age", { age: duration(age) });
  }

  /** The position's age stands below, running: its reason would be a second, older figure. @param {Candidate} item */
  reasons(item) {
    return (item.reasons ?? [])
      .filter((reason) => typeof reason === "string" || reason.code !== "old_position")
      .map((reason) => (typeof reason === "string" ? reason : reason.text ?? tOr(`advice.${reason.code}`, reason.code)))
      .filter(Boolean)
      .join(", ");
  }

  /** What the city is left with. @param {Candidate} item */
  left(item) {
    const preview = this.previews.get(item.team_id);
    if (!preview) return nothing;
    const text = preview.loss >= LOSS_WORTH ? t("advice.leaves", { share: percent(preview.share, 1), loss: percent(preview.loss, 1) }) : t("advice.leavesAll");
    return html`<span class="candidate-left">${text}</span>`;
  }

  /** The button of a row. @param {MouseEvent} event @param {Candidate} item */
  send(event, item) {
    if (!this.call) return;
    // A pointer that rested while the rows changed places under it means the team that was read there before.
    const readAt = event.detail > 0 ? this.attended.movedAt : undefined;
    if (event.detail > 0) this.attended.moved();
    if (!desk.unread(readAt)) void desk.assign(this.call.id, item.team_id, this.additional);
  }

  /** @param {Candidate} item @param {number} index @param {boolean} gone */
  item(item, index, gone) {
    const team = this.store.teams.get(item.team_id);
    const about = item.approximate || item["straight_line"] || item["estimated"];
    const eta = item.eta_s == null ? (about && item.distance_m != null ? `≈ ${distance(item.distance_m)}` : "—") : `${about ? "≈ " : ""}${duration(item.eta_s)}`;
    const blocked = gone || item.suitable === false || item["possible"] === false;
    const far = item.distance_m == null || item.eta_s == null ? "" : distance(item.distance_m);
    return html`<li class="candidate ${blocked ? "blocked" : ""}">
      <button type="button" class="candidate-look" @click=${() => this.emit("look-team", item.team_id)} title=${t("advice.look")}>
        <span class="candidate-name">${index + 1}. ${t("team.short", { name: this.name(item) })}
          <small>${t(`profile.${team?.profile ?? item.profile ?? "paramedic"}`)}</small></span>
        <span class="candidate-eta" title=${about ? t("advice.straight") : t("advice.byRoad")}>${eta}</span>
        <span class="candidate-why">${gone ? t("advice.taken") : this.reasons(item)}</span>
        <span class="candidate-why">${far}${far ? " · " : ""}<span data-fix-of=${item.team_id}></span></span>
        ${this.left(item)}
      </button>
      <button type="button" class="button small primary" ?disabled=${!desk.canCommand || desk.busy || blocked}
        aria-label=${t("advice.assign", { team: this.name(item) })}
        @click=${(/** @type {MouseEvent} */ event) => this.send(event, item)}>
        ${index < KEYS && !this.additional ? html`<kbd>${index + 1}</kbd>` : nothing}${t("advice.send")}</button>
    </li>`;
  }

  render() {
    const wanted = (this.phase === "failed" ? this.near : this.items).slice(0, SHOWN);
    const { rows, left } = this.order.arrange(wanted, this.attended.held);
    // The keys mean the rows as they are numbered; one that was taken meanwhile can't be sent.
    desk.drawAdvice(rows.map((item) => (left.has(item.team_id) ? { ...item, suitable: false } : item)));
    return html`<section class="advice" aria-label=${t("advice.title")}>
      <header class="board-head"><h2 class="section-title">${t("advice.title")}</h2>
        ${wanted.some((item) => item.approximate || item["straight_line"]) ? html`<span class="hint">${t("advice.straightNote")}</span>` : nothing}</header>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("advice.loading")}</p>` : nothing}
      ${this.phase === "failed"
        ? html`<p class="pane-note muted" role="status">${this.problem} <button type="button" class="quiet" @click=${() => void this.ask(true)}>${t("action.again")}</button></p>`
        : nothing}
      <p class="pane-note warn-note advice-old" hidden></p>
      ${this.phase === "ready" && rows.length === 0 ? html`<p class="pane-note muted">${t("advice.nobody")}</p>` : nothing}
      ${this.phase === "ready" && this.plan && !this.plan.agrees ? html`<p class="pane-note plan-differs">${this.plan.text}</p>` : nothing}
      <ol @pointerenter=${this.attended.moved} @pointermove=${this.attended.moved} @pointerleave=${this.attended.gone}>${repeat(rows, (item) => item.team_id, (item, index) => this.item(item, index, left.has(item.team_id)))}</ol>
      ${this.store.phase === "ready" && ageS(this.store.trueAt) > this.store.staleAfterS ? html`<p class="pane-note">${t("advice.oldPicture")}</p>` : nothing}
    </section>`;
  }
}
customElements.define("br-advice", Advice);
