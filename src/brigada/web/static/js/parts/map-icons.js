// Marks of the map, drawn once for each theme: teams lie flat and their shape tells the state, hollow with "?" tells an
// old position; calls stand on a stem, so that a crew at the place is seen beneath.

import { t } from "../core/i18n.js";

const SIZE = 26;
// A call's sign and the stem under it.
const PIN_HEIGHT = 36;
const RATIO = 2;

/** @typedef {{free: string, going: string, scene: string, ended: string, halo: string, alarm: string, important: string, common: string, text: string, place: string, bare: string}} Palette */

/** @type {Record<string, Palette>} */
export const PALETTES = {
  day: {
    free: "#1d6a3f", going: "#17568f", scene: "#5b3a8c", ended: "#5d6873", halo: "#ffffff",
    alarm: "#b3201c", important: "#8a5300", common: "#2f5d76", text: "#17212b", place: "#3d4a55", bare: "#8a5300",
  },
  night: {
    free: "#85d3a4", going: "#8cc2f5", scene: "#c9aef0", ended: "#a3afba", halo: "#0c131a",
    alarm: "#ff8f86", important: "#f0bb62", common: "#9cc6de", text: "#e6edf3", place: "#b4c0ca", bare: "#f0bb62",
  },
};

/** @type {Record<string, (c: CanvasRenderingContext2D) => void>} */
const SHAPES = {
  square: (c) => c.rect(5, 5, 16, 16),
  triangle: (c) => polygon(c, [[13, 3], [23, 21], [3, 21]]),
  circle: (c) => c.arc(13, 13, 9, 0, Math.PI * 2),
  arrow: (c) => polygon(c, [[13, 2], [22, 23], [13, 18.5], [4, 23]]),
  diamond: (c) => polygon(c, [[13, 2], [24, 13], [13, 24], [2, 13]]),
  hexagon: (c) => polygon(c, [[7, 3], [19, 3], [25, 13], [19, 23], [7, 23], [1, 13]]),
};

/** A team that can't be sent, though it has no call. */
export const RESTING = ["break", "off_shift", "no_car"];
/** A team that stands about. */
export const PARKED = ["free", ...RESTING];

/** The shape and the colour of each state of a team. @type {Record<string, [string, keyof Palette]>} */
const TEAM_MARKS = {
  free: ["square", "free"],
  assigned: ["arrow", "going"],
  acknowledged: ["arrow", "going"],
  en_route: ["arrow", "going"],
  on_scene: ["circle", "scene"],
  transporting: ["diamond", "scene"],
  at_hospital: ["diamond", "scene"],
  break: ["square", "ended"],
  off_shift: ["square", "ended"],
  no_car: ["square", "ended"],
};

/** @type {Record<string, [string, keyof Palette, string]>} */
const CALL_MARKS = {
  critical: ["hexagon", "alarm", "1"],
  important: ["triangle", "important", "2"],
  common: ["circle", "common", "3"],
};

/** @param {CanvasRenderingContext2D} c @param {number[][]} points */
function polygon(c, points) {
  points.forEach(([x, y], index) => (index === 0 ? c.moveTo(x ?? 0, y ?? 0) : c.lineTo(x ?? 0, y ?? 0)));
  c.closePath();
}

/** @param {(c: CanvasRenderingContext2D) => void} paint @param {number} [height] */
function draw(paint, height = SIZE) {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE * RATIO;
  canvas.height = height * RATIO;
  const c = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  c.scale(RATIO, RATIO);
  c.lineJoin = "round";
  paint(c);
  return c.getImageData(0, 0, SIZE * RATIO, height * RATIO);
}

/**
 * @param {CanvasRenderingContext2D} c @param {string} shape @param {string} colour @param {string} halo
 * @param {boolean} hollow @param {string} text
 */
