// A point chosen by an address that is searched for, by a click on the map, or by numbers.

import { api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";

/** @typedef {{label: string, location: {lat: number, lon: number}, town?: string, district?: string}} Found */

const PAUSE_MS = 250;
const SHORTEST = 3;
const SHOWN = 6;

class PlaceField extends Element {
  static properties = { place: { attribute: false }, address: { attribute: false } };

  constructor() {
    super();
    /** @type {import("../types.js").Point | null} */
    this.place = null;
    this.address = "";
    this.query = "";
    /** @type {Found[]} */
    this.found = [];
    this.note = "";
    this.mapLoaded = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(() => clearTimeout(this.soon));
    // The form is there at once; the map comes behind it.
    void import("../parts/map.js").then(() => {
      this.mapLoaded = true;
      this.requestUpdate();
    });
  }

  /** @param {InputEvent} event */
  typed(event) {
    event.stopPropagation();
    this.query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(this.soon);
    if (this.query.length < SHORTEST) {
      this.found = [];
      this.note = "";
      this.requestUpdate();
      return;
    }
    this.soon = setTimeout(() => void this.search(this.query), PAUSE_MS);
  }

  /** @param {string} query */
  async search(query) {
    try {
      const { items } = await api(`/geocode?q=${encodeURIComponent(query)}&limit=${SHOWN}`);
      if (query !== this.query) return;
      this.found = items;
      this.note = items.length === 0 ? t("place.notFound") : "";
    } catch {
      if (query !== this.query) return;
      this.found = [];
      this.note = t("place.noSearch");
    }
    this.requestUpdate();
  }

  /** @param {Found} item */
  take(item) {
    this.found = [];
    this.query = "";
    this.choose(item.location.lat, item.location.lon, item.label);
    /** @type {any} */ (this.find("br-map"))?.look(item.location, 15);
  }

  /** @param {number} lat @param {number} lon @param {string} [label] */
  choose(lat, lon, label) {
    this.emit("place-chosen", { lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)), label });
  }

  /** @param {"lat" | "lon"} name */
  numbered(name) {
    return (/** @type {Event} */ event) => {
      const text = /** @type {HTMLInputElement} */ (event.target).value.trim().replace(",", ".");
      const number = Number(text);
      if (text === "" || !Number.isFinite(number)) return;
      const next = { lat: this.place?.lat ?? Number.NaN, lon: this.place?.lon ?? Number.NaN, [name]: number };
      if (Number.isFinite(next.lat) && Number.isFinite(next.lon)) this.choose(next.lat, next.lon);
      else this.place = /** @type {any} */ (next);
    };
  }

  /** @param {number | undefined} value */
  text(value) {
    return value === undefined || !Number.isFinite(value) ? "" : value.toFixed(6);
  }

  list() {
    if (this.found.length === 0) return this.note ? html`<small class="muted" role="status">${this.note}</small>` : nothing;
    return html`<ul class="place-found" aria-label=${t("new.suggestions")}>${this.found.map(
      (item) => html`<li><button type="button" class="quiet" @click=${() => this.take(item)}>${item.label}${item.district ? html` <small class="muted">${item.district}</small>` : nothing}</button></li>`,
    )}</ul>`;
  }

  render() {
    const whole = this.place !== null && Number.isFinite(this.place.lat) && Number.isFinite(this.place.lon);
    return html`<div class="place-pick"><div class="place-side">
        <input type="search" aria-label=${t("place.search")} placeholder=${t("place.search")} autocomplete="off" .value=${this.query} @input=${this.typed} @keydown=${(/** @type {KeyboardEvent} */ event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          if (this.found[0]) this.take(this.found[0]);
        }} />
        ${this.list()}
        <label class="field"><span>${t("place.lat")}</span><input inputmode="decimal" autocomplete="off" .value=${this.text(this.place?.lat)} @change=${this.numbered("lat")} /></label>
        <label class="field"><span>${t("place.lon")}</span><input inputmode="decimal" autocomplete="off" .value=${this.text(this.place?.lon)} @change=${this.numbered("lon")} /></label></div>
      <div class="place-map">${this.mapLoaded ? html`<br-map .pin=${whole ? this.place : null} .picking=${true} .extent=${whole && this.place ? [this.place] : null} @map-point=${(/** @type {CustomEvent} */ event) => this.choose(event.detail.lat, event.detail.lon)}></br-map>` : nothing}
        <small class="muted">${t("place.click")}</small></div></div>`;
  }
}
customElements.define("br-place", PlaceField);
