// The expected coverage: one number, the five barest places, a switch for the layer of the map.

import { Element, html, nothing } from "../core/element.js";
import { clockTime, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { percent } from "../core/format.js";
import { coverageNow } from "./coverage-now.js";

const CHOICES_S = [0, 480, 600, 900];
// Less than a thousandth of the demand is nothing to act upon.
const WORTH = 0.001;

class Coverage extends Element {
  connectedCallback() {
    super.connectedCallback();
    this.stops.push(coverageNow.look(() => this.requestUpdate()));
  }

  // A number that is asked for each minute follows no event by itself.
  storeChanged() {}

  /** @param {import("../types.js").Bare} place @param {number} index */
  bare(place, index) {
    return html`<li><button type="button" class="bare" @click=${() => {
      coverageNow.show(true);
      this.emit("look-point", place.location);
    }}><b class="bare-number" aria-hidden="true">${index + 1}</b><span>${place.district || t("coverage.outside")}</span>
      <span class="muted">${t("coverage.uncovered", { share: percent(place.uncovered, 1) })}</span></button></li>`;
  }

  render() {
    const { answer, phase } = coverageNow;
    const barest = (answer?.barest ?? []).filter((place) => place.uncovered >= WORTH);
    return html`<section class="coverage" aria-label=${t("coverage.title")}>
      <header class="board-head"><h2 class="section-title">${t("coverage.title")}</h2>
        <label class="check small"><input type="checkbox" .checked=${coverageNow.on} @change=${(/** @type {Event} */ event) => coverageNow.show(/** @type {HTMLInputElement} */ (event.target).checked)} /> ${t("coverage.onMap")}</label></header>
      ${phase === "loading" && !answer ? html`<p class="pane-note muted" role="status">${t("state.loading")}</p>` : nothing}
      ${phase === "failed" ? html`<p class="pane-note" role="status">${t("coverage.failed")} <button type="button" class="quiet" @click=${() => void coverageNow.load()}>${t("action.again")}</button></p>` : nothing}
      ${answer
        ? html`<div class="coverage-figure"><b class="coverage-share">${answer.approximate ? "≈ " : ""}${percent(answer.share, answer.share > 0.995 ? 1 : 0)}</b>
            <label class="coverage-within"><span class="visually-hidden">${t("coverage.within")}</span><select @change=${(/** @type {Event} */ event) => coverageNow.within(Number(/** @type {HTMLSelectElement} */ (event.target).value))}>
              ${CHOICES_S.map((seconds) => html`<option value=${seconds} ?selected=${seconds === coverageNow.withinS}>${seconds === 0 ? t("coverage.norm", { time: duration(answer.norm_s) }) : t("coverage.minutes", { n: seconds / 60 })}</option>`)}</select></label>
            <small class="muted">${t("coverage.about", { n: answer.free_teams, time: clockTime(answer.computed_at) })}</small></div>
          ${barest.length > 0 ? html`<ol class="barest" aria-label=${t("coverage.barest")}>${barest.map((place, index) => this.bare(place, index))}</ol>` : html`<p class="pane-note muted">${t("coverage.whole")}</p>`}`
        : nothing}
    </section>`;
  }
}
customElements.define("br-coverage", Coverage);
