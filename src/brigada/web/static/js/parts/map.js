// The map: calls, teams, stations, hospitals, a route, a pin. The lists never depend on it.

import * as maplibregl from "../../vendor/maplibre-gl.mjs";
import { api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { onPrefs, prefs } from "../core/prefs.js";
import { activeOf } from "../core/store.js";
import { PALETTES, mapImages } from "./map-icons.js";
import { mapStyle, tilesUrl } from "./map-style.js";

/**
 * @typedef {import("../types.js").Point} Point
 * @typedef {import("../types.js").Call} Call
 * @typedef {{id: number, name: string, state: string, lat: number, lon: number, ageS: number, stale: boolean}} TeamMark
 * @typedef {{calls: Call[], teams: TeamMark[]}} Picture
 */

maplibregl.setWorkerUrl(new URL("../../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

// Above so many teams a picture of software WebGL is drawn with circles: 17 ms of the main thread a batch, not 37.
const CIRCLES_FROM_TEAMS = 1500;
// A click this near to a mark means the mark, pixels.
const REACH_PX = 8;
// One batch of positions a second, whatever comes.
const REDRAW_MS = 1000;

// A process of the service that has not opened a new map yet still tells of the old one.
const MAP_AGAIN_MS = 1500;
const MAP_ASKED_AT_MOST = 8;

/** @param {any[]} features @returns {any} */
const collection = (features) => ({ type: "FeatureCollection", features });

/** @param {number} lon @param {number} lat @param {Record<string, unknown>} properties */
const point = (lon, lat, properties) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });

class MapView extends Element {
  static properties = {
    selectedCall: { attribute: false },
    selectedTeam: { attribute: false },
    route: { attribute: false },
    pin: { attribute: false },
    picking: { attribute: false },
    picture: { attribute: false },
    extent: { attribute: false },
  };

  constructor() {
    super();
    /** @type {number | null} */
    this.selectedCall = null;
    /** @type {number | null} */
    this.selectedTeam = null;
    /** Lines to draw; a bare list of [lon, lat] is a line by road. @type {(number[][] | import("./route-line.js").Way)[]} */
    this.route = [];
    /** @type {Point | null} */
    this.pin = null;
    this.picking = false;
    /** What to draw instead of the live picture. @type {Picture | null} */
    this.picture = null;
    /** What the map shows at once instead of all that there is. @type {Point[] | null} */
    this.extent = null;
    /** @type {maplibregl.Map | null} */
    this.map = null;
    this.ready = false;
    this.problem = "";
    /** @type {import("./map-style.js").Region | null} */
    this.region = null;
    /** The build for which the region is being asked. */
    this.following = "";
    this.theme = prefs.theme;
    this.fitted = false;
    this.software = false;
    /** Milliseconds of the main thread for the latest batch. */
    this.lastBatchMs = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.drawTimer = undefined;
    this.drawnAt = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onPositions(() => this.drawSoon()));
    this.stops.push(onPrefs(() => this.followTheme()));
    const ageing = setInterval(() => this.drawSoon(), 5000);
    this.stops.push(() => clearInterval(ageing));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.drawTimer);
    this.map?.remove();
    this.map = null;
    this.ready = false;
  }

  storeChanged() {
    void this.followMap();
    this.drawSoon();
  }

  render() {
    return html`<div class="map-canvas" role="region" aria-label=${t("map.label")}></div>
      ${this.problem ? html`<div class="map-problem"><p>${t("map.unavailable")}</p><p class="muted">${this.problem}</p></div>` : nothing}`;
  }

  firstUpdated() {
    void this.create();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!this.ready) return;
    if (changed.has("route")) this.drawRoute();
    if (changed.has("pin")) this.drawPin();
    if (changed.has("extent") && this.extent && !sameExtent(changed.get("extent"), this.extent)) this.fit(true);
    if (changed.has("picture") || changed.has("selectedCall") || changed.has("selectedTeam")) this.draw();
    if (changed.has("picking") && this.map) this.map.getCanvas().classList.toggle("picking", this.picking);
  }

  /** @param {{center?: [number, number], zoom?: number}} [view] */
  async create(view = {}) {
    try {
      const [region] = await Promise.all([regionInUse(), document.fonts.load('16px "PT Sans"', "Ая"), document.fonts.load('700 16px "PT Sans"', "Ая")]);
      if (!this.isConnected) return;
      this.region = region;
      const container = /** @type {HTMLElement} */ (this.find(".map-canvas"));
      const map = new maplibregl.Map({
        container,
        style: mapStyle(this.theme, region),
        center: view.center ?? (region?.centre ? [region.centre.lon, region.centre.lat] : [30.31, 59.93]),
        zoom: view.zoom ?? 10,
        dragRotate: false,
        pitchWithRotate: false,
        attributionControl: region?.attribution ? { compact: true, customAttribution: region.attribution } : false,
        locale: { "NavigationControl.ZoomIn": t("map.zoomIn"), "NavigationControl.ZoomOut": t("map.zoomOut"), "AttributionControl.ToggleAttribution": t("map.attribution"), "Map.Title": t("map.label"), "ScaleControl.Meters": t("unit.m"), "ScaleControl.Kilometers": t("unit.km") },
      });
      this.map = map;
      map.touchZoomRotate.disableRotation();
      map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
      map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
      map.on("load", () => this.loaded(!view.center));
      map.on("moveend", () => {
        const { lat, lng } = map.getCenter();
        this.emit("map-moved", { lat, lon: lng });
      });
      map.on("click", (event) => this.clicked(event));
      map.on("error", () => {
        // A tile that does not come leaves its square plain; the marks stay.
      });
      this.software = isSoftware(map);
    } catch (error) {
      this.problem = String(error instanceof Error ? error.message : error);
      this.requestUpdate();
    }
  }

  followTheme() {
    if (prefs.theme === this.theme || !this.map) return;
    this.theme = prefs.theme;
    this.drawAnew();
  }

  /** The map again, where it stands or elsewhere. @param {{center: [number, number], zoom: number} | null} [view] */
  drawAnew(view = null) {
    if (!this.map) return;
    const { lng, lat } = this.map.getCenter();
    const zoom = this.map.getZoom();
    this.map.remove();
    this.map = null;
    this.ready = false;
    void this.create(view ?? { center: [lng, lat], zoom });
  }

  /** Goes over to another build of the map, or to another region, when the service has. */
  async followMap() {
    const wanted = this.store.mapBuild;
    if (!wanted || !this.map || wanted === this.following || wanted === named(this.region)) return;
    this.following = wanted;
    for (let tries = 0; tries < MAP_ASKED_AT_MOST && this.following === wanted && this.isConnected; tries++) {
      if (tries) await new Promise((resolve) => setTimeout(resolve, MAP_AGAIN_MS));
      const region = await regionInUse();
      if (named(region) === wanted) {
        this.goOver(region);
        break;
      }
    }
    if (this.following === wanted) this.following = "";
  }

  /** @param {import("./map-style.js").Region | null} region */
  goOver(region) {
    const before = this.region;
    if (!this.map || named(before) === named(region)) return;
    this.region = region;
    this.dataset.build = region?.build ?? "";
    if (region?.centre && region.name !== before?.name) {
      // A place far away: there is nothing to see where the map stood.
      this.drawAnew({ center: [region.centre.lon, region.centre.lat], zoom: 11 });
      return;
    }
    const source = /** @type {maplibregl.VectorTileSource | undefined} */ (this.map.getSource("base"));
    const alike = source && region?.tiles && String(before?.layers) === String(region.layers) && before?.min_zoom === region.min_zoom && before?.max_zoom === region.max_zoom && before?.attribution === region.attribution;
    if (alike && region.tiles) source.setTiles([tilesUrl(region.tiles)]);
    else this.drawAnew();
  }

  /** @param {boolean} fit */
  loaded(fit) {
    const map = this.map;
    if (!map) return;
    const colours = /** @type {import("./map-icons.js").Palette} */ (PALETTES[this.theme]);
    for (const [name, image] of mapImages(this.theme)) map.addImage(name, image, { pixelRatio: 2 });
    for (const source of ["places", "route", "calls", "teams", "pin", "chosen"]) {
      map.addSource(source, { type: "geojson", data: collection([]) });
    }
    const label = { "text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.6 };
    /** @type {any} */
    const text = { "text-font": ["PT Sans"], "text-size": 12, "text-offset": [0, 1], "text-anchor": "top", "text-optional": true };
    map.addLayer({ id: "route-case", type: "line", source: "route", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": colours.halo, "line-width": 8 } });
    map.addLayer({ id: "route", type: "line", source: "route", layout: { "line-join": "round", "line-cap": "round" }, filter: ["!", ["get", "approximate"]], paint: { "line-color": colours.going, "line-width": 4.5 } });
    // A straight-line estimate is no way to drive: it must not look like one.
    map.addLayer({ id: "route-approximate", type: "line", source: "route", filter: ["get", "approximate"], paint: { "line-color": colours.going, "line-width": 3, "line-dasharray": [1.5, 2] } });
    map.addLayer({ id: "places", type: "symbol", source: "places", layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-size": 0.9, "text-field": ["step", ["zoom"], "", 12.5, ["get", "name"]], ...text, "text-size": 11 }, paint: label });
    map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 19, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colours.text, "circle-stroke-width": 2.5 } });
    map.addLayer({ id: "teams-circles", type: "circle", source: "teams", layout: { visibility: "none" }, paint: { "circle-radius": 5, "circle-color": ["match", ["get", "state"], "free", colours.free, ["on_scene", "transporting", "at_hospital"], colours.scene, ["break", "off_shift"], colours.ended, colours.going], "circle-stroke-color": colours.halo, "circle-stroke-width": 1.5, "circle-opacity": ["case", ["get", "stale"], 0.25, 1] } });
    map.addLayer({ id: "teams", type: "symbol", source: "teams", layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 13, 0.95], "text-field": ["get", "label"], ...text }, paint: label });
    map.addLayer({ id: "calls", type: "symbol", source: "calls", layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "symbol-sort-key": ["get", "order"] }, paint: label });
    map.addLayer({ id: "pin", type: "symbol", source: "pin", layout: { "icon-image": "pin", "icon-anchor": "bottom", "icon-allow-overlap": true, "icon-size": 1.3 } });
    this.ready = true;
    this.draw();
    this.drawRoute();
    this.drawPin();
    if (fit) this.fit(false);
    this.emit("map-ready");
  }

  drawSoon() {
    if (!this.ready || this.drawTimer !== undefined) return;
    const wait = Math.max(0, this.drawnAt + REDRAW_MS - performance.now());
    this.drawTimer = setTimeout(() => {
      this.drawTimer = undefined;
      this.draw();
    }, wait);
  }

  /** @returns {Picture} */
  livePicture() {
    const teams = [];
    for (const team of this.store.teams.values()) {
      const { position, ageS, stale } = this.store.fix(team.id);
      if (!position) continue;
      teams.push({ id: team.id, name: team.name, state: this.store.teamState(team.id), lat: position.lat, lon: position.lon, ageS, stale });
    }
    return { calls: [...this.store.calls.values()], teams };
  }

  draw() {
    if (!this.ready || !this.map) return;
    const started = performance.now();
    const { calls, teams } = this.picture ?? this.livePicture();
    const chosen = [];
    const callFeatures = [];
    for (const call of calls) {
      if (!call.location) continue;
      const work = activeOf(call).length > 0 ? "-work" : "";
      callFeatures.push(point(call.location.lon, call.location.lat, { id: call.id, icon: `call-${call.criticality}${work}`, order: call.criticality === "critical" ? 3 : 1 }));
      if (call.id === this.selectedCall) chosen.push(point(call.location.lon, call.location.lat, {}));
    }
    const teamFeatures = [];
    for (const team of teams) {
      const label = team.stale && Number.isFinite(team.ageS) ? `${team.name} · ${duration(team.ageS)}` : team.name;
      teamFeatures.push(point(team.lon, team.lat, { id: team.id, state: team.state, stale: team.stale, icon: `team-${team.state}${team.stale ? "-stale" : ""}`, label }));
      if (team.id === this.selectedTeam) chosen.push(point(team.lon, team.lat, {}));
    }
    const circles = this.software && teams.length > CIRCLES_FROM_TEAMS;
    this.map.setLayoutProperty("teams", "visibility", circles ? "none" : "visible");
    this.map.setLayoutProperty("teams-circles", "visibility", circles ? "visible" : "none");
    this.set("calls", callFeatures);
    this.set("teams", teamFeatures);
    this.set("chosen", chosen);
    this.set("places", [
      ...[...this.store.stations.values()].map((place) => point(place.location.lon, place.location.lat, { icon: "station", name: place.name })),
      ...[...this.store.hospitals.values()].map((place) => point(place.location.lon, place.location.lat, { icon: "hospital", name: place.name })),
    ]);
    this.drawnAt = performance.now();
    this.lastBatchMs = this.drawnAt - started;
    this.dataset.teams = String(teamFeatures.length);
    this.dataset.stale = String(teams.filter((team) => team.stale).length);
    this.dataset.calls = String(callFeatures.length);
    if (!this.fitted) this.fit(false);
  }

  /** @param {string} name @param {any[]} features */
  set(name, features) {
    const source = /** @type {maplibregl.GeoJSONSource | undefined} */ (this.map?.getSource(name));
    source?.setData(collection(features));
  }

  drawRoute() {
    const ways = this.route.map((item) => (Array.isArray(item) ? { line: item, approximate: false } : item));
    this.set("route", ways.map(({ line, approximate }) => ({ type: "Feature", geometry: { type: "LineString", coordinates: line }, properties: { approximate } })));
    this.dataset.route = String(ways.length);
    this.dataset.routeApproximate = String(ways.filter((way) => way.approximate).length);
  }

  drawPin() {
    this.set("pin", this.pin ? [point(this.pin.lon, this.pin.lat, {})] : []);
  }

  /** Shows all that there is. @param {boolean} animate */
  fit(animate) {
    const bounds = new maplibregl.LngLatBounds();
    if (this.extent) {
      for (const place of this.extent) bounds.extend([place.lon, place.lat]);
      this.fitted = !bounds.isEmpty();
      if (this.fitted) this.map?.fitBounds(bounds, { padding: 45, maxZoom: 16, animate });
      return;
    }
    const { calls, teams } = this.picture ?? this.livePicture();
    for (const call of calls) if (call.location) bounds.extend([call.location.lon, call.location.lat]);
    for (const team of teams) bounds.extend([team.lon, team.lat]);
    for (const place of this.store.stations.values()) bounds.extend([place.location.lon, place.location.lat]);
    for (const place of this.store.hospitals.values()) bounds.extend([place.location.lon, place.location.lat]);
    if (bounds.isEmpty()) return;
    this.fitted = true;
    this.map?.fitBounds(bounds, { padding: 70, maxZoom: 14, animate });
  }

  /** @param {Point | null | undefined} place @param {number} [zoom] */
  look(place, zoom = 14) {
    if (!place || !this.map) return;
    this.map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 300 });
  }

  /** @param {maplibregl.MapMouseEvent} event */
  clicked(event) {
    if (this.picking) {
      this.emit("map-point", { lat: event.lngLat.lat, lon: event.lngLat.lng });
      return;
    }
    const { x, y } = event.point;
    const found = this.map?.queryRenderedFeatures(
      [[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]],
      { layers: ["calls", "teams", "teams-circles"] },
    );
    const first = found?.find((feature) => feature.layer.id === "calls") ?? found?.[0];
    if (!first) return;
    this.emit(first.layer.id === "calls" ? "map-call" : "map-team", Number(first.properties.id));
  }
}
customElements.define("br-map", MapView);

/** Whether two lists of points begin, end and count alike: a car that moves a little does not move the map. @param {any} before @param {Point[]} now */
function sameExtent(before, now) {
  return Array.isArray(before) && before.length === now.length;
}

/** The region whose roads and tiles the service has now. @returns {Promise<import("./map-style.js").Region | null>} */
async function regionInUse() {
  try {
    const region = await api("/region");
    return region.installed ? region : null;
  } catch {
    // Without the region's facts the marks are drawn on plain ground.
    return null;
  }
}

/** A region and its build in the words of the heartbeat. @param {import("./map-style.js").Region | null} region */
function named(region) {
  return region ? `${region.name}/${region.build}` : "none";
}

/** Whether the picture is drawn by the processor. @param {maplibregl.Map} map */
function isSoftware(map) {
  const gl = map.getCanvas().getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(gl?.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  return /swiftshader|llvmpipe|software/i.test(name);
}

export { MapView };
