// A shift formed from the one of another day: what can be formed again is checked before, what can't says why.

import { all, post } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { shortName, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { fromField, toField } from "../core/zoned.js";
import { said } from "./said.js";
import { free, readFree } from "./sections/teams.js";

/**
 * @typedef {import("./table.js").Row} Row
 * @typedef {{team: Row, start: string, end: string, why: string, wanted: boolean, outcome: "" | "done" | "failed", problem: string}} Line
 */

const DAY_MS = 86_400_000;

/** @param {string | number} at */
const dayOf = (at) => toField(at).slice(0, 10);

class CopyShift extends Element {
  constructor() {
    super();
    this.day = dayOf(serverNow() - DAY_MS);
    /** @type {Line[]} */
    this.lines = [];
    /** @type {"loading" | "ready" | "failed" | "forming" | "formed"} */
    this.phase = "loading";
    this.problem = "";
    this.done = 0;
    this.run = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.load();
  }

  firstUpdated() {
    this.dialog?.showModal();
  }

  /** @returns {HTMLDialogElement | null} */
  get dialog() {
    return this.find("dialog");
  }

  async load() {
    const run = ++this.run;
    this.phase = "loading";
    this.requestUpdate();
    try {
      const from = fromField(`${this.day}T00:00`);
      const to = fromField(`${dayOf(Date.parse(from) + 1.5 * DAY_MS)}T00:00`);
      const period = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
      const [, ended, living] = await Promise.all([readFree(), all(`/teams?ended=true&${period}`), all("/teams")]);
      if (run !== this.run) return;
      // Whoever is still living stands there too, with the reason why it is not formed again.
      const still = living.filter((team) => Date.parse(team.shift_start) >= Date.parse(from) && Date.parse(team.shift_start) < Date.parse(to));
      this.lines = [...ended, ...still].map((team) => this.line(team, living));
      this.phase = "ready";
    } catch (error) {
      if (run !== this.run) return;
      this.phase = "failed";
      this.problem = said(error);
    }
    this.requestUpdate();
  }

  /** The same hours today, by the clock on the wall. @param {Row} team @param {Row[]} living @returns {Line} */
  line(team, living) {
    const today = dayOf(serverNow());
    const start = fromField(`${today}T${toField(team.shift_start).slice(11)}`);
    const end = new Date(Date.parse(start) + Date.parse(team.shift_end) - Date.parse(team.shift_start)).toISOString();
    const why = this.whyNot(team, living);
    return { team, start, end, why, wanted: why === "" && Date.parse(end) > serverNow(), outcome: "", problem: "" };
  }

  /** @param {Row} team @param {Row[]} living */
  whyNot(team, living) {
    if (living.some((other) => other.name.toLowerCase() === team.name.toLowerCase())) return t("copy.living");
    if (!free.cars.some((car) => car.id === team.car?.id)) return t("copy.noCar", { car: team.car?.number ?? "" });
    const missing = team.members.filter((/** @type {Row} */ member) => !free.workers.some((worker) => worker.id === member.id));
    if (missing.length > 0) return t("copy.noWorker", { who: missing.map(shortName).join(", ") });
    return team.members.length === 0 ? t("copy.nobody") : "";
  }

  async form() {
    this.phase = "forming";
    this.done = 0;
    for (const line of this.lines.filter((item) => item.wanted)) {
      this.requestUpdate();
      const { team } = line;
      try {
        await post("/teams", {
          name: team.name, profile: team.profile, car_id: team.car.id, station_id: team.station_id,
          member_ids: team.members.map((/** @type {Row} */ member) => member.id), shift_start: line.start, shift_end: line.end,
        });
        line.outcome = "done";
      } catch (error) {
        line.outcome = "failed";
        line.problem = said(error);
      }
      this.done += 1;
    }
    this.phase = "formed";
    this.requestUpdate();
  }

  /** @param {Line} line */
  state(line) {
    if (line.outcome === "done") return html`<span class="ok">✓ ${t("copy.formed")}</span>`;
    return html`<span class=${line.problem ? "warn-note" : "muted"}>${line.problem || line.why}</span>`;
  }

  /** @param {Line} line */
  row(line) {
    const fixed = line.why !== "" || this.phase !== "ready";
    return html`<tr><td><label class="check"><input type="checkbox" .checked=${line.wanted} ?disabled=${fixed} @change=${(/** @type {Event} */ event) => {
        line.wanted = /** @type {HTMLInputElement} */ (event.target).checked;
        this.requestUpdate();
      }} /> ${t("team.short", { name: line.team.name })}</label></td>
      <td>${line.team.members.map(shortName).join(", ")}</td><td>${line.team.car?.number ?? "—"}</td>
      <td class="nowrap">${shortTime(line.start)}–${shortTime(line.end)}</td><td>${this.state(line)}</td></tr>`;
  }

  body() {
    if (this.phase === "loading") return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    if (this.phase === "failed") return html`<p class="form-error" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load()}>${t("action.again")}</button></p>`;
    if (this.lines.length === 0) return html`<p class="pane-note muted">${t("copy.empty")}</p>`;
    return html`<div class="table-scroll copy-lines" tabindex="0" role="region" aria-label=${t("admin.copyYesterday")}><table><thead><tr><th scope="col">${t("user.team")}</th><th scope="col">${t("team.crew")}</th><th scope="col">${t("team.car")}</th><th scope="col">${t("team.shift")}</th><th scope="col">${t("call.status")}</th></tr></thead>
      <tbody>${this.lines.map((line) => this.row(line))}</tbody></table></div>`;
  }

  render() {
    const wanted = this.lines.filter((line) => line.wanted).length;
    const formed = this.lines.filter((line) => line.outcome === "done").length;
    return html`<dialog class="form-window wide-window" aria-label=${t("admin.copyYesterday")} @close=${() => this.emit("copy-closed")}><h2>${t("admin.copyYesterday")}</h2>
      <label class="field copy-day"><span>${t("copy.day")}</span><input type="date" .value=${this.day} ?disabled=${this.phase === "forming"} @change=${(/** @type {Event} */ event) => {
        this.day = /** @type {HTMLInputElement} */ (event.target).value || this.day;
        void this.load();
      }} /></label>
      ${this.body()}
      ${this.phase === "forming" ? html`<progress max=${wanted} .value=${this.done} aria-label=${t("copy.forming")}></progress>` : nothing}
      ${this.phase === "formed" ? html`<p class="note" role="status">${t("admin.copied", { n: formed })}</p>` : nothing}
      <div class="buttons end"><button type="button" class="button" ?disabled=${this.phase === "forming"} @click=${() => this.dialog?.close()}>${this.phase === "formed" ? t("action.close") : t("action.cancel")}</button>
        ${this.phase === "formed" ? nothing : html`<button type="button" class="button primary" ?disabled=${this.phase !== "ready" || wanted === 0} @click=${() => void this.form()}>${t("copy.do", { n: wanted })}</button>`}</div></dialog>`;
  }
}
customElements.define("br-copy-shift", CopyShift);
