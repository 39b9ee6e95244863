// The map that every page shows: the service's own tiles, plain controls in the page's language, no turning, no outside host.

import * as maplibregl from "../../vendor/maplibre-gl.mjs";
import { t } from "../core/i18n.js";
import { mapStyle } from "./map-style.js";

maplibregl.setWorkerUrl(new URL("../../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

// Where a map looks that knows no region.
const NOWHERE = /** @type {[number, number]} */ ([30.31, 59.93]);
const ZOOM = 10;

/** Until the page's letters are there: the map draws names with them. */
export function mapFonts() {
  return Promise.all([document.fonts.load('16px "PT Sans"', "Ая"), document.fonts.load('700 16px "PT Sans"', "Ая")]);
}

/**
 * @param {HTMLElement} container
 * @param {import("./map-style.js").Region | null} region
 * @param {"day" | "night"} theme
 * @param {{center?: [number, number], zoom?: number}} [view]
 */
export function newMap(container, region, theme, view = {}) {
  const map = new maplibregl.Map({
    container,
    style: mapStyle(theme, region),
    center: view.center ?? (region?.centre ? [region.centre.lon, region.centre.lat] : NOWHERE),
    zoom: view.zoom ?? ZOOM,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: region?.attribution ? { compact: true, customAttribution: region.attribution } : false,
    locale: { "NavigationControl.ZoomIn": t("map.zoomIn"), "NavigationControl.ZoomOut": t("map.zoomOut"), "AttributionControl.ToggleAttribution": t("map.attribution"), "Map.Title": t("map.label"), "ScaleControl.Meters": t("unit.m"), "ScaleControl.Kilometers": t("unit.km") },
  });
  map.touchZoomRotate.disableRotation();
  // At the foot: alarms and other bars lie over the top.
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.on("error", () => {
    // A tile that does not come leaves its square plain; what lies above it stays.
  });
  return map;
}
