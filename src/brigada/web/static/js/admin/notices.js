// What the administrator was told: troubles with cars, what nobody reacted to. Newest first; no patient is ever named.

import { api, post, remove } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { said } from "./said.js";

/** @typedef {import("../types.js").Notice} Notice */

class AdminNotices extends Element {
  constructor() {
    super();
    /** @type {Notice[]} */
    this.items = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** What could not be done. */
    this.refused = "";
    this.asked = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onEvent((event) => {
      if (event.kind.startsWith("notification.")) void this.load();
    }));
    this.onReturn(() => void this.load());
    void this.load();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const { items } = await api("/notifications?limit=200");
      if (asked !== this.asked) return;
      this.items = items;
      this.phase = "ready";
      this.store.unread = this.items.filter((item) => !item.read_at).length;
      this.store.changed();
    } catch (error) {
      if (asked !== this.asked) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  /** @param {() => Promise<unknown>} work */
  async change(work) {
    this.refused = "";
    try {
      await work();
    } catch (error) {
      this.refused = said(error);
    }
    await this.load();
  }

  /** @param {Notice} item */
  words(item) {
    const data = item.data ?? {};
    const parts = [tOr(`notice.${item.kind}`, item.kind)];
    const rule = this.store.attentionRules.get(String(data.rule ?? ""));
    if (rule) parts.push(prefs.lang === "ru" ? rule.title_ru : rule.title_en);
    if (data.number) parts.push(t("call.number", { number: data.number }));
    const team = item.team_id == null ? undefined : this.store.teams.get(item.team_id);
    if (team) parts.push(t("team.short", { name: team.name }));
    if (data.car_number) parts.push(String(data.car_number));
    if (data.trouble_kind) parts.push(tOr(`trouble.${data.trouble_kind}`, data.trouble_kind));
    return parts.join(" · ");
  }

  /** @param {Notice} item */
  row(item) {
    return html`<li class=${item.read_at ? "" : "unread"}><time>${dateTime(item.created_at)}</time><span>${this.words(item)}</span>
      ${item.read_at
        ? html`<button type="button" class="quiet" aria-label="${t("notices.put")}: ${this.words(item)}" @click=${() => void this.change(() => remove(`/notifications/${item.id}`))}>${t("notices.put")}</button>`
        : html`<button type="button" class="quiet" aria-label="${t("notices.read")}: ${this.words(item)}" @click=${() => void this.change(() => post(`/notifications/${item.id}/read`))}>${t("notices.read")}</button>`}</li>`;
  }

  render() {
    const unread = this.items.filter((item) => !item.read_at);
    return html`${unread.length > 1 ? html`<div class="table-tools"><button type="button" class="button small" @click=${() => void this.change(async () => {
        for (const item of unread) await post(`/notifications/${item.id}/read`);
      })}>${t("notices.readAll")}</button></div>` : nothing}
      ${this.refused ? html`<p class="note problem" role="alert">${this.refused}</p>` : nothing}
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>` : nothing}
      ${this.phase === "ready" && this.items.length === 0 ? html`<p class="pane-note muted">${t("notices.empty")}</p>` : nothing}
      <ul class="admin-notices">${this.items.map((item) => this.row(item))}</ul>`;
  }
}
customElements.define("br-admin-notices", AdminNotices);
