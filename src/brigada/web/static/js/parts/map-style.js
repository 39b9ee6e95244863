// The look of the base map in two themes. The layers and their classes are those of the service's own tiles.

/** @typedef {import("../../vendor/maplibre-gl.mjs").StyleSpecification} StyleSpecification */

const GROUND = {
  day: {
    land: "#f3f2ee", residential: "#eceae5", works: "#e6e3e2", green: "#d9e8d2", field: "#f0efdf", care: "#f6e3e1",
    water: "#b5d2e6", building: "#dcd7cf", edge: "#c9c3ba", roadCase: "#c2beb5", road: "#ffffff", major: "#fae3a6",
    path: "#c9b79c", rail: "#a9a6a1", text: "#454b51", halo: "#ffffff", border: "#9d97a6", waterText: "#2b5f86",
    greenText: "#3d6a37", poiText: "#5a5148",
  },
  night: {
    land: "#151c23", residential: "#192129", works: "#1b222b", green: "#182820", field: "#1b221f", care: "#2b2225",
    water: "#122a3f", building: "#232d37", edge: "#2c3843", roadCase: "#0e1419", road: "#35424e", major: "#5a543c",
    path: "#3a3f3f", rail: "#333d46", text: "#a9b5bf", halo: "#11171d", border: "#55606b", waterText: "#7fa9c9",
    greenText: "#86a97d", poiText: "#a39a8c",
  },
};

const FONT = ["PT Sans"];

/** @param {number} thin @param {number} wide @returns {any} */
const width = (thin, wide) => ["interpolate", ["exponential", 1.5], ["zoom"], 9, thin, 18, wide];

/** @param {string[]} classes @returns {any} */
const of = (...classes) => ["match", ["get", "class"], classes, true, false];

/** @typedef {{id: string, classes: string[], thin: number, wide: number, big: boolean}} RoadKind */

/** From the least to the greatest: the greater is drawn over the less. @type {RoadKind[]} */
const ROADS = [
  { id: "service", classes: ["service", "track", "pedestrian", "construction"], thin: 0.1, wide: 8, big: false },
  { id: "street", classes: ["residential", "unclassified", "living_street"], thin: 0.3, wide: 14, big: false },
  { id: "middle", classes: ["tertiary", "secondary"], thin: 0.8, wide: 19, big: false },
  { id: "major", classes: ["primary", "trunk", "motorway"], thin: 1.4, wide: 24, big: true },
];

/** @param {typeof GROUND.day} c @returns {any[]} */
function areas(c) {
  /** @param {string} id @param {string} colour @param {string[]} classes */
  const land = (id, colour, ...classes) => ({ id, type: "fill", source: "base", "source-layer": "land", filter: of(...classes), paint: { "fill-color": colour } });
  return [
    land("residential", c.residential, "residential"),
    land("works", c.works, "industrial", "commercial", "railway", "military", "parking", "aerodrome"),
    land("field", c.field, "farmland", "sand", "rock", "allotments"),
    land("green", c.green, "forest", "park", "grass", "scrub", "wetland", "cemetery", "pitch"),
    land("school", c.works, "school"),
    land("care", c.care, "hospital"),
    { id: "water", type: "fill", source: "base", "source-layer": "water", paint: { "fill-color": c.water } },
    { id: "waterways", type: "line", source: "base", "source-layer": "waterways", paint: { "line-color": c.water, "line-width": ["interpolate", ["linear"], ["zoom"], 8, ["match", ["get", "class"], "river", 1, 0.4], 16, ["match", ["get", "class"], "river", 8, 2]] } },
    { id: "buildings", type: "fill", source: "base", "source-layer": "buildings", minzoom: 13, paint: { "fill-color": c.building, "fill-outline-color": c.edge } },
    { id: "boundaries", type: "line", source: "base", "source-layer": "boundaries", paint: { "line-color": c.border, "line-dasharray": [4, 2], "line-opacity": 0.6 } },
  ];
}

/** @param {typeof GROUND.day} c @returns {any[]} */
function lines(c) {
  const round = { "line-cap": "round", "line-join": "round" };
  const cases = ROADS.map(({ id, classes, thin, wide }) => ({ id: `${id}-case`, type: "line", source: "base", "source-layer": "roads", minzoom: id === "service" ? 14 : 11, filter: of(...classes), layout: round, paint: { "line-color": c.roadCase, "line-width": width(thin + 0.9, wide + 2.5) } }));
  const roads = ROADS.map(({ id, classes, thin, wide, big }) => ({ id, type: "line", source: "base", "source-layer": "roads", filter: of(...classes), layout: round, paint: { "line-color": big ? c.major : c.road, "line-width": width(thin, wide) } }));
  return [
    { id: "paths", type: "line", source: "base", "source-layer": "roads", minzoom: 14, filter: of("footway", "path", "cycleway", "steps"), paint: { "line-color": c.path, "line-width": 1, "line-dasharray": [2, 2] } },
    ...cases,
    { id: "rails", type: "line", source: "base", "source-layer": "rails", paint: { "line-color": c.rail, "line-width": width(0.6, 3), "line-dasharray": [4, 2] } },
    ...roads,
  ];
}