function mark(c, shape, colour, halo, hollow, text) {
  const path = SHAPES[shape] ?? SHAPES.circle;
  c.beginPath();
  path?.(c);
  c.lineWidth = 4;
  c.strokeStyle = halo;
  c.stroke();
  c.fillStyle = hollow ? halo : colour;
  c.fill();
  c.lineWidth = 2;
  c.strokeStyle = colour;
  c.stroke();
  if (!text) return;
  c.font = `700 ${shape === "triangle" || shape === "arrow" ? 11 : 13}px "PT Sans", sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillStyle = hollow ? colour : halo;
  c.fillText(text, 13, shape === "triangle" || shape === "arrow" ? 15.5 : 13.5);
}

/** A call's sign on its stem; the foot of the stem is the place. @param {CanvasRenderingContext2D} c @param {string} colour @param {string} halo @param {() => void} sign */
function onStem(c, colour, halo, sign) {
  for (const [width, style] of /** @type {Array<[number, string]>} */ ([[5, halo], [2, colour]])) {
    c.beginPath();
    c.moveTo(13, 20);
    c.lineTo(13, PIN_HEIGHT - 2.5);
    c.lineCap = "round";
    c.lineWidth = width;
    c.strokeStyle = style;
    c.stroke();
  }
  c.beginPath();
  c.arc(13, PIN_HEIGHT - 3, 2, 0, Math.PI * 2);
  c.fillStyle = colour;
  c.fill();
  sign();
}

/** Several parked teams in one place: a second square behind the first. @param {CanvasRenderingContext2D} c @param {string} colour @param {string} halo @param {boolean} hollow */
function stack(c, colour, halo, hollow) {
  for (const [x, y] of /** @type {Array<[number, number]>} */ ([[6, 2], [2, 6]])) {
    c.beginPath();
    c.roundRect(x, y, 18, 18, 2);
    c.lineWidth = 4;
    c.strokeStyle = halo;
    c.stroke();
    c.fillStyle = hollow ? halo : colour;
    c.fill();
    c.lineWidth = 1.8;
    c.strokeStyle = colour;
    c.stroke();
  }
}

/** All pictures of a theme by name. @param {"day" | "night"} theme @returns {Array<[string, ImageData]>} */
export function mapImages(theme) {
  const colours = /** @type {Palette} */ (PALETTES[theme]);
  /** @type {Array<[string, ImageData]>} */
  const images = [];
  for (const [state, [shape, colour]] of Object.entries(TEAM_MARKS)) {
    images.push([`team-${state}`, draw((c) => mark(c, shape, colours[colour], colours.halo, false, ""))]);
    images.push([`team-${state}-stale`, draw((c) => mark(c, shape, colours[colour], colours.halo, true, "?"))]);
  }
  for (const [criticality, [shape, colour, number]] of Object.entries(CALL_MARKS)) {
    for (const [name, hollow] of /** @type {Array<[string, boolean]>} */ ([["", false], ["-work", true]])) {
      const sign = (/** @type {CanvasRenderingContext2D} */ c) => mark(c, shape, colours[colour], colours.halo, hollow, number);
      images.push([`call-${criticality}${name}`, draw((c) => onStem(c, colours[colour], colours.halo, () => sign(c)), PIN_HEIGHT)]);
    }
  }
  for (const state of PARKED) {
    const colour = colours[TEAM_MARKS[state]?.[1] ?? "ended"];
    images.push([`stack-${state}`, draw((c) => stack(c, colour, colours.halo, false))]);
    images.push([`stack-${state}-stale`, draw((c) => stack(c, colour, colours.halo, true))]);
  }
  images.push(["station", draw((c) => place(c, colours, t("map.stationLetter")))]);
  images.push(["hospital", draw((c) => place(c, colours, "H"))]);
  images.push(["hospital-closed", draw((c) => place(c, colours, "×"))]);
  images.push(["pin", draw((c) => pin(c, colours.going, colours.halo, ""))]);
  images.push(["pin-alarm", draw((c) => pin(c, colours.alarm, colours.halo, "!"))]);
  return images;
}

/** @param {CanvasRenderingContext2D} c @param {Palette} colours @param {string} letter */
function place(c, colours, letter) {
  c.beginPath();
  c.roundRect(5, 5, 16, 16, 3);
  c.fillStyle = colours.halo;
  c.fill();
  c.lineWidth = 1.5;
  c.strokeStyle = colours.place;
  c.stroke();
  c.fillStyle = colours.place;
  c.font = '700 12px "PT Sans", sans-serif';
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(letter, 13, 13.5);
}

/** @param {CanvasRenderingContext2D} c @param {string} colour @param {string} halo @param {string} sign a dot when empty */
function pin(c, colour, halo, sign) {
  c.beginPath();
  c.moveTo(13, 25);
  c.bezierCurveTo(3, 14, 4, 2, 13, 2);
  c.bezierCurveTo(22, 2, 23, 14, 13, 25);
  c.fillStyle = colour;
  c.fill();
  c.lineWidth = 2;
  c.strokeStyle = halo;
  c.stroke();
  c.fillStyle = halo;
  if (sign) {
    c.font = '700 13px "PT Sans", sans-serif';
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(sign, 13, 11);
    return;
  }
  c.beginPath();
  c.arc(13, 10, 3, 0, Math.PI * 2);
  c.fill();
}
