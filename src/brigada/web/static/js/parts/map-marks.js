// What the map draws, as GeoJSON out of a picture; no page and no map here.

import { duration } from "../core/format.js";
import { activeOf } from "../core/store.js";
import { PARKED } from "./map-icons.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {{id: number, name: string, state: string, lat: number, lon: number, ageS: number, stale: boolean, heading?: number | null, speed?: number | null}} TeamMark
 * @typedef {{calls: Call[], teams: TeamMark[]}} Picture
 * @typedef {{south: number, west: number, north: number, east: number}} Square
 * @typedef {Square & {tone: "good" | "bad" | "plain", weight: number, label: string}} Cell A square of the ground: what it says, and how strongly
 *   (0 to 1).
 * @typedef {import("../types.js").Point & {name?: string, alarm?: boolean}} Pin
 */

// Marks nearer than that cover each other, pixels.
const APART_PX = 17;
const MOVING = ["en_route", "transporting"];
// Slower than walking: the heading of a car that stands is chance.
const MOVES_MPS = 1;
const NAMES_SHOWN = 4;
const TILE_PX = 512;

/** @param {number} lon @param {number} lat @param {Record<string, unknown>} properties */
const point = (lon, lat, properties) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });

/** @param {any[]} features @returns {any} */
export const collection = (features) => ({ type: "FeatureCollection", features });

