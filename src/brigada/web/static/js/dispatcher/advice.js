// Whom to send: the server's ranked teams with their reasons. It never assigns by itself.

import { ApiProblem, api } from "../core/api.js";
import { everySecond } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, distance, duration } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { metresBetween } from "../core/geo.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Candidate} Candidate */

// The roads and the teams move: the list is asked for again after so long.
const FRESH_MS = 15_000;
const SHOWN = 5;
const KEYS = 3;

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
    this.askedFor = 0;
    /** What stands in for the advice while it is away. @type {Candidate[]} */
    this.near = [];
    /** @type {AbortController | null} */
    this.asking = null;
  }

  connectedCallback() {
    super.connectedCallback();
    const again = setInterval(() => void this.ask(false), FRESH_MS);
    this.stops.push(() => clearInterval(again));
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(
      this.store.onEvent((event) => {
        if (/assignment|team|call\.(accepted|created)/.test(event.kind)) void this.ask(false);
      }),
    );
    this.stops.push(everySecond(() => this.tick()));
  }

  disconnectedCallback() {
    this.asking?.abort();
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
    }
    try {
      const answer = await api(`/calls/${call.id}/candidates`, { signal: asking.signal });
      this.items = answer.items ?? answer;
      this.phase = "ready";
      desk.advice = this.items;
    } catch (error) {
      if (asking.signal.aborted) return;
      // A list that was good a moment ago stays; its ages say how old it is.
      if (this.items.length === 0) {
        this.phase = "failed";
        this.problem = error instanceof ApiProblem && error.status < 500 && error.status !== 404 ? error.message : t("advice.away");
      }
      if (this.phase === "failed") {
        this.near = this.nearest();
        desk.advice = this.near;
      }
    }
    this.requestUpdate();
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
    for (const element of this.querySelectorAll("[data-fix-of]")) {
      element.textContent = this.fixText(Number(element.getAttribute("data-fix-of")));
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

  /** @param {Candidate} item */
  reasons(item) {
    return (item.reasons ?? [])
      .map((reason) => (typeof reason === "string" ? reason : reason.text ?? tOr(`advice.${reason.code}`, reason.code)))
      .filter(Boolean)
      .join(", ");
  }

  /** @param {Candidate} item @param {number} index */
  item(item, index) {
    const team = this.store.teams.get(item.team_id);
    const about = item.approximate || item["straight_line"] || item["estimated"];
    const eta = item.eta_s == null ? (about && item.distance_m != null ? `≈ ${distance(item.distance_m)}` : "—") : `${about ? "≈ " : ""}${duration(item.eta_s)}`;
    const blocked = item.suitable === false || item["possible"] === false;
    return html`<li class="candidate ${blocked ? "blocked" : ""}">
      <button type="button" class="candidate-look" @click=${() => this.emit("look-team", item.team_id)} title=${t("advice.look")}>
        <span class="candidate-name">${index + 1}. ${t("team.short", { name: this.name(item) })}
          <small>${t(`profile.${team?.profile ?? item.profile ?? "paramedic"}`)}</small></span>
        <span class="candidate-eta" title=${about ? t("advice.straight") : t("advice.byRoad")}>${eta}</span>
        <span class="candidate-why">${this.reasons(item)}${item.distance_m == null || item.eta_s == null ? nothing : html` · ${distance(item.distance_m)}`}
          ${this.store.positions.has(item.team_id) || item.eta_s == null ? html`${item.eta_s == null ? nothing : "· "}<span data-fix-of=${item.team_id}></span>` : nothing}</span>
      </button>
      <button type="button" class="button small primary" ?disabled=${!desk.canCommand || desk.busy || blocked}
        aria-label=${t("advice.assign", { team: this.name(item) })}
        @click=${() => this.call && void desk.assign(this.call.id, item.team_id, this.additional)}>
        ${index < KEYS ? html`<kbd>${index + 1}</kbd>` : nothing}${t("advice.send")}</button>
    </li>`;
  }

  render() {
    return html`<section class="advice" aria-label=${t("advice.title")}>
      <header class="board-head"><h2 class="section-title">${t("advice.title")}</h2>
        ${this.items.some((item) => item.approximate || item["straight_line"]) ? html`<span class="hint">${t("advice.straightNote")}</span>` : nothing}</header>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("advice.loading")}</p>` : nothing}
      ${this.phase === "failed"
        ? html`<p class="pane-note muted" role="status">${this.problem} <button type="button" class="quiet" @click=${() => void this.ask(true)}>${t("action.again")}</button></p>`
        : nothing}
      ${this.phase === "ready" && this.items.length === 0 ? html`<p class="pane-note muted">${t("advice.nobody")}</p>` : nothing}
      <ol>${(this.phase === "failed" ? this.near : this.items).slice(0, SHOWN).map((item, index) => this.item(item, index))}</ol>
      ${this.store.phase === "ready" && ageS(this.store.trueAt) > this.store.staleAfterS ? html`<p class="pane-note">${t("advice.oldPicture")}</p>` : nothing}
    </section>`;
  }
}
customElements.define("br-advice", Advice);
