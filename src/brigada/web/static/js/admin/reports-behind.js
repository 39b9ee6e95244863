// The calls behind a number, and the card of one of them: its time line, what was corrected, its forms to print.

import { api } from "../core/api.js";
import { attempt } from "../core/attempt.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, dateTime, patientLine } from "../core/format.js";
import { t, tOr } from "../core/i18n.js";
import { critMark } from "../parts/crit.js";
import "../parts/history.js";
import "./report-table.js";

const STEPS = ["assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "completed"];
const TIMEOUT_MS = 60_000;

class Behind extends Element {
  static properties = { title: { attribute: false }, question: { attribute: false }, callId: { attribute: false } };

  constructor() {
    super();
    this.title = "";
    /** What to ask the list of calls for; null when one call alone was opened. @type {URLSearchParams | null} */
    this.question = null;
    /** @type {number | null} */
    this.callId = null;
    /** @type {Record<string, any> | null} */
    this.list = null;
    /** @type {import("../types.js").Call | null} */
    this.call = null;
    /** Names of its teams by their ids. @type {Map<number, string>} */
    this.teams = new Map();
    this.problem = "";
  }

  firstUpdated() {
    /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.showModal();
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("question") && this.question) void this.loadList();
    if (changed.has("callId") && this.callId !== null) void this.loadCall(this.callId);
  }

  loadList() {
    this.list = null;
    return attempt(this, async () => {
      this.list = await api(`/reports/list?${this.question}&format=json`, { timeoutMs: TIMEOUT_MS });
    });
  }

  /** @param {number} id */
  loadCall(id) {
    this.call = null;
    return attempt(this, async () => {
      const call = await api(`/calls/${id}`);
      const ids = /** @type {number[]} */ ([...new Set(call.assignments.map((/** @type {any} */ sent) => sent.team_id))]);
      const teams = await Promise.all(ids.map((team) => api(`/teams/${team}`).catch(() => null)));
      this.teams = new Map(teams.filter(Boolean).map((team) => [team.id, team.name]));
      if (this.callId === id) this.call = call;
    });
  }

  close() {
    this.emit("behind-closed");
  }

  back() {
    this.callId = null;
    this.call = null;
    this.problem = "";
  }

  listed() {
    const list = this.list;
    if (!list) return this.problem ? nothing : html`<p class="muted" role="status">${t("state.loading")}</p>`;
    return html`${list.filters ? html`<p class="muted">${list.filters}</p>` : nothing}
      ${list.notes.map((/** @type {string} */ note) => html`<p class="muted">${note}</p>`)}
      <br-report-table .data=${list.tables[0]} @open-call=${(/** @type {CustomEvent} */ event) => {
        event.stopPropagation();
        this.callId = event.detail;
      }}></br-report-table>`;
  }

  /** @param {import("../types.js").Call} call @param {import("../types.js").Assignment} sent */
  departure(call, sent) {
    const times = sent.milestones ?? {};
    const form = (/** @type {string} */ name) => `/api/v1/calls/${call.id}/${name}.pdf?assignment_id=${sent.id}`;
    return html`<section class="departure"><h3>${t("team.short", { name: this.teams.get(sent.team_id) ?? `#${sent.team_id}` })} · ${t(`status.${sent.status}`)}</h3>
      ${sent.trouble_kind || sent.end_comment ? html`<p class="muted">${[sent.trouble_kind ? tOr(`trouble.${sent.trouble_kind}`, sent.trouble_kind) : "", sent.end_comment].filter(Boolean).join(": ")}</p>` : nothing}
      <ol class="milestones">${STEPS.filter((step) => times[`${step}_at`]).map((step) => html`<li><span>${t(`status.${step}`)}</span> <time>${dateTime(times[`${step}_at`])}</time></li>`)}</ol>
      <p class="buttons"><a class="button small" target="_blank" rel="noopener" href=${form("card")}>${t("reports.form110")}</a> <a class="button small" target="_blank" rel="noopener" href=${form("sheet")}>${t("reports.form114")}</a></p></section>`;
  }

  card() {
    const call = this.call;
    if (!call) return this.problem ? nothing : html`<p class="muted" role="status">${t("state.loading")}</p>`;
    return html`<header class="card-head">${critMark(call.criticality)}<div class="card-title"><h3>${this.store.reasonOf(call)}</h3><p class="muted">${callNumber(call)} · ${t(`callStatus.${call.status}`)}${call.reject_reason ? ` · ${t(`reject.${call.reject_reason}`)}` : ""}</p></div></header>
      <dl class="facts"><div><dt>${t("call.received")}</dt><dd>${dateTime(call.received_at)}</dd></div>
        <div class="wide"><dt>${t("call.address")}</dt><dd>${call.address}${call.district ? `, ${call.district}` : ""}</dd></div>
        <div><dt>${t("call.patient")}</dt><dd>${patientLine(call.patient)}</dd></div></dl>
      ${(call.assignments ?? []).map((sent) => this.departure(call, sent))}
      ${(call.assignments ?? []).length === 0 ? html`<p class="muted">${t("reports.noTeam")}</p><p class="buttons"><a class="button small" target="_blank" rel="noopener" href="/api/v1/calls/${call.id}/card.pdf">${t("reports.form110")}</a></p>` : nothing}
      <h3 class="section-title">${t("call.tab.history")}</h3><br-history .path=${`/calls/${call.id}/history`}></br-history>`;
  }

  render() {
    const one = this.callId !== null;
    return html`<dialog class="form-window behind" aria-label=${this.title} @close=${() => this.close()}>
      <header class="behind-head">${one && this.question ? html`<button type="button" class="button small" @click=${() => this.back()}>◀ ${t("reports.backToList")}</button>` : nothing}
        <h2>${one ? (this.call ? callNumber(this.call) : "") : this.title}</h2>
        ${!one && this.question ? html`<a class="button small" download href="/api/v1/reports/list?${this.question}&format=csv&limit=10000">CSV</a>` : nothing}
        <button type="button" class="quiet" aria-label=${t("action.close")} @click=${() => /** @type {HTMLDialogElement | null} */ (this.find("dialog"))?.close()}>✕</button></header>
      ${this.problem ? html`<p class="pane-note" role="alert">${this.problem}</p>` : nothing}
      ${one ? this.card() : this.listed()}</dialog>`;
  }
}
customElements.define("br-behind", Behind);
