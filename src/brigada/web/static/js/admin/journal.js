// The journal: every event of the service, newest first, with filters. What the service does by itself (advice, expected
// arrivals) is left out unless it is asked for: it would bury what people did.

import { all, api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, dateTime, fullName } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { fromField } from "../core/zoned.js";
import { callByNumber } from "../parts/call-number.js";
import { changeLines } from "./changes.js";
import { csv, download } from "./csv.js";
import { said } from "./said.js";

const KINDS = [
  "", "call", "assignment", "team", "user", "session", "car", "station", "hospital", "reason", "norm", "attention", "attention_rule", "advice", "proposal",
  "device", "token", "report_job", "report_schedule", "notification",
];
const ACTORS = ["people", "system", ""];
const PAGE = 100;
// A file holds what a spreadsheet still opens; whoever needs more narrows the time, or reads the API.
const PAGE_OF_FILE = 200;
const MOST_IN_FILE = 20_000;

class Journal extends Element {
  constructor() {
    super();
    /** @type {Array<Record<string, any>>} */
    this.items = [];
    this.cursor = "";
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    this.kind = "";
    this.actor = "people";
    this.person = "";
    this.from = "";
    this.to = "";
    this.number = "";
    this.numberProblem = "";
    /** @type {Array<Record<string, any>>} */
    this.people = [];
    this.news = 0;
    /** The call that the list is narrowed to, once its number was looked up. @type {number | null} */
    this.callId = null;
    this.run = 0;
    /** How many entries the file that is being made has; none is being made where it is null. @type {number | null} */
    this.exporting = null;
    this.exportNote = "";
  }

  connectedCallback() {
    super.connectedCallback();
    // New entries never push a row away under the reader: they are counted.
    this.stops.push(this.store.onEvent((event) => {
      if (!this.lets(event)) return;
      this.news += 1;
      this.requestUpdate();
    }));
    this.onReturn(() => void this.countNews());
    void this.load(false);
    void all("/users").then((people) => {
      this.people = people;
      this.requestUpdate();
    }, () => undefined);
  }

  /** What the filters of now ask the server for; no `query` where there is no such call. */
  async asked() {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (this.kind) query.set("kind", this.kind);
    if (this.person) query.set("actor_id", this.person);
    else if (this.actor) query.set("actor", this.actor);
    if (this.from) query.set("from", fromField(this.from));
    if (this.to) query.set("to", fromField(this.to));
    const digits = this.number.replace(/\D/g, "");
    if (!digits) return { query, callId: null };
    const callId = await callByNumber(digits);
    if (callId !== null) query.set("call_id", String(callId));
    return { query: callId === null ? null : query, callId };
  }

  /** Whether the filters let an event through, as the server's own do. @param {import("../types.js").EventFrame} event */
  lets({ kind, actor, at, data }) {
    const when = Date.parse(at);
    if (this.kind && kind !== this.kind && !kind.startsWith(`${this.kind}.`)) return false;
    if (this.person ? String(actor?.id) !== this.person : this.actor && (actor?.kind === "system") !== (this.actor === "system")) return false;
    if ((this.from && when < Date.parse(fromField(this.from))) || (this.to && when >= Date.parse(fromField(this.to)))) return false;
    return !/\d/.test(this.number) || [data.call?.id, data.assignment?.call_id, data.attention?.call_id].includes(this.callId);
  }

  /** What came while the link was away; a list that could not be read is read now. */
  async countNews() {
    if (this.phase !== "ready") return this.load(false);
    const run = this.run;
    const latest = this.items[0]?.seq ?? 0;
    try {
      const { query } = await this.asked();
      const { items } = query === null ? { items: [] } : await api(`/events?${query}`);
      if (run !== this.run) return;
      this.news = items.filter((/** @type {any} */ item) => item.seq > latest).length;
    } catch {
      // The link has gone again; its next return counts.
    }
    this.requestUpdate();
  }

