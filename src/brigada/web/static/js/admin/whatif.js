// What if: the last weeks played again with other teams, posts, norms or rules; the runs so far and the one that is open.

import { ApiProblem, NoLink, api, post, remove } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { isTyping } from "../core/keys.js";
import { prefs } from "../core/prefs.js";
import "./whatif-form.js";
import "./whatif-result.js";

/**
 * @typedef {{id: number, status: string, progress: number, cancel_requested: boolean, step: string, problem: string, problem_text: string, names: string[], created_at: string, finished_at: string | null,
 *   question: Record<string, any>}} Run
 */

// A bar that moves once a second is alive; the list itself is brought by events.
const WATCH_MS = 1000;
const GOING = ["queued", "running"];

class WhatIf extends Element {
  constructor() {
    super();
    /** @type {Run[]} */
    this.items = [];
    /** @type {"loading" | "ready" | "failed"} */
    this.phase = "loading";
    this.problem = "";
    /** The run that is shown below. @type {Record<string, any> | null} */
    this.open = null;
    this.openId = 0;
    this.asking = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
    this.stops.push(
      this.store.onEvent((event) => {
        if (event.kind.startsWith("whatif.")) void this.load();
      }),
    );
    this.stops.push(() => clearTimeout(this.timer));
  }

  /** @param {unknown} error */
  say(error) {
    this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
  }

  async load() {
    clearTimeout(this.timer);
    try {
      this.items = (await api("/whatif")).items;
      this.phase = "ready";
      this.problem = "";
      const shown = this.items.find((run) => run.id === this.openId);
      if (!shown) this.open = null;
      if (!this.openId) this.openId = this.items.find((run) => run.status === "done")?.id ?? 0;
      if (this.openId && (this.open?.id !== this.openId || this.open?.status !== "done")) await this.fetch();
    } catch (error) {
      if (this.items.length === 0) this.phase = "failed";
      this.say(error);
    }
    // Two that were under way at once: one goes on.
    clearTimeout(this.timer);
    if (this.isConnected && (this.items.some((run) => GOING.includes(run.status)) || this.problem)) this.timer = setTimeout(() => void this.load(), WATCH_MS);
    this.requestUpdate();
  }

  async fetch() {
    const id = this.openId;
    const run = await api(`/whatif/${id}?lang=${prefs.lang}`);
    if (id === this.openId) this.open = run;
  }

  /** @param {Run} run */
  async show(run) {
    this.openId = run.id;
    this.open = null;
    await this.load();
    await this.updateComplete;
    if (run.id === this.openId && !isTyping(document.activeElement)) this.find("br-whatif-result h2")?.focus();
  }

  /** @param {Record<string, any>} question */
  async ask(question) {
    const form = /** @type {import("./whatif-form.js").WhatIfForm | null} */ (this.find("br-whatif-form"));
    this.asking = true;
    this.requestUpdate();
    try {
      const run = await post("/whatif", question);
      this.openId = run.id;
      this.open = null;
      form?.refused("", []);
      await this.load();
    } catch (error) {
      const errors = error instanceof ApiProblem ? error.data.errors ?? [] : [];
      form?.refused(error instanceof NoLink ? t("error.noLink") : error instanceof Error ? error.message : String(error), errors);
    } finally {
      this.asking = false;
      this.requestUpdate();
    }
  }

  /** Stops a run, or forgets one that has ended. @param {Run} run */
  async drop(run) {
    try {
      await remove(`/whatif/${run.id}`);
      if (run.id === this.openId && !GOING.includes(run.status)) {
        this.openId = 0;
        this.open = null;
      }
    } catch (error) {
      this.say(error);
    }
    await this.load();
  }

  /** @param {Run} run */
  heading(run) {
    return run.names.join(" / ");
  }

  /** @param {Run} run */
  state(run) {
    if (!GOING.includes(run.status)) return html`${t(`whatif.status.${run.status}`)}${run.problem_text ? html` <small class="muted">${run.problem_text}</small>` : nothing}`;
    if (run.cancel_requested) return t("whatif.stopping");
    const percent = Math.round(run.progress * 100);
    return html`<span class="whatif-bar"><progress max="100" value=${percent} aria-label=${t("whatif.progress")}></progress><span>${run.status === "queued" ? t("whatif.status.queued") : `${run.step || t("whatif.status.running")} ${percent} %`}</span></span>`;
  }

  /** @param {Run} run */
  row(run) {
    const going = GOING.includes(run.status);
    return html`<tr class=${run.id === this.openId ? "chosen" : ""}><td>${dateTime(run.created_at)}</td><td>${this.heading(run)}</td><td class="number">${run.question.weeks ?? 4}</td><td>${this.state(run)}</td>
      <td class="row-actions">${run.status === "done" ? html`<button type="button" class="quiet" aria-label="${t("whatif.show")}: ${this.heading(run)}" @click=${() => void this.show(run)}>${t("whatif.show")}</button>` : nothing}
        <button type="button" class="quiet" ?disabled=${going && run.cancel_requested} aria-label="${t(going ? "action.cancel" : "action.delete")}: ${this.heading(run)}" @click=${() => void this.drop(run)}>${t(going ? "action.cancel" : "action.delete")}</button></td></tr>`;
  }

  runs() {
    if (this.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (this.phase === "failed") return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>`;
    if (this.items.length === 0) return html`<p class="pane-note muted">${t("whatif.none")}</p>`;
    return html`${this.problem ? html`<p class="note problem" role="alert">${this.problem}</p>` : nothing}
      <div class="table-scroll" tabindex="0" role="region" aria-label=${t("whatif.runs")}><table><caption>${t("whatif.runs")}</caption>
      <thead><tr><th scope="col">${t("whatif.asked")}</th><th scope="col">${t("whatif.what")}</th><th scope="col" class="number">${t("whatif.weeks")}</th><th scope="col">${t("whatif.state")}</th><td></td></tr></thead>
      <tbody>${this.items.map((run) => this.row(run))}</tbody></table></div>`;
  }

  render() {
    return html`<p class="muted report-note">${t("whatif.about")}</p>
      <br-whatif-form .busy=${this.asking} @whatif-ask=${(/** @type {CustomEvent} */ event) => void this.ask(event.detail)}></br-whatif-form>
      ${this.runs()}
      ${this.open?.report ? html`<br-whatif-result .run=${this.open}></br-whatif-result>` : nothing}`;
  }
}
customElements.define("br-whatif", WhatIf);
