// The map's own switch: coverage, and what the marks mean.

import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { critMark } from "../parts/crit.js";
import { coverageNow } from "./coverage-now.js";

const TEAM_STATES = ["free", "en_route", "on_scene", "transporting", "break"];

class MapLayers extends Element {
  constructor() {
    super();
    this.open = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(coverageNow.watch(() => this.requestUpdate()));
  }

  storeChanged() {}

  toggle() {
    this.open = !this.open;
    this.requestUpdate();
  }

  legend() {
    return html`<div class="legend">
      <p class="section-title">${t("legend.teams")}</p>
      <ul>${TEAM_STATES.map((state) => html`<li><span class="team-mark ${state}" aria-hidden="true"></span> ${t(`legend.${state}`)}</li>`)}
        <li><span class="team-mark free stale" aria-hidden="true">?</span> ${t("legend.stale", { n: this.store.staleAfterS })}</li>
        <li><span class="team-mark free many" aria-hidden="true">3</span> ${t("legend.stack")}</li></ul>
      <p class="section-title">${t("legend.calls")}</p>
      <ul>${/** @type {const} */ (["critical", "important", "common"]).map((name) => html`<li>${critMark(name)} ${t(`criticality.${name}`)}</li>`)}
        <li><span class="crit-hollow" aria-hidden="true">2</span> ${t("legend.work")}</li></ul>
      <p class="section-title">${t("legend.coverage")}</p>
      <ul><li><span class="shade" aria-hidden="true"></span> ${t("legend.shade")}</li></ul></div>`;
  }

  render() {
    return html`<div class="map-layers"><div class="map-layers-buttons">
        <button type="button" class="map-button" aria-pressed=${coverageNow.on ? "true" : "false"} @click=${() => coverageNow.show(!coverageNow.on)}>${t("coverage.layer")}</button>
        <button type="button" class="map-button" aria-expanded=${this.open ? "true" : "false"} @click=${() => this.toggle()}>${t("legend.title")}</button></div>
      ${this.open ? this.legend() : nothing}</div>`;
  }
}
customElements.define("br-map-layers", MapLayers);