/** Pixels of the world at a zoom (Web Mercator). @param {number} lon @param {number} lat @param {number} zoom @returns {[number, number]} */
function pixels(lon, lat, zoom) {
  const size = TILE_PX * 2 ** zoom;
  const sin = Math.sin((lat * Math.PI) / 180);
  return [((lon + 180) / 360) * size, (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * size];
}

/**
 * Teams that stand on each other at this zoom, gathered: each is found by its first one.
 * @param {TeamMark[]} teams @param {number} zoom @param {number | null} chosen never gathered
 * @returns {TeamMark[][]}
 */
export function gathered(teams, zoom, chosen) {
  /** @type {Map<string, Array<{x: number, y: number, members: TeamMark[]}>>} */
  const cells = new Map();
  /** @type {TeamMark[][]} */
  const groups = [];
  for (const team of teams) {
    if (team.id === chosen || !PARKED.includes(team.state)) {
      groups.push([team]);
      continue;
    }
    const [x, y] = pixels(team.lon, team.lat, zoom);
    const kind = `${team.state}${team.stale ? "?" : ""}`;
    const column = Math.floor(x / APART_PX);
    const row = Math.floor(y / APART_PX);
    let found;
    for (let dx = -1; dx <= 1 && !found; dx += 1) {
      for (let dy = -1; dy <= 1 && !found; dy += 1) {
        found = cells.get(`${kind}/${column + dx}/${row + dy}`)?.find((group) => Math.hypot(group.x - x, group.y - y) < APART_PX);
      }
    }
    if (found) {
      found.members.push(team);
      continue;
    }
    const group = { x, y, members: [team] };
    const key = `${kind}/${column}/${row}`;
    cells.set(key, [...(cells.get(key) ?? []), group]);
    groups.push(group.members);
  }
  return groups;
}

/** @param {TeamMark[]} group */
function names(group) {
  const first = group.slice(0, NAMES_SHOWN).map((team) => team.name).join(", ");
  return group.length > NAMES_SHOWN ? `${first} …` : first;
}

/** @param {TeamMark[]} group */
function teamFeature(group) {
  const team = /** @type {TeamMark} */ (group[0]);
  const stale = team.stale ? "-stale" : "";
  if (group.length > 1) {
    return point(team.lon, team.lat, {
      ids: group.map((member) => member.id).join(","), state: team.state, stale: team.stale, icon: `stack-${team.state}${stale}`,
      count: team.stale ? `${group.length}?` : String(group.length), label: names(group), turn: 0,
    });
  }
  const turns = !team.stale && MOVING.includes(team.state) && (team.speed ?? 0) > MOVES_MPS && team.heading != null;
  const label = team.stale && Number.isFinite(team.ageS) ? `${team.name} · ${duration(team.ageS)}` : team.name;
  return point(team.lon, team.lat, { id: team.id, state: team.state, stale: team.stale, icon: `team-${team.state}${stale}`, count: "", label, turn: turns ? team.heading : 0 });
}

/** @param {TeamMark[]} teams @param {number} zoom @param {number | null} chosen @param {boolean} alone each by itself */
export const teamFeatures = (teams, zoom, chosen, alone) => (alone ? teams.map((team) => [team]) : gathered(teams, zoom, chosen)).map(teamFeature);

/** Calls as pins; those of one house stand side by side. @param {Call[]} calls */
export function callFeatures(calls) {
  /** @type {Map<string, number>} */
  const taken = new Map();
  const features = [];
  for (const call of calls) {
    if (!call.location) continue;
    const { lat, lon } = call.location;
    const key = `${lat.toFixed(4)}/${lon.toFixed(4)}`;
    const slot = taken.get(key) ?? 0;
    taken.set(key, slot + 1);
    const work = activeOf(call).length > 0;
    const order = (work ? 0 : 10) + (call.criticality === "critical" ? 3 : call.criticality === "important" ? 2 : 1);
    features.push(point(lon, lat, { id: call.id, icon: `call-${call.criticality}${work ? "-work" : ""}`, order, slot: slot % 5 }));
  }
  return features;
}

/** The ring around what is open. @param {Picture} picture @param {number | null} callId @param {number | null} teamId */
export function chosenFeatures(picture, callId, teamId) {
  const call = callId === null ? undefined : picture.calls.find((item) => item.id === callId);
  const team = teamId === null ? undefined : picture.teams.find((item) => item.id === teamId);
  const features = [];
  if (call?.location) features.push(point(call.location.lon, call.location.lat, { raised: true }));
  if (team) features.push(point(team.lon, team.lat, { raised: false }));
  return features;
}

/** @param {Iterable<import("../types.js").Station>} stations @param {Iterable<import("../types.js").Hospital>} hospitals */
export const placeFeatures = (stations, hospitals) => [
  ...[...stations].map((place) => point(place.location.lon, place.location.lat, { icon: "station", name: place.name })),
  ...[...hospitals].map((place) => point(place.location.lon, place.location.lat, { icon: place.accepting === false ? "hospital-closed" : "hospital", name: place.name })),
];

/** @param {import("./route-line.js").Way[]} ways @returns {any[]} */
export const lineFeatures = (ways) => ways.map(({ line, approximate }) => ({ type: "Feature", geometry: { type: "LineString", coordinates: line }, properties: { approximate } }));

/** @param {Square} square */
const outline = ({ south, west, north, east }) => ({ type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] });

/** Squares with their chance of being reached in time. @param {import("../types.js").CoverageAnswer | null} coverage @returns {any[]} */
export const zoneFeatures = (coverage) =>
  (coverage?.zones ?? []).map((zone) => ({ type: "Feature", geometry: outline(zone), properties: { covered: zone.covered, demand: zone.demand } }));

/** Squares that a comparison has coloured; each is found again by its place in the list. @param {Cell[]} cells @returns {any[]} */
export const cellFeatures = (cells) =>
  cells.map((cell, index) => ({ type: "Feature", geometry: outline(cell), properties: { index, tone: cell.tone, weight: cell.weight, label: cell.label } }));

// Less than a thousandth of the demand is nothing to point at.
const WORTH = 0.001;

/** The barest places by their number. @param {import("../types.js").CoverageAnswer | null} coverage */
export const bareFeatures = (coverage) =>
  (coverage?.barest ?? []).filter((place) => place.uncovered >= WORTH).map((place, index) => point(place.location.lon, place.location.lat, { number: String(index + 1) }));

/** @param {Array<Pin | null>} pins */
export const pinFeatures = (pins) => pins.flatMap((pin) => (pin ? [point(pin.lon, pin.lat, { name: pin.name ?? "", icon: pin.alarm ? "pin-alarm" : "pin" })] : []));
