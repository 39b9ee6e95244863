// What happened to one thing, from the log: when, what, who, and what changed.

import { ApiProblem, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, dateTime } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";

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
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onEvent(() => void this.load()));
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("path") && this.path) void this.load();
  }

  async load() {
    try {
      const answer = await api(`${this.path}?limit=100`);
      this.items = [...(answer.items ?? [])].sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
      this.phase = "ready";
    } catch (error) {
      this.phase = "failed";
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  render() {
    if (this.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (this.phase === "failed") return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>`;
    if (this.items.length === 0) return html`<p class="pane-note muted">${t("history.empty")}</p>`;
    return html`<ol class="history">${this.items.map((item) => historyRow(item))}</ol>`;
  }
}
customElements.define("br-history", History);

/** @param {Record<string, any>} item */
function historyRow(item) {
  const who = typeof item.actor === "string" ? item.actor : item.actor?.name;
  return html`<li><time title=${dateTime(item.at)}>${clockTime(item.at)}</time>
    <span><b>${tOr(`event.${item.kind}`, item.kind)}</b>${who ? html` · ${who}` : nothing}
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
      const old = before[name] == null || before[name] === "" ? "" : `${word(entity, name, before[name])} → `;
      lines.push(`${tOr(`field.${name}`, name)}: ${old}${value}`);
    }
  }
  return lines;
}

/** @param {string} entity @param {string} name @param {unknown} value */
function word(entity, name, value) {
  if (name === "status") return tOr(entity === "call" ? `callStatus.${value}` : `status.${value}`, String(value));
  if (name === "criticality") return tOr(`criticality.${value}`, String(value));
  if (name === "reject_reason") return tOr(`reject.${value}`, String(value));
  if (name === "trouble_kind") return tOr(`trouble.${value}`, String(value));
  return String(value);
}