  /** @param {boolean} more */
  async load(more) {
    const run = ++this.run;
    try {
      const { query, callId } = await this.asked();
      if (run !== this.run) return;
      this.callId = callId;
      this.numberProblem = query === null ? t("journal.noCall") : "";
      if (more && this.cursor) query?.set("cursor", this.cursor);
      const answer = query === null ? { items: [], next_cursor: null } : await api(`/events?${query}`);
      if (run !== this.run) return;
      this.items = more ? [...this.items, ...answer.items] : answer.items;
      this.cursor = answer.next_cursor ?? "";
      this.phase = "ready";
      if (!more) this.news = 0;
    } catch (error) {
      if (run !== this.run) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  /** @param {"kind" | "actor" | "person" | "from" | "to" | "number"} name */
  set(name) {
    return (/** @type {Event} */ event) => {
      this[name] = /** @type {HTMLInputElement} */ (event.target).value.trim();
      // "More" of the list before would be added to the new one.
      this.cursor = "";
      this.phase = "loading";
      this.requestUpdate();
      void this.load(false);
    };
  }

  /** @param {Record<string, any>} item */
  cells(item) {
    const who = item.actor?.name ?? (item.actor?.kind ? tOr(`actor.${item.actor.kind}`, item.actor.kind) : "");
    const number = item.data?.call?.number ?? this.store.calls.get(item.call_id)?.number;
    return { seq: item.seq, at: dateTime(item.at), what: tOr(`event.${item.kind}`, item.kind), who, call: number === undefined ? "" : t("call.number", { number }), lines: [...this.whose(item), ...changeLines(item)] };
  }

  /** Whose session it was, where somebody else ended it. @param {Record<string, any>} item @returns {string[]} */
  whose(item) {
    const id = item.data?.user_id;
    if (!item.kind.startsWith("session.") || id === undefined || id === item.actor?.id) return [];
    const person = this.people.find((user) => user.id === id);
    return [person ? fullName(person) : `#${id}`];
  }

  /** @param {Record<string, any>} item */
  row(item) {
    const cells = this.cells(item);
    return html`<tr><td class="nowrap">${cells.seq}</td><td class="nowrap">${cells.at}</td><td>${cells.what}</td><td>${cells.who}</td><td class="nowrap">${cells.call}</td>
      <td>${cells.lines.map((line) => html`<span class="change">${line}</span>`)}</td></tr>`;
  }

  /** Everything that the filters let through, not only what is on the page. */
  async export() {
    /** @type {Array<Record<string, any>>} */
    const items = [];
    this.exporting = 0;
    this.exportNote = "";
    this.requestUpdate();
    try {
      const { query } = await this.asked();
      if (query === null) throw new Error(t("journal.noCall"));
      query.set("limit", String(PAGE_OF_FILE));
      for (let cursor = ""; ; ) {
        if (cursor) query.set("cursor", cursor);
        const answer = await api(`/events?${query}`);
        items.push(...answer.items);
        cursor = answer.next_cursor ?? "";
        this.exporting = items.length;
        this.requestUpdate();
        if (!cursor) break;
        if (items.length >= MOST_IN_FILE) {
          this.exportNote = t("journal.cut", { n: items.length });
          break;
        }
      }
      const head = ["№", t("journal.at"), t("journal.what"), t("journal.who"), t("journal.call"), t("journal.change")];
      const rows = items.map((item) => this.cells(item)).map((cells) => [cells.seq, cells.at, cells.what, cells.who, cells.call, cells.lines.join("; ")]);
      download("journal.csv", csv(head, rows));
    } catch (error) {
      this.exportNote = said(error);
    }
    this.exporting = null;
    this.requestUpdate();
  }

  filters() {
    return html`<div class="table-tools journal-tools">
      <label class="field"><span>${t("journal.kind")}</span><select @change=${this.set("kind")}>${KINDS.map((kind) => html`<option value=${kind}>${kind ? t(`journalKind.${kind}`) : t("journal.all")}</option>`)}</select></label>
      <label class="field"><span>${t("journal.by")}</span><select @change=${this.set("actor")} ?disabled=${this.person !== ""}>${ACTORS.map((actor) => html`<option value=${actor} .selected=${actor === this.actor}>${t(`journalActor.${actor || "all"}`)}</option>`)}</select></label>
      <label class="field"><span>${t("journal.who")}</span><select @change=${this.set("person")}><option value="">${t("journal.anyone")}</option>${this.people.map((user) => html`<option value=${user.id}>${fullName(user)}</option>`)}</select></label>
      <label class="field short"><span>${t("journal.callNumber")}</span><input inputmode="numeric" autocomplete="off" aria-invalid=${this.numberProblem ? "true" : "false"} aria-describedby="about-number" @change=${this.set("number")} /></label>
      <label class="field"><span>${t("journal.from")}</span><input type="datetime-local" @change=${this.set("from")} /></label>
      <label class="field"><span>${t("journal.to")}</span><input type="datetime-local" @change=${this.set("to")} /></label></div>
      <div class="table-tools"><span id="about-number" role="status">${this.numberProblem ? html`<span class="field-error">${this.numberProblem}</span>` : this.phase === "ready" ? html`<span class="muted">${t("journal.shown", { n: this.items.length })}</span>` : nothing}</span>
      ${this.news > 0 ? html`<button type="button" class="button small" @click=${() => void this.load(false)}>${t("journal.news", { n: this.news })}</button>` : nothing}
      <button type="button" class="button small" ?disabled=${this.items.length === 0 || this.exporting !== null} @click=${() => void this.export()}>${this.exporting === null ? t("action.export") : t("journal.exporting", { n: this.exporting })}</button></div>
      ${this.exportNote ? html`<p class="note" role="alert">${this.exportNote}</p>` : nothing}`;
  }

  render() {
    return html`${this.filters()}
      ${this.phase === "loading" ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${this.phase === "failed" ? html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load(false)}>${t("action.again")}</button></p>` : nothing}
      ${this.store.link === "lost" && this.items.length > 0 ? html`<p class="note stale" role="status">${t("table.stale", { time: clockTime(this.store.trueAt) })}</p>` : nothing}
      ${this.phase === "ready" && this.items.length === 0 ? html`<p class="pane-note muted">${t("table.empty")}</p>` : nothing}
      ${this.items.length > 0
        ? html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t("table.label")}><table class="journal"><thead><tr><th scope="col">№</th><th scope="col">${t("journal.at")}</th><th scope="col">${t("journal.what")}</th><th scope="col">${t("journal.who")}</th><th scope="col">${t("journal.call")}</th><th scope="col">${t("journal.change")}</th></tr></thead>
            <tbody>${this.items.map((item) => this.row(item))}</tbody></table></div>`
        : nothing}
      ${this.cursor ? html`<button type="button" class="button small more" @click=${() => void this.load(true)}>${t("journal.more")}</button>` : nothing}`;
  }
}
customElements.define("br-journal", Journal);
