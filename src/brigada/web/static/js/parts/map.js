// The map: calls, teams, stations, hospitals, a route, a pin, coverage. The lists never depend on it.

import * as maplibregl from "../../vendor/maplibre-gl.mjs";
import { api } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { onPrefs, prefs } from "../core/prefs.js";
import { mapFonts, newMap } from "./map-base.js";
import { mapImages } from "./map-icons.js";
import { MARK_LAYERS, MARK_SOURCES, markLayers } from "./map-layout.js";
import { bareFeatures, callFeatures, cellFeatures, chosenFeatures, collection, lineFeatures, pinFeatures, placeFeatures, teamFeatures, zoneFeatures } from "./map-marks.js";
import { tilesUrl } from "./map-style.js";
import { MapTip } from "./map-tip.js";

/**
 * @typedef {import("../types.js").Point} Point
 * @typedef {import("./map-marks.js").Picture} Picture
 */

// Above so many teams a picture of software WebGL is drawn with circles: 17 ms of the main thread a batch, not 37.
const CIRCLES_FROM_TEAMS = 1500;
// A click this near to a mark means the mark, pixels.
const REACH_PX = 8;
// One batch of positions a second, whatever comes.
const REDRAW_MS = 1000;
// Marks grow old without any news.
const AGEING_MS = 5000;
// A process of the service that has not opened a new map yet still tells of the old one.
const MAP_AGAIN_MS = 1500;
const MAP_ASKED_AT_MOST = 8;
// What opens when it is clicked.
const LAYERS_CLICKED = ["calls", "teams", "teams-circles"];

class MapView extends Element {
  static properties = {
    selectedCall: { attribute: false },
    selectedTeam: { attribute: false },
    route: { attribute: false },
    track: { attribute: false },
    pin: { attribute: false },
    picking: { attribute: false },
    picture: { attribute: false },
    coverage: { attribute: false },
    cells: { attribute: false },
    pins: { attribute: false },
    extent: { attribute: false },
  };

