// What this person was told: newest first, read or not. No patient is ever named here.

import { api, post, remove } from "../core/api.js";
import { problemOf } from "../core/attempt.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { ruleTitle } from "./attention.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Notice} Notice */

const GATHER_MS = 300;

class Notices extends Element {
  constructor() {
    super();
    /** @type {Notice[]} */
    this.items = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.asked = 0;
  }

  /** Several come at one moment: ask once for all of them. */
  loadSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), GATHER_MS);
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
    this.stops.push(
      this.store.onEvent((event) => {
        if (event.kind.startsWith("notification.")) this.loadSoon();
      }),
    );
    this.stops.push(() => clearTimeout(this.soon));
    this.onReturn(() => void this.load());
  }

  async load() {
    const asked = ++this.asked;
    try {
      const { items } = await api("/notifications?limit=100");
      if (asked !== this.asked) return;
      this.items = items;
      this.phase = "ready";
      this.store.unread = this.items.filter((item) => !item.read_at).length;
      this.store.changed();
    } catch (error) {
      if (asked !== this.asked) return;
      this.phase = "failed";
      this.problem = problemOf(error);
    }
    this.requestUpdate();
  }

  /** What could not be done is said: the list alone would look as if nobody had pressed. @param {() => Promise<unknown>} work */
  async change(work) {
    try {
      await work();
    } catch (error) {
      desk.say({ kind: "problem", text: problemOf(error) });
    }
    await this.load();
  }

  /** At once: a card that opens after the server has answered would come over whatever is open by then. @param {Notice} item */
  open(item) {
    if (!item.read_at) void this.change(() => post(`/notifications/${item.id}/read`));
    if (item.call_id && this.store.calls.has(item.call_id)) desk.openCall(item.call_id);
    else if (item.team_id && this.store.teams.has(item.team_id)) desk.openTeam(item.team_id);
  }

  readAll() {
    return this.change(async () => {
      for (const item of this.items.filter((notice) => !notice.read_at)) await post(`/notifications/${item.id}/read`);
    });
  }

  /** @param {Notice} item */
  put(item) {
    return this.change(() => remove(`/notifications/${item.id}`));
  }

  render() {
    return html`<section class="card" aria-label=${t("notices.title")}>
      <header class="card-head"><div class="card-title"><h2>${t("notices.title")}</h2></div>
        ${this.items.some((item) => !item.read_at) ? html`<button type="button" class="quiet" @click=${() => void this.readAll()}>${t("notices.readAll")}</button>` : nothing}
        <button type="button" class="quiet close" aria-label=${t("action.close")} @click=${() => desk.close()}>✕</button></header>
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && this.items.length === 0 ? html`<p class="pane-note muted">${t("notices.empty")}</p>` : nothing}
      <ul class="notices">${this.items.map(
        (item) => html`<li class=${item.read_at ? "read" : "unread"}>
          <button type="button" class="notice" @click=${() => this.open(item)}>
            <time title=${dateTime(item.created_at)}>${clockTime(item.created_at)}</time>
            <span>${noticeText(item, this.store)}</span></button>
          <button type="button" class="quiet" aria-label=${t("notices.put")} @click=${() => void this.put(item)}>✕</button></li>`,
      )}</ul></section>`;
  }
}
customElements.define("br-notices", Notices);

/** What happened, to which call, to which team; never to whom. @param {Notice} item @param {import("../core/store.js").Store} store */
export function noticeText(item, store) {
  const data = item.data ?? {};
  const number = data.number ?? (item.call_id ? store.calls.get(item.call_id)?.number : undefined);
  const team = item.team_id ? store.teams.get(item.team_id)?.name : undefined;
  const parts = [data.rule ? ruleTitle(store, data.rule) : tOr(`notice.${item.kind}`, item.kind)];
  if (number) parts.push(t("call.number", { number }));
  if (data.criticality) parts.push(t(`criticality.${data.criticality}`).toLowerCase());
  if (team) parts.push(t("team.short", { name: team }));
  if (data.car_number) parts.push(data.car_number);
  if (data.trouble_kind) parts.push(tOr(`trouble.${data.trouble_kind}`, data.trouble_kind));
  if (item.kind === "attention_escalated") parts.push(t("attention.escalated"));
  return parts.join(" · ");
}
