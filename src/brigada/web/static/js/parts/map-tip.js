// What a mark under the pointer says: a line of text beside it, nothing to click.

import { callNumber, duration } from "../core/format.js";
import { t } from "../core/i18n.js";

// Looked up this seldom: pointing is slower than a mouse reports.
const LOOK_EVERY_MS = 80;
const REACH_PX = 5;
const BESIDE_PX = 14;

export class MapTip {
  /** @param {import("../../vendor/maplibre-gl.mjs").Map} map @param {HTMLElement} element @param {import("../core/store.js").Store} store @param {string[]} layers */
  constructor(map, element, store, layers) {
    this.map = map;
    this.element = element;
    this.store = store;
    this.layers = layers;
    this.lookedAt = 0;
    map.on("mousemove", (event) => this.moved(event.point));
    map.on("mouseout", () => this.hide());
    map.on("movestart", () => this.hide());
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {{x: number, y: number}} point */
  moved({ x, y }) {
    const now = performance.now();
    if (now - this.lookedAt < LOOK_EVERY_MS || this.map.isMoving()) return;
    this.lookedAt = now;
    const found = this.map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers: this.layers });
    const first = found.find((feature) => feature.layer.id === "calls") ?? found[0];
    const text = first ? this.text(first) : "";
    this.map.getCanvas().classList.toggle("pointing", text !== "" && first?.layer.id !== "places");
    this.element.hidden = text === "";
    if (!text) return;
    this.element.textContent = text;
    const { width, height } = this.map.getCanvas().getBoundingClientRect();
    this.element.classList.toggle("to-left", x > width / 2);
    this.element.style.transform = `translate(${x > width / 2 ? x - BESIDE_PX : x + BESIDE_PX}px, ${Math.min(y + BESIDE_PX, height - 60)}px)`;
  }

  /** @param {{layer: {id: string}, properties: Record<string, any>}} feature */
  text({ layer, properties }) {
    if (layer.id === "places") return String(properties.name);
    if (layer.id === "calls") {
      const call = this.store.calls.get(Number(properties.id));
      return call ? `${callNumber(call)} · ${this.store.reasonOf(call)} · ${call.address}` : "";
    }
    if (properties.ids) return `${t("team.some", { names: this.namesOf(String(properties.ids)) })} · ${t(`teamState.${properties.state}`)}`;
    const team = this.store.teams.get(Number(properties.id));
    if (!team) return "";
    const { ageS, stale } = this.store.fix(team.id);
    const fix = stale ? `? ${t("fix.old", { age: duration(ageS) })}` : t("fix.age", { age: duration(ageS) });
    return `${t("team.short", { name: team.name })} · ${t(`profile.${team.profile}`)} · ${t(`teamState.${this.store.teamState(team.id)}`)} · ${fix}`;
  }

  /** @param {string} ids */
  namesOf(ids) {
    return ids.split(",").map((id) => this.store.teams.get(Number(id))?.name ?? id).join(", ");
  }
}