  constructor() {
    super();
    /** @type {number | null} */
    this.selectedCall = null;
    /** @type {number | null} */
    this.selectedTeam = null;
    /** Ways to drive; a bare list of [lon, lat] is a way by road. @type {(number[][] | import("./route-line.js").Way)[]} */
    this.route = [];
    /** Ways that were driven. @type {number[][][]} */
    this.track = [];
    /** @type {Point | null} */
    this.pin = null;
    this.picking = false;
    /** What to draw instead of the live picture. @type {Picture | null} */
    this.picture = null;
    /** What the map shows at once instead of all that there is. @type {Point[] | null} */
    this.extent = null;
    /** @type {import("../types.js").CoverageAnswer | null} */
    this.coverage = null;
    /** Squares of a comparison, below all marks. @type {import("./map-marks.js").Cell[]} */
    this.cells = [];
    /** Named places that are not there yet. @type {import("./map-marks.js").Pin[]} */
    this.pins = [];
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
    this.circles = false;
    /** Milliseconds of the main thread for the latest batch. */
    this.lastBatchMs = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.drawTimer = undefined;
    this.drawnAt = 0;
    /** Whether more than positions has changed since the last drawing. */
    this.changed = true;
    /** The stations and hospitals that are drawn. @type {unknown[]} */
    this.places = [];
    /** @type {MapTip | null} */
    this.tip = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.store.onPositions(() => this.drawSoon()));
    this.stops.push(onPrefs(() => this.followTheme()));
    const ageing = setInterval(() => this.drawSoon(), AGEING_MS);
    this.stops.push(() => clearInterval(ageing));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.drawTimer);
    this.drawTimer = undefined;
    this.tip?.hide();
    this.map?.remove();
    this.map = null;
    this.ready = false;
  }

  storeChanged() {
    void this.followMap();
    this.changed = true;
    this.drawSoon();
  }

  render() {
    return html`<div class="map-canvas" role="region" aria-label=${t("map.label")} @keydown=${this.keyed}></div><div class="map-tip" hidden></div>
      ${this.problem ? html`<div class="map-problem"><p>${t("map.unavailable")}</p><p class="muted">${this.problem}</p></div>` : nothing}`;
  }

  firstUpdated() {
    void this.create();
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    if (!this.ready) return;
    if (changed.has("route")) this.drawRoute();
    if (changed.has("track")) this.drawTrack();
    if (changed.has("pin") || changed.has("pins")) this.drawPins();
    if (changed.has("coverage")) this.drawCoverage();
    if (changed.has("cells")) this.drawCells();
    if (changed.has("extent") && this.extent && !sameExtent(changed.get("extent"), this.extent)) this.fit(true);
    if (changed.has("picture") || changed.has("selectedCall") || changed.has("selectedTeam")) {
      this.changed = true;
      this.draw();
    }
    this.classList.toggle("picking", this.picking);
    if (changed.has("picking") && this.map) this.map.getCanvas().classList.toggle("picking", this.picking);
  }

  /** @param {{center?: [number, number], zoom?: number}} [view] */
  async create(view = {}) {
    try {
      const [region] = await Promise.all([regionInUse(), mapFonts()]);
      if (!this.isConnected) return;
      // As it is by now: whoever changes the theme before there is a map would be passed over.
      this.theme = prefs.theme;
      this.region = region;
      const map = newMap(/** @type {HTMLElement} */ (this.find(".map-canvas")), region, this.theme, view);
      this.map = map;
      map.on("load", () => this.loaded(!view.center));
      map.on("moveend", () => {
        const { lat, lng } = map.getCenter();
        this.emit("map-moved", { lat, lon: lng });
      });
      // Teams that cover each other are gathered anew for each zoom.
      map.on("zoomend", () => this.draw());
      map.on("click", (event) => this.clicked(event));
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
    this.tip?.hide();
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
    for (const [name, image] of mapImages(this.theme)) map.addImage(name, image, { pixelRatio: 2 });
    for (const source of MARK_SOURCES) map.addSource(source, { type: "geojson", data: collection([]) });
    for (const layer of markLayers(this.theme)) map.addLayer(layer);
    this.tip = new MapTip(map, /** @type {HTMLElement} */ (this.find(".map-tip")), this.store, MARK_LAYERS);
    this.ready = true;
    this.changed = true;
    this.places = [];
    map.getCanvas().classList.toggle("picking", this.picking);
    this.draw();
    this.drawRoute();
    this.drawTrack();
    this.drawPins();
    this.drawCoverage();
    this.drawCells();
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
      teams.push({
        id: team.id, name: team.name, state: this.store.teamState(team.id), lat: position.lat, lon: position.lon, ageS, stale,
        heading: position.heading_deg ?? null, speed: position.speed_mps ?? null,
      });
    }
    return { calls: this.changed || this.picture ? [...this.store.calls.values()] : [], teams };
  }

  draw() {
    const map = this.map;
    if (!this.ready || !map) return;
    const started = performance.now();
    const whole = this.changed;
    const picture = this.picture ?? this.livePicture();
    this.showCircles(this.software && picture.teams.length > CIRCLES_FROM_TEAMS);
    this.set("teams", teamFeatures(picture.teams, map.getZoom(), this.selectedTeam, this.circles));
    if (whole || this.selectedTeam !== null) {
      const calls = whole ? picture.calls : [...this.store.calls.values()];
      this.set("chosen", chosenFeatures({ calls, teams: picture.teams }, this.selectedCall, this.selectedTeam));
    }
    if (whole) {
      this.changed = false;
      this.set("calls", callFeatures(picture.calls));
      this.dataset.calls = String(picture.calls.filter((call) => call.location).length);
      this.drawPlaces();
    }
    this.drawnAt = performance.now();
    this.lastBatchMs = this.drawnAt - started;
    this.dataset.teams = String(picture.teams.length);
    this.dataset.stale = String(picture.teams.filter((team) => team.stale).length);
    if (!this.fitted) this.fit(false);
  }

  /** @param {boolean} circles */
  showCircles(circles) {
    if (circles === this.circles) return;
    this.circles = circles;
    this.map?.setLayoutProperty("teams", "visibility", circles ? "none" : "visible");
    this.map?.setLayoutProperty("teams-circles", "visibility", circles ? "visible" : "none");
  }

  drawPlaces() {
    const places = [...this.store.stations.values(), ...this.store.hospitals.values()];
    if (places.length === this.places.length && places.every((place, index) => place === this.places[index])) return;
    this.places = places;
    this.set("places", placeFeatures(this.store.stations.values(), this.store.hospitals.values()));
  }

  drawRoute() {
    const ways = this.route.map((item) => (Array.isArray(item) ? { line: item, approximate: false } : item));
    this.set("route", lineFeatures(ways));
    this.dataset.route = String(ways.length);
    this.dataset.routeApproximate = String(ways.filter((way) => way.approximate).length);
  }

  drawTrack() {
    this.set("track", lineFeatures(this.track.map((line) => ({ line, approximate: false }))));
    this.dataset.track = String(this.track.length);
  }

  drawCoverage() {
    this.set("coverage", zoneFeatures(this.coverage));
    this.set("bare", bareFeatures(this.coverage));
    this.dataset.zones = String(this.coverage?.zones.length ?? 0);
  }

  drawPins() {
    this.set("pin", pinFeatures([...this.pins, this.pin]));
    this.dataset.pins = String(this.pins.length);
  }

  drawCells() {
    this.set("cells", cellFeatures(this.cells));
    this.dataset.cells = String(this.cells.length);
  }

  /** @param {string} name @param {any[]} features */
  set(name, features) {
    const source = /** @type {maplibregl.GeoJSONSource | undefined} */ (this.map?.getSource(name));
    source?.setData(collection(features));
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
    const teams = this.picture?.teams ?? this.livePicture().teams;
    for (const call of this.picture?.calls ?? this.store.calls.values()) if (call.location) bounds.extend([call.location.lon, call.location.lat]);
    for (const team of teams) bounds.extend([team.lon, team.lat]);
    for (const place of this.store.stations.values()) bounds.extend([place.location.lon, place.location.lat]);
    for (const place of this.store.hospitals.values()) bounds.extend([place.location.lon, place.location.lat]);
    if (bounds.isEmpty()) return;
    this.fitted = true;
    this.map?.fitBounds(bounds, { padding: 60, maxZoom: 14, animate });
  }

  /** @param {Point | null | undefined} place @param {number} [zoom] */
  look(place, zoom = 14) {
    if (!place || !this.map) return;
    this.map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(this.map.getZoom(), zoom), duration: 300 });
  }

  /** Lets the arrows move the map: for whoever points at a place without a pointer. */
  takeKeyboard() {
    this.map?.getCanvas().focus();
  }

  /** While a place is looked for, Enter takes the middle of the map. @param {KeyboardEvent} event */
  keyed(event) {
    if (!this.picking || !this.map || (event.code !== "Enter" && event.code !== "NumpadEnter")) return;
    event.preventDefault();
    const { lat, lng } = this.map.getCenter();
    this.emit("map-point", { lat, lon: lng });
  }

  /** @param {maplibregl.MapMouseEvent} event */
  clicked(event) {
    if (this.picking) {
      this.emit("map-point", { lat: event.lngLat.lat, lon: event.lngLat.lng });
      return;
    }
    const { x, y } = event.point;
    const found = this.map?.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: LAYERS_CLICKED });
    const first = found?.find((feature) => feature.layer.id === "calls") ?? found?.[0];
    if (!first) {
      const [cell] = this.map?.queryRenderedFeatures([x, y], { layers: ["cells"] }) ?? [];
      if (cell) this.emit("map-cell", Number(cell.properties.index));
      return;
    }
    const { id, ids } = first.properties;
    if (first.layer.id === "calls") this.emit("map-call", Number(id));
    else if (ids) this.emit("map-teams", String(ids).split(",").map(Number));
    else this.emit("map-team", Number(id));
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
