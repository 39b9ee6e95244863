// The answer to a what-if question: figures, charts with intervals, a map of where arrivals change, tables, files.

import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { prefs } from "../core/prefs.js";
import "../parts/map.js";
import { reportView } from "./report-view.js";

/**
 * @typedef {{value: number, half: number}} Change
 * @typedef {{south: number, west: number, north: number, east: number, district: string, calls: number, before_s: number, changes: Array<Change | null>}} Square
 * @typedef {{id: number | null, name: string, lat: number, lon: number, team_h: number | null}} Post
 */

const FILES = ["csv", "xlsx", "pdf"];
// A change of two minutes is painted full; beyond it the label tells.
const FULL_S = 120;
const LISTED = 6;

/** @param {number} seconds */
export function signedTime(seconds) {
  const whole = Math.round(Math.abs(seconds));
  const sign = whole === 0 ? "±" : seconds < 0 ? "−" : "+";
  return `${sign}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {Change} change */
const sure = (change) => Math.abs(change.value) > change.half;

class WhatIfResult extends Element {
  static properties = { run: { attribute: false } };

  constructor() {
    super();
    /** @type {Record<string, any>} */
    this.run = {};
    this.variant = 0;
    /** @type {Square | null} */
    this.square = null;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("run")) {
      this.variant = 0;
      this.square = null;
    }
  }

  /** @returns {Square[]} */
  get squares() {
    return this.run.cells.filter((/** @type {Square} */ cell) => cell.changes[this.variant]);
  }

  /** @param {Square} square @returns {Change} */
  change(square) {
    return square.changes[this.variant] ?? { value: 0, half: 0 };
  }

  cells() {
    return this.squares.map((square) => {
      const change = this.change(square);
      const tone = !sure(change) ? "plain" : change.value < 0 ? "good" : "bad";
      return { ...square, tone: /** @type {"good" | "bad" | "plain"} */ (tone), weight: tone === "plain" ? 0 : Math.min(1, Math.abs(change.value) / FULL_S), label: tone === "plain" ? "" : signedTime(change.value) };
    });
  }

  /** @param {Square} square */
  line(square) {
    const change = this.change(square);
    return t("whatif.square", { district: square.district || t("whatif.noDistrict"), n: square.calls, before: signedTime(square.before_s).slice(1), change: signedTime(change.value), half: signedTime(change.half).slice(1) });
  }

  /** The squares that change most, in words: the map may be away, and a list is read aloud. */
  list() {
    const moved = this.squares.filter((square) => sure(this.change(square))).sort((a, b) => Math.abs(this.change(b).value) - Math.abs(this.change(a).value));
    if (moved.length === 0) return html`<p class="muted report-note">${t("whatif.mapSame")}</p>`;
    return html`<ul class="whatif-squares">${moved.slice(0, LISTED).map((square) => html`<li><button type="button" class="quiet" @click=${() => this.look(square)}>${this.line(square)}</button></li>`)}</ul>`;
  }

  /** @param {Square} square */
  look(square) {
    this.square = square;
    /** @type {import("../parts/map.js").MapView | null} */ (this.find("br-map"))?.look({ lat: (square.south + square.north) / 2, lon: (square.west + square.east) / 2 }, 12);
    this.requestUpdate();
  }

  names() {
    return /** @type {string[]} */ (this.run.names);
  }

  map() {
    const posts = /** @type {Post[]} */ (this.run.posts[this.variant] ?? []);
    const names = this.names();
    return html`<section class="whatif-map" aria-label=${t("whatif.map")}><h3>${t("whatif.map")}</h3>
      ${names.length > 1 ? html`<label class="field"><span>${t("whatif.variant")}</span><select @change=${(/** @type {Event} */ event) => {
        this.variant = Number(/** @type {HTMLSelectElement} */ (event.target).value);
        this.square = null;
        this.requestUpdate();
      }}>${names.map((name, index) => html`<option value=${index} ?selected=${index === this.variant}>${name}</option>`)}</select></label>` : nothing}
      <p class="whatif-legend"><span class="swatch good"></span>${t("whatif.earlier")} <span class="swatch bad"></span>${t("whatif.later")} <span class="swatch plain"></span>${t("whatif.same")}</p>
      <div class="whatif-ground"><br-map .picture=${{ calls: [], teams: [] }} .cells=${this.cells()} .pins=${posts.filter((item) => item.id === null).map((item) => ({ lat: item.lat, lon: item.lon, name: item.name }))}
        @map-cell=${(/** @type {CustomEvent} */ event) => {
          this.square = this.squares[event.detail] ?? null;
          this.requestUpdate();
        }}></br-map></div>
      <p role="status" class="report-note">${this.square ? this.line(this.square) : t("whatif.mapHint")}</p>${this.list()}</section>`;
  }

  render() {
    const { report, id } = this.run;
    if (!report) return nothing;
    const file = (/** @type {string} */ format) => `/whatif/${id}/file?format=${format}&lang=${prefs.lang}`;
    return html`<div class="whatif-result"><header class="admin-head"><h2 tabindex="-1">${this.names().join(" / ")}</h2>${FILES.map((format) => html`<a class="button small" download href="/api/v1${file(format)}">${format.toUpperCase()}</a>`)}</header>
      ${reportView(report, (key) => `${file("svg")}&part=${key}`, { between: this.map() })}</div>`;
  }
}
customElements.define("br-whatif-result", WhatIfResult);

export { WhatIfResult };
