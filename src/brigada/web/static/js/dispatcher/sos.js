// Calls for help from cars: always in sight, whatever card is open; who, where, since when. Over when somebody takes it.

import { api, post } from "../core/api.js";
import { everySecond } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, clockTime, duration, shortName } from "../core/format.js";
import { t } from "../core/i18n.js";
import { ruleTitle } from "./attention.js";
import { desk } from "./desk.js";

/** @typedef {import("../types.js").Attention} Item */
/** @typedef {import("../core/store.js").Store} Store */

// A place that is so much older than the alarm itself is said to be old.
const PLACE_OLD_MS = 30_000;

/** Those that nobody has taken, the oldest first. @param {Store} store @returns {Item[]} */
export function openAlarms(store) {
  return [...store.attention.values()].filter((item) => item.car_id && !item.ended_at).sort((a, b) => Date.parse(a.raised_at) - Date.parse(b.raised_at));
}

/** Marks for the map. @param {Store} store */
export function alarmPins(store) {
  return openAlarms(store).flatMap((item) => (item.location ? [{ ...item.location, alarm: true, name: t("sos.mark", { car: item.car_number ?? "" }) }] : []));
}

/** The team, its crew and its car, as far as they are known. @param {Store} store @param {Item} item */
export function whose(store, item) {
  const team = item.team_id === null ? undefined : store.teams.get(item.team_id);
  const crew = (team?.members ?? []).map((member) => shortName(member)).join(", ");
  return [team ? t("team.short", { name: team.name }) : "", item.car_number ?? "", crew].filter(Boolean).join(" · ");
}

/** @param {Item} item */
export function takeAlarm(item) {
  void desk.command(async () => {
    await post(`/attention/${item.id}/acknowledge`);
  });
}

/** @param {{lat: number, lon: number}} place */
const placeKey = ({ lat, lon }) => `${lat},${lon}`;

class SosBar extends Element {
  constructor() {
    super();
    /** The nearest address of each place of an alarm; empty while it is asked for. @type {Map<string, string>} */
    this.addresses = new Map();
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
  }

  tick() {
    for (const element of this.querySelectorAll("time[data-from]")) element.textContent = duration(ageS(element.getAttribute("data-from")));
  }

  updated() {
    this.tick();
  }

  /** @param {Item} item */
  askAddress(item) {
    if (!item.location) return;
    const key = placeKey(item.location);
    if (this.addresses.has(key)) return;
    this.addresses.set(key, "");
    api(`/geocode/reverse?lat=${item.location.lat}&lon=${item.location.lon}`)
      .then((answer) => {
        if (!answer?.label) return;
        this.addresses.set(key, answer.label);
        this.requestUpdate();
      })
      .catch(() => undefined);
  }

  /** @param {Item} item */
  place(item) {
    if (!item.location) return t("sos.noPlace");
    const { lat, lon } = item.location;
    const place = this.addresses.get(placeKey(item.location)) || `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
    const old = item.place_at && Date.parse(item.since) - Date.parse(item.place_at) > PLACE_OLD_MS;
    return old ? `${place} (${t("sos.placeOld", { time: clockTime(item.place_at) })})` : place;
  }

  /** @param {Item} item */
  show(item) {
    if (item.team_id !== null && this.store.teams.has(item.team_id)) desk.openTeam(item.team_id);
    if (item.location) this.emit("look-point", item.location);
  }

  /** @param {Item} item */
  row(item) {
    this.askAddress(item);
    const who = whose(this.store, item);
    return html`<div class="alarm-bar sos" role="alert"><span class="sos-text"><b>⚠ ${ruleTitle(this.store, item.rule)}</b> <span>${who}</span>
        <span>${this.place(item)}</span> <span>${clockTime(item.since)}</span> <time data-from=${item.since} aria-live="off"></time></span>
      <button type="button" class="button small" @click=${() => this.show(item)}>${t("action.onMap")}</button>
      <button type="button" class="button small" ?disabled=${!desk.canCommand || desk.busy} aria-label="${t("attention.take")}: ${ruleTitle(this.store, item.rule)}, ${who}" @click=${() => takeAlarm(item)}>${t("attention.take")}</button></div>`;
  }

  render() {
    if (this.store.phase !== "ready") return nothing;
    return openAlarms(this.store).map((item) => this.row(item));
  }
}
customElements.define("br-sos", SosBar);
