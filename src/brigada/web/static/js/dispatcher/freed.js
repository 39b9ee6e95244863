// Teams whose work has just ended, each with the post where it would cover most. Where it goes, people decide.

import { ApiProblem, api } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { duration, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { FREED_MS, desk } from "./desk.js";

/** @typedef {{station_id: number, name: string, gain: number, drive_s: number}} Post */

const SHOWN = 4;

/** Where a free team would cover most; nothing while it can't be told. @param {number} teamId @returns {Promise<Post[]>} */
export async function postsFor(teamId) {
  try {
    return (await api(`/teams/${teamId}/standby`)).posts ?? [];
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return [];
    throw error;
  }
}

/** One post in words: where, how far, what it adds. @param {Post} post */
export const postLine = (post) => t("standby.post", { name: post.name, drive: duration(post.drive_s), gain: percent(post.gain, 1) });

class FreedTeams extends Element {
  constructor() {
    super();
    /** By the team and the moment when it became free: another time it stands elsewhere. @type {Map<string, Post[] | null>} */
    this.posts = new Map();
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
  }

  willUpdate() {
    for (const { teamId, at } of this.items()) {
      const key = `${teamId} ${at}`;
      if (this.posts.has(key)) continue;
      this.posts.set(key, null);
      void postsFor(teamId)
        .then((posts) => this.posts.set(key, posts))
        .catch(() => this.posts.set(key, []))
        .finally(() => this.requestUpdate());
    }
  }

  /** Those that are still free. */
  items() {
    const since = serverNow() - FREED_MS;
    return desk.freed.filter((item) => item.at > since && this.store.teamState(item.teamId) === "free" && this.store.teams.has(item.teamId)).slice(-SHOWN).reverse();
  }

  render() {
    const items = this.items();
    if (items.length === 0) return nothing;
    return html`<section class="freed" aria-label=${t("standby.title")}>
      <header class="board-head"><h2 class="section-title">${t("standby.title")} <span class="count">${items.length}</span></h2></header>
      <ul>${items.map(({ teamId, at }) => {
        const posts = this.posts.get(`${teamId} ${at}`);
        const best = posts?.[0];
        const name = t("team.short", { name: this.store.teams.get(teamId)?.name });
        return html`<li class="freed-row"><button type="button" class="quiet" @click=${() => desk.openTeam(teamId)}>${name}</button>
          <span>${best ? postLine(best) : posts ? t("standby.unknown") : t("state.loading")}</span>
          <button type="button" class="quiet" aria-label="${t("standby.put")}: ${name}" @click=${() => desk.forgetFreed(teamId)}>✕</button></li>`;
      })}</ul></section>`;
  }
}
customElements.define("br-freed", FreedTeams);
