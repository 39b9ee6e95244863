// A chart that the server has drawn, set into the page itself: a picture file could not use the page's font.

import { ApiProblem, api } from "../core/api.js";
import { Element, html } from "../core/element.js";
import { t } from "../core/i18n.js";

// A chart is drawn in a worker process; the first one of a process takes longest.
const TIMEOUT_MS = 60_000;
const DRAWN = new Set(["svg", "g", "path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan", "defs", "clipPath", "title", "desc", "linearGradient", "stop"]);

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
  }
  return /** @type {SVGElement} */ (/** @type {unknown} */ (document.importNode(root, true)));
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
      this.problem = error instanceof ApiProblem ? error.message : t("error.noLink");
    }
    this.requestUpdate();
  }

  render() {
    if (this.problem) return html`<p class="pane-note" role="alert">${this.problem}</p>`;
    return html`<figure class="chart">${this.drawing ?? html`<p class="muted" role="status">${t("state.loading")}</p>`}</figure>`;
  }
}
customElements.define("br-chart", Chart);