/** @param {typeof GROUND.day} c @returns {any[]} */
function names(c) {
  const paint = { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.4 };
  return [
    { id: "house-numbers", type: "symbol", source: "base", "source-layer": "buildings", minzoom: 16, layout: { "text-field": ["coalesce", ["get", "number"], ""], "text-font": FONT, "text-size": 11 }, paint },
    { id: "road-names", type: "symbol", source: "base", "source-layer": "roads", minzoom: 12.5, filter: ["has", "name"], layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 12 }, paint },
    { id: "water-names", type: "symbol", source: "base", "source-layer": "waterways", minzoom: 11, filter: ["has", "name"], layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 12 }, paint: { ...paint, "text-color": c.waterText } },
    { id: "oneway", type: "symbol", source: "base", "source-layer": "roads", minzoom: 15, filter: ["has", "oneway"], layout: { "symbol-placement": "line", "symbol-spacing": 160, "text-field": ["match", ["get", "oneway"], -1, "←", "→"], "text-font": FONT, "text-size": 13, "text-keep-upright": false }, paint: { "text-color": c.edge, "text-halo-color": c.road, "text-halo-width": 1 } },
    { id: "green-names", type: "symbol", source: "base", "source-layer": "pois", minzoom: 12.5, filter: of("park", "cemetery", "aerodrome"), layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-max-width": 7 }, paint: { ...paint, "text-color": c.greenText } },
    { id: "poi-names", type: "symbol", source: "base", "source-layer": "pois", minzoom: 15, filter: ["all", ["has", "name"], ["!", of("park", "cemetery", "ambulance_station", "hospital", "bus_stop", "aerodrome")]], layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-max-width": 8 }, paint: { ...paint, "text-color": c.poiText } },
    // A settlement's name leaves when its streets are read; its parts stay a little longer.
    { id: "place-names", type: "symbol", source: "base", "source-layer": "places", maxzoom: 16, filter: ["step", ["zoom"], true, 13.5, ["!", of("city", "town")], 14.5, of("neighbourhood", "hamlet", "isolated_dwelling", "locality")], layout: { "text-field": ["get", "name"], "text-font": FONT, "symbol-sort-key": ["match", ["get", "class"], "city", 0, "town", 1, "village", 2, "suburb", 3, 4], "text-size": ["interpolate", ["linear"], ["zoom"], 8, 12, 14, ["match", ["get", "class"], ["city", "town"], 18, 15]] }, paint },
  ];
}

/** The whole address of the tiles, with its {z}, {x} and {y}. @param {string} path */
export const tilesUrl = (path) => new URL(path, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}");

/** @typedef {{name: string, build: string, attribution: string, tiles: string | null, min_zoom: number | null, max_zoom: number | null, layers: string[], centre: import("../types.js").Point | null}} Region */

/** @param {typeof GROUND.day} c @param {Region | null} region @returns {any[]} */
function ground(c, region) {
  if (!region?.tiles) return [];
  return region.layers.includes("roads") ? [...areas(c), ...lines(c), ...names(c)] : bareRoads(c);
}

/** The router's own tiles, which serve until the region has a base map: roads by their speed, and their names. @param {typeof GROUND.day} c @returns {any[]} */
function bareRoads(c) {
  const round = { "line-cap": "round", "line-join": "round" };
  /** @type {any} */
  const fast = [">=", ["get", "speed"], 60];
  const common = { type: "line", source: "base", "source-layer": "speeds", layout: round };
  return [
    { id: "bare-case", ...common, paint: { "line-color": c.roadCase, "line-width": width(1.6, 17) } },
    { id: "bare", ...common, paint: { "line-color": ["case", fast, c.major, c.road], "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 9, 0.6, 18, ["case", fast, 19, 14]] } },
    { id: "bare-names", type: "symbol", source: "base", "source-layer": "speeds", minzoom: 13, layout: { "symbol-placement": "line", "text-field": ["coalesce", ["get", "name"], ""], "text-font": FONT, "text-size": 12 }, paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.4 } },
  ];
}

/** Plain ground where the service has no region. @param {"day" | "night"} theme @param {Region | null} region @returns {StyleSpecification} */
export function mapStyle(theme, region) {
  const c = GROUND[theme];
  return /** @type {StyleSpecification} */ ({
    version: 8,
    sources: region?.tiles ? { base: { type: "vector", tiles: [tilesUrl(region.tiles)], minzoom: region.min_zoom ?? 5, maxzoom: region.max_zoom ?? 14 } } : {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": c.land } }, ...ground(c, region)],
  });
}
