// What happened to one thing, from the log: when, what, who, and what changed.

import { ApiProblem, all } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import { session } from "../core/session.js";

// The oldest come first: a long call needs several pages for its latest entries.
const MOST = 1000;
// What the service reckons by itself every minute or so tells nothing of what people did.
const UNTOLD = /^assignment\.(arrival|route)$|^advice\./;
const GATHER_MS = 300;

class History extends Element {
  static properties = { path: { type: String } };

  constructor() {
    super();
    this.path = "";
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** @type {Array<Record<string, any>>} */
    this.items = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    this.asked = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(
      this.store.onEvent((event) => {
        if (!this.concerns(event.data ?? {})) return;
        clearTimeout(this.soon);
        this.soon = setTimeout(() => void this.load(), GATHER_MS);
      }),
    );
    this.stops.push(() => clearTimeout(this.soon));
    this.onReturn(() => void this.load());
  }

  /** Only what happens to this very call: every look at a history is written down. @param {Record<string, any>} data */
  concerns(data) {
    const id = Number(/\/calls\/(\d+)\//.exec(this.path)?.[1]);
    return [data.call?.id, data.assignment?.call_id, data.attention?.call_id].includes(id);
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("path") || !this.path) return;
    this.items = [];
    this.phase = "loading";
    void this.load();
  }

  async load() {
    const asked = ++this.asked;
    try {
      const items = await all(this.path, MOST);
      if (asked !== this.asked) return;
      this.items = items.filter((item) => !UNTOLD.test(item.kind)).sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
      this.phase = "ready";
    } catch (error) {
      if (asked !== this.asked) return;
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  render() {
    if (this.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (this.phase === "failed") return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>`;
    if (this.items.length === 0) return html`<p class="pane-note muted">${t("history.empty")}</p>`;
    return html`<ol class="history">${this.items.map((item) => historyRow(item, this.store))}</ol>`;
  }
}
customElements.define("br-history", History);

/** @param {Record<string, any>} item @param {import("../core/store.js").Store} store */
function historyRow(item, store) {
  const who = typeof item.actor === "string" ? item.actor : item.actor?.name;
  const teamId = item.data?.assignment?.team_id ?? item.data?.attention?.team_id;
  const team = teamId ? store.teams.get(teamId)?.name : undefined;
  const rule = item.data?.attention?.rule;
  const title = rule ? store.attentionRules.get(rule)?.[prefs.lang === "ru" ? "title_ru" : "title_en"] : undefined;
  const kind = tOr(`event.${item.kind}`, item.kind);
  return html`<li class=${rule ? "by-itself" : ""}><time title=${dateTime(item.at)}>${clockTime(item.at)}</time>
    <span><b>${title ? `${kind}: ${title}` : kind}</b>${team ? html` · ${t("team.short", { name: team })}` : nothing}${who ? html` · ${who}` : nothing}
    ${changes(item).map((line) => html`<small>${line}</small>`)}</span></li>`;
}

// What stands in an event without an old value and still tells something.
const ALWAYS = ["trouble_kind", "end_comment", "reject_reason", "comment"];
const SHOWN_FIELDS = ["status", "criticality", "reason", "address", "reject_reason", "trouble_kind", "comment", "end_comment", "caller_phone"];

/** Old and new values in words. @param {Record<string, any>} item @returns {string[]} */
export function changes(item) {
  const lines = [];
  for (const [entity, fields] of Object.entries(item.data ?? {})) {
    if (fields === null || typeof fields !== "object" || Array.isArray(fields)) continue;
    const before = item.old?.[entity] ?? {};
    for (const name of SHOWN_FIELDS) {
      if (!(name in fields) || fields[name] === "" || fields[name] === null) continue;
      const step = entity === "assignment" && name === "status" && item.kind === "assignment.step";
      if (!(name in before) && !ALWAYS.includes(name) && !step) continue;
      const value = word(entity, name, fields[name]);
      if (name in before && value === word(entity, name, before[name])) continue;
      const old = before[name] == null || before[name] === "" ? "" : `${word(entity, name, before[name])} → `;
      lines.push(`${tOr(`field.${name}`, name)}: ${old}${value}`);
    }
  }
  return lines;
}

/** @param {string} entity @param {string} name @param {unknown} value */
function word(entity, name, value) {
  if (name === "reason") return session.store.reasonOf(/** @type {any} */ ({ reason: String(value) }));
  if (name === "status") return tOr(entity === "call" ? `callStatus.${value}` : `status.${value}`, String(value));
  if (name === "criticality") return tOr(`criticality.${value}`, String(value));
  if (name === "reject_reason") return tOr(`reject.${value}`, String(value));
  if (name === "trouble_kind") return tOr(`trouble.${value}`, String(value));
  return String(value);
}
