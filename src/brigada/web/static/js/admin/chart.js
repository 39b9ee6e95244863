// A chart that the server has drawn, set into the page itself: a picture file could not use the page's font, colours and words.

import { api } from "../core/api.js";
import { problemOf } from "../core/attempt.js";
import { Element, html } from "../core/element.js";
import { t } from "../core/i18n.js";

// A chart is drawn in a worker process; the first one of a process takes longest.
const TIMEOUT_MS = 60_000;
const DRAWN = new Set(["svg", "g", "path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan", "defs", "clipPath", "title", "desc", "linearGradient", "stop"]);
// Ink, muted ink, grid and paper of the server's drawings: by night they are the page's own.
const OWN = /** @type {Record<string, string>} */ ({ "#1d2733": "ink", "#5a6672": "muted-ink", "#e3e8ed": "grid", white: "paper" });
const SVG = "http://www.w3.org/2000/svg";

/** Only shapes and text come in: nothing that runs, loads or links. @param {string} text @returns {SVGElement | null} */
function shapesOf(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.nodeName !== "svg") return null;
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!DRAWN.has(element.nodeName)) {
      element.remove();
      continue;
    }
    for (const attribute of [...element.attributes]) {
      if (/^on|href|^style$/i.test(attribute.name)) element.removeAttribute(attribute.name);
    }
    for (const kind of ["fill", "stroke"]) {
      const own = OWN[element.getAttribute(kind) ?? ""];
      if (own) element.classList.add(`${kind}-${own}`);
    }
    explain(element);
    // The drawing is one picture with one name; its numbers are in the table beside it.
    for (const attribute of [...element.attributes]) if (/^(role|aria-.*)$/.test(attribute.name)) element.removeAttribute(attribute.name);
  }
  return /** @type {SVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)));
}

/** What a mark stands for is told to whoever points at it. @param {globalThis.Element} element */
function explain(element) {
  const words = element.getAttribute("aria-label");
  if (!words || element.getAttribute("role") !== "graphics-symbol" || !/^(path|rect|circle)$/.test(element.nodeName)) return;
  // "x: 24.11; y: 12; series: P90": the names are the drawing's own, the values are the reader's.
  const values = words.split("; ").map((part) => part.slice(part.indexOf(": ") + 2));
  const title = element.ownerDocument.createElementNS(SVG, "title");
  title.textContent = [...new Set(values)].join(" · ");
  element.append(title);
}

class Chart extends Element {
  static properties = { path: { type: String }, name: { type: String } };

  constructor() {
    super();
    this.path = "";
    this.name = "";
    /** @type {SVGElement | null} */
    this.drawing = null;
    this.problem = "";
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (changed.has("path") && this.path) void this.load();
  }

  async load() {
    const path = this.path;
    this.drawing = null;
    this.problem = "";
    try {
      const answer = await api(path, { raw: true, timeoutMs: TIMEOUT_MS });
      const drawing = shapesOf(await answer.text());
      if (path !== this.path) return;
      drawing?.setAttribute("role", "img");
      drawing?.setAttribute("aria-label", t("reports.chart", { name: this.name }));
      this.drawing = drawing;
    } catch (error) {
      if (path !== this.path) return;
      this.problem = problemOf(error);
    }
    this.requestUpdate();
  }

  render() {
    if (this.problem) {
      return html`<p class="pane-note" role="alert">${this.problem} <button type="button" class="quiet" @click=${() => void this.load().then(() => this.requestUpdate())}>${t("action.again")}</button></p>`;
    }
    return html`<figure class="chart">${this.drawing ?? html`<p class="muted" role="status">${t("state.loading")}</p>`}</figure>`;
  }
}
customElements.define("br-chart", Chart);
