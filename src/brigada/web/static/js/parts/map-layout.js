// The layers of the marks over the base map, from the lowest to the highest.

import { PALETTES, PARKED, RESTING } from "./map-icons.js";

/** The sources that the marks are drawn from. */
export const MARK_SOURCES = ["coverage", "cells", "bare", "places", "track", "route", "chosen", "teams", "calls", "pin"];
/** What tells something when it is pointed at. */
export const MARK_LAYERS = ["calls", "teams", "teams-circles", "places"];

const FONT = ["PT Sans"];
// From the foot of a call's stem to the middle of its sign, pixels.
const SIGN_UP_PX = -23;

/** How calls of one house stand side by side. @returns {any} */
const beside = () => ["match", ["get", "slot"], 1, ["literal", [20, 0]], 2, ["literal", [-20, 0]], 3, ["literal", [40, 0]], 4, ["literal", [-40, 0]], ["literal", [0, 0]]];

/** @param {"day" | "night"} theme @returns {any[]} */
export function markLayers(theme) {
  const colours = /** @type {import("./map-icons.js").Palette} */ (PALETTES[theme]);
  const label = { "text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.6 };
  const text = { "text-font": FONT, "text-size": 12, "text-offset": [0, 1], "text-anchor": "top", "text-optional": true };
  const line = { "line-join": "round", "line-cap": "round" };
  const state = ["get", "state"];
  const teamColour = ["match", state, "free", colours.free, ["on_scene", "transporting", "at_hospital"], colours.scene, RESTING, colours.ended, colours.going];
  // An old position is hollow here too: a paler one looks like one far away.
  const old = ["get", "stale"];
  const tone = ["match", ["get", "tone"], "good", colours.going, "bad", colours.important, colours.ended];
  return [
    { id: "coverage", type: "fill", source: "coverage", paint: { "fill-color": colours.bare, "fill-opacity": ["interpolate", ["linear"], ["get", "covered"], 0, 0.6, 0.8, 0.3, 0.95, 0.12, 0.999, 0] } },
    { id: "coverage-edge", type: "line", source: "coverage", paint: { "line-color": colours.bare, "line-width": 0.6, "line-opacity": 0.35 } },
    { id: "cells", type: "fill", source: "cells", paint: { "fill-color": tone, "fill-opacity": ["+", 0.1, ["*", 0.5, ["get", "weight"]]] } },
    { id: "cells-edge", type: "line", source: "cells", paint: { "line-color": tone, "line-width": 1, "line-opacity": 0.6 } },
    { id: "track-case", type: "line", source: "track", layout: line, paint: { "line-color": colours.halo, "line-width": 6 } },
    { id: "track", type: "line", source: "track", layout: line, paint: { "line-color": colours.scene, "line-width": 3, "line-dasharray": [1, 1.6] } },
    { id: "route-case", type: "line", source: "route", layout: line, paint: { "line-color": colours.halo, "line-width": 8 } },
    { id: "route", type: "line", source: "route", filter: ["!", ["get", "approximate"]], layout: line, paint: { "line-color": colours.going, "line-width": 4.5 } },
    // A straight-line estimate is no way to drive: it must not look like one.
    { id: "route-approximate", type: "line", source: "route", filter: ["get", "approximate"], paint: { "line-color": colours.going, "line-width": 3, "line-dasharray": [1.5, 2] } },
    { id: "places", type: "symbol", source: "places", layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-size": 0.85, "text-field": ["step", ["zoom"], "", 13, ["get", "name"]], ...text, "text-size": 11 }, paint: label },
    { id: "bare-ground", type: "circle", source: "bare", paint: { "circle-radius": 11, "circle-color": colours.halo, "circle-stroke-color": colours.bare, "circle-stroke-width": 2.5 } },
    { id: "bare", type: "symbol", source: "bare", layout: { "text-field": ["get", "number"], "text-font": FONT, "text-size": 14, "text-allow-overlap": true }, paint: { "text-color": colours.text } },
    { id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 18, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colours.text, "circle-stroke-width": 2.5 }, filter: ["!", ["get", "raised"]] },
    { id: "teams-circles", type: "circle", source: "teams", layout: { visibility: "none" }, paint: { "circle-radius": 5, "circle-color": ["case", old, colours.halo, teamColour], "circle-stroke-color": ["case", old, teamColour, colours.halo], "circle-stroke-width": ["case", old, 2.2, 1.5] } },
    {
      id: "teams", type: "symbol", source: "teams",
      layout: {
        "icon-image": ["get", "icon"], "icon-allow-overlap": true, "icon-rotate": ["get", "turn"], "icon-rotation-alignment": "map",
        "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.75, 13, 1], "text-field": ["get", "label"], ...text,
        // A crew at work lies above those that wait.
        "symbol-sort-key": ["match", state, PARKED, 1, 2],
      },
      paint: label,
    },
    { id: "stack-counts", type: "symbol", source: "teams", filter: ["!=", ["get", "count"], ""], layout: { "text-field": ["get", "count"], "text-font": FONT, "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true, "text-offset": [-0.15, 0.15] }, paint: { "text-color": ["case", ["get", "stale"], teamColour, colours.halo] } },
    { id: "calls", type: "symbol", source: "calls", layout: { "icon-image": ["get", "icon"], "icon-anchor": "bottom", "icon-offset": beside(), "icon-allow-overlap": true, "symbol-sort-key": ["get", "order"] }, paint: label },
    { id: "chosen-call", type: "circle", source: "chosen", filter: ["get", "raised"], paint: { "circle-radius": 17, "circle-translate": [0, SIGN_UP_PX], "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colours.text, "circle-stroke-width": 2.5 } },
    { id: "pin", type: "symbol", source: "pin", layout: { "icon-image": ["get", "icon"], "icon-anchor": "bottom", "icon-allow-overlap": true, "icon-size": 1.3, "text-field": ["get", "name"], ...text, "text-offset": [0, 0.2] }, paint: label },
    { id: "cells-label", type: "symbol", source: "cells", layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12, "text-optional": true }, paint: label },
  ];
}
