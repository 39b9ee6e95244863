// Where the calls are and where teams come late: cells on the service's own map. The table below tells the same without a map.

import * as maplibregl from "../../vendor/maplibre-gl.mjs";
import { Element, html, nothing } from "../core/element.js";
import { api } from "../core/api.js";
import { t } from "../core/i18n.js";
import { onPrefs, prefs } from "../core/prefs.js";
import { mapFonts, newMap } from "../parts/map-base.js";

/** @typedef {{lat: number, lon: number, calls: number, late: number, share: number | null, median: number | null, filter: {box: string}}} Cell */

const LAYERS = ["calls", "late", "share"];
// Light to dark and yellow to purple: told apart in greyscale and on both themes.
const STEPS = ["#ffe08a", "#fdb35c", "#f07f4f", "#cf4a5f", "#8f2a76", "#4b1a6b"];

/** @param {Cell} cell */
function squareOf(cell) {
  const [south = 0, west = 0, north = 0, east = 0] = cell.filter.box.split(",").map(Number);
  return [[[west, south], [east, south], [east, north], [west, north], [west, south]]];
}

class ReportMap extends Element {
  static properties = { cells: { attribute: false }, drills: { type: Boolean } };

  constructor() {
    super();
    /** @type {Cell[]} */
    this.cells = [];
    this.drills = false;
    this.layer = "calls";
    /** @type {maplibregl.Map | null} */
    this.map = null;
    this.ready = false;
    this.problem = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(onPrefs(() => {
      this.map?.remove();
      this.map = null;
      this.ready = false;
      void this.create();
    }));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.map?.remove();
    this.map = null;
    this.ready = false;
  }

  firstUpdated() {
    void this.create();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (changed.has("cells") && this.ready) this.draw(true);
  }

  async create() {
    try {
      const [region] = await Promise.all([api("/region").catch(() => null), mapFonts()]);
      if (!this.isConnected) return;
      const map = newMap(/** @type {HTMLElement} */ (this.find(".map-canvas")), region?.installed ? region : null, prefs.theme);
      this.map = map;
      map.on("load", () => this.loaded());
    } catch (error) {
      this.problem = String(error instanceof Error ? error.message : error);
      this.requestUpdate();
    }
  }

  loaded() {
    const map = this.map;
    if (!map) return;
    map.addSource("cells", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "cells", type: "fill", source: "cells", paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.6 } });
    map.addLayer({ id: "cells-edge", type: "line", source: "cells", paint: { "line-color": ["get", "colour"], "line-width": 1 } });
    map.on("click", "cells", (event) => this.clicked(event));
    map.on("mousemove", "cells", (event) => this.point(event));
    map.on("mouseleave", "cells", () => this.leave());
    this.ready = true;
    this.draw(true);
    this.emit("map-ready");
  }

  /** The upper ends of the steps of colour, from the values at hand: as many cells in each as may be. */
  ends() {
    const values = this.cells.map((cell) => this.value(cell)).filter((value) => value > 0).sort((a, b) => a - b);
    const found = STEPS.map((_, n) => values[Math.min(values.length - 1, Math.ceil(((n + 1) * values.length) / STEPS.length) - 1)] ?? 0);
    return [...new Set(found)];
  }

  /** @param {Cell} cell */
  value(cell) {
    return Number(cell[/** @type {"calls" | "late" | "share"} */ (this.layer)] ?? 0);
  }

  /** @param {boolean} fit */
  draw(fit) {
    const map = this.map;
    if (!map || !this.ready) return;
    const ends = this.ends();
    const shown = this.cells.filter((cell) => this.value(cell) > 0);
    const colour = (/** @type {Cell} */ cell) => this.colour(ends.findIndex((end) => this.value(cell) <= end), ends.length);
    /** @type {any[]} */
    const features = shown.map((cell) => ({ type: "Feature", geometry: { type: "Polygon", coordinates: squareOf(cell) }, properties: { place: this.cells.indexOf(cell), colour: colour(cell) } }));
    /** @type {maplibregl.GeoJSONSource | undefined} */ (map.getSource("cells"))?.setData({ type: "FeatureCollection", features });
    this.dataset.cells = String(features.length);
    if (fit && this.cells.length > 0) {
      const bounds = new maplibregl.LngLatBounds();
      for (const cell of this.cells) bounds.extend([cell.lon, cell.lat]);
      map.fitBounds(bounds, { padding: 40, maxZoom: 13, animate: false });
    }
    this.requestUpdate();
  }

  /** @param {number} step @param {number} steps */
  colour(step, steps) {
    return STEPS[steps <= 1 ? 2 : Math.round((step * (STEPS.length - 1)) / (steps - 1))] ?? "#f07f4f";
  }

  /** @param {Cell} cell */
  words(cell) {
    return t("reports.cell", { calls: cell.calls, late: cell.late, share: cell.share === null ? "—" : this.percent(cell.share) });
  }

  /** @param {number} share */
  percent(share) {
    return new Intl.NumberFormat(prefs.lang, { style: "percent", maximumFractionDigits: 1 }).format(share);
  }

  /** @param {any} event @returns {Cell | undefined} */
  cellOf(event) {
    return this.cells[Number(event.features?.[0]?.properties?.place)];
  }

  /** @param {any} event */
  point(event) {
    const cell = this.cellOf(event);
    if (!cell || !this.map) return;
    this.map.getCanvas().title = this.words(cell);
    this.map.getCanvas().classList.toggle("picking", this.drills);
  }

  leave() {
    if (!this.map) return;
    this.map.getCanvas().title = "";
    this.map.getCanvas().classList.remove("picking");
  }

  /** @param {any} event */
  clicked(event) {
    const cell = this.cellOf(event);
    if (!cell || !this.drills) return;
    const column = this.layer === "calls" ? {} : { late: true };
    this.emit("behind", { title: this.words(cell), column, row: cell.filter });
  }

  /** @param {string} layer */
  choose(layer) {
    this.layer = layer;
    this.draw(false);
    this.requestUpdate();
  }

  legend() {
    const ends = this.ends();
    const text = (/** @type {number} */ value) => (this.layer === "share" ? this.percent(value) : String(value));
    if (ends.length === 0) return html`<p class="muted">${t("reports.noCells")}</p>`;
    return html`<ul class="map-legend" aria-label=${t("reports.legend")}>${ends.map((end, n) => html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill=${this.colour(n, ends.length)}></rect></svg>${t("reports.upTo", { n: text(end) })}</li>`)}</ul>`;
  }

  render() {
    return html`<section class="report-map" aria-label=${t("reports.map")}>
      <div class="report-map-tools" role="group" aria-label=${t("reports.mapShows")}>${LAYERS.map((layer) => html`<button type="button" class="button small" aria-pressed=${this.layer === layer ? "true" : "false"} @click=${() => this.choose(layer)}>${t(`reports.map.${layer}`)}</button>`)}${this.legend()}</div>
      <div class="report-map-box"><div class="map-canvas" role="region" aria-label=${t("map.label")}></div>
        ${this.problem ? html`<div class="map-problem"><p>${t("map.unavailable")}</p><p class="muted">${this.problem}</p></div>` : nothing}</div></section>`;
  }
}
customElements.define("br-report-map", ReportMap);
