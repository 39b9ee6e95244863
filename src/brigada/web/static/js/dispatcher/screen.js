// The dispatcher's screen: list, map, card; alarms; the keyboard.

import { Element, classMap, html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import { chord, isTyping, isWriting } from "../core/keys.js";
import { prefs } from "../core/prefs.js";
import { session } from "../core/session.js";
import { playLinkLost, playNotice, sound, startAlarm, stopAlarm, unlockSound } from "../core/sound.js";
import { activeOf } from "../core/store.js";
import "../parts/link-banner.js";
import "../parts/map.js";
import { routeOf, wayOf } from "../parts/route-line.js";
import "./attention.js";
import "./board.js";
import "./call-card.js";
import "./command.js";
import "./coverage.js";
import { coverageNow } from "./coverage-now.js";
import { desk } from "./desk.js";
import "./freed.js";
import "./header.js";
import "./help.js";
import "./map-layers.js";
import { leftCall } from "./new-call.js";
import "./notices.js";
import "./proposals.js";
import { alarmPins, openAlarms } from "./sos.js";
import { toConfirm } from "./steps-told.js";
import "./team-card.js";
import "./teams.js";

// A screen says again what it shows; after 25 s of silence the colleagues take its card for closed.
const VIEWING_EVERY_MS = 10_000;
const ON_THE_WAY = ["assigned", "acknowledged", "en_route", "transporting"];

class Dispatcher extends Element {
  constructor() {
    super();
    this.started = sound.ready;
    /** The shift was begun, and the browser stayed silent. */
    this.silent = false;
    /** The part that a narrow window shows. @type {"list" | "map" | "card"} */
    this.pane = "list";
    this.linkWas = "";
    this.routeFor = "";
    this.routesAsked = 0;
    /** Ways that the map shows, by assignment. @type {Map<number, import("../parts/route-line.js").Way>} */
    this.ways = new Map();
    /** The card that the colleagues were told of. @type {number | null} */
    this.said = null;
    /** Critical calls that have rung or need not ring. @type {Set<number> | undefined} */
    this.seen = undefined;
    /** Calls for help from cars that were heard here; they stay in sight until somebody takes them. @type {Set<number>} */
    this.hushed = new Set();
    /** Where cars call for help, for the map. @type {ReturnType<typeof alarmPins>} */
    this.alarmPins = [];
  }

  connectedCallback() {
    super.connectedCallback();
    const key = (/** @type {KeyboardEvent} */ event) => this.key(event);
    addEventListener("keydown", key);
    this.stops.push(() => removeEventListener("keydown", key));
    this.stops.push(desk.subscribe(() => this.deskChanged()));
    this.stops.push(this.store.onEvent((event) => this.heard(event)));
    const frames = session.link?.frameListeners;
    const viewing = (/** @type {Record<string, any>} */ frame) => this.viewing(frame);
    frames?.add(viewing);
    this.stops.push(() => frames?.delete(viewing));
    this.stops.push(stopAlarm);
    this.stops.push(coverageNow.watch(() => this.requestUpdate()));
    const again = setInterval(() => this.sayViewing(), VIEWING_EVERY_MS);
    this.stops.push(() => clearInterval(again));
    // A way that could not be had while the link was away.
    this.onReturn(() => {
      this.routeFor = "";
      void this.drawRoute();
    });
    // A screen that loaded after its picture came: the next change may already be a critical call, which must ring.
    this.storeChanged();
  }

  /** Whether a call was typed and left that would be lost with the page. */
  get dirty() {
    return leftCall();
  }

  /** The call whose card is open. */
  get lookedAt() {
    return desk.panel === "call" || desk.panel === "edit" ? desk.callId : null;
  }

  /** Tells the colleagues which card is open now. A closed one is told once: another tab of the same person may have one open. */
  sayViewing() {
    const callId = this.lookedAt;
    if (callId === null && this.said === null) return;
    session.link?.send({ type: "viewing", call_id: callId });
    this.said = callId;
  }

  /** Who looks at which call. @param {Record<string, any>} frame */
  viewing(frame) {
    if (frame.type !== "viewing") return;
    this.store.viewers = new Map();
    for (const item of frame.items ?? []) {
      const others = (item.users ?? []).filter((/** @type {{id: number}} */ user) => user.id !== session.me?.id);
      const names = others.map((/** @type {{name: string}} */ user) => user.name).filter(Boolean);
      if (names.length > 0) this.store.viewers.set(item.call_id, names);
    }
    this.store.changed();
  }

  /** @param {import("../types.js").EventFrame} event */
  heard(event) {
    this.hearWay(event);
    const id = event.data?.call?.id;
    const mine = event.actor?.id != null && event.actor.id === session.me?.id;
    if (id && mine) this.seen?.add(id);
    else if (id && event.kind === "call.waiting_again") this.seen?.delete(id);
    if (/troubled|declined|attention\.escalated/.test(event.kind)) playNotice();
    if (event.kind === "assignment.completed" && event.data?.team?.free) desk.noteFreed(event.data.team.id);
  }

  /** A critical call that waits and was not there before rings, also one that came while the link was away. */
  ring() {
    if (this.store.phase !== "ready") return;
    const waiting = this.store.waiting().filter((call) => call.criticality === "critical");
    // What waits when the page opens is in front of the dispatcher's eyes.
    this.seen ??= new Set(waiting.map((call) => call.id));
    // One that waits no longer rings when it waits again, also when that happens while the link is away.
    for (const id of this.seen) if (!waiting.some((call) => call.id === id)) this.seen.delete(id);
    for (const call of waiting) {
      if (this.seen.has(call.id)) continue;
      this.seen.add(call.id);
      if (desk.callId !== call.id) desk.ringing.add(call.id);
    }
    this.alarm();
  }

  /** Whether a car calls for help and nobody has heard it here. A page that opens sounds too: somebody is in danger. */
  get sounding() {
    return this.store.phase === "ready" && openAlarms(this.store).some((item) => !this.hushed.has(item.id));
  }

  /** The alarm goes on while a critical call that sounded still waits unseen. */
  alarm() {
    for (const id of desk.ringing) {
      const call = this.store.calls.get(id);
      if (!call || activeOf(call).length > 0) desk.ringing.delete(id);
    }
    if (desk.ringing.size > 0 || this.sounding) startAlarm();
    else stopAlarm();
  }

  storeChanged() {
    const link = this.store.link;
    if (link !== this.linkWas) {
      if (link === "lost" && this.linkWas === "live") playLinkLost();
      if (link === "live") {
        // Asks who looks at what, and says what is open here.
        session.link?.send({ type: "viewing" });
        this.sayViewing();
      }
      this.linkWas = link;
    }
    this.ring();
    const pins = alarmPins(this.store);
    if (JSON.stringify(pins) !== JSON.stringify(this.alarmPins)) this.alarmPins = pins;
    void this.drawRoute();
    this.requestUpdate();
  }

  deskChanged() {
    if (desk.panel !== "none" && this.pane === "list") this.pane = "card";
    if (desk.panel === "none" && this.pane === "card") this.pane = "list";
    if (desk.picking) this.pane = "map";
    if (this.lookedAt !== this.said) this.sayViewing();
    this.alarm();
    void this.drawRoute();
    this.requestUpdate();
  }

  /** The assignments whose way the map shows: of the open call, or of the open team. */
  going() {
    const call = desk.panel === "call" && desk.callId !== null ? this.store.calls.get(desk.callId) : undefined;
    const work = desk.panel === "team" && desk.teamId !== null ? this.store.work.get(desk.teamId) : undefined;
    const assignments = call ? activeOf(call) : work ? [work.assignment] : [];
    return assignments.filter((assignment) => ON_THE_WAY.includes(assignment.status));
  }

  async drawRoute() {
    const going = this.going();
    const wanted = going.map((assignment) => `${assignment.id}:${assignment.status}`).join(" ");
    if (wanted === this.routeFor) return;
    this.routeFor = wanted;
    const asked = ++this.routesAsked;
    const ways = await Promise.all(going.map((assignment) => routeOf(assignment.id)));
    if (asked !== this.routesAsked) return;
    this.ways = new Map(going.map((assignment, index) => [assignment.id, /** @type {import("../parts/route-line.js").Way} */ (ways[index])]));
    this.showWays();
  }

  /** A crew that took another way: its line is drawn anew at once. @param {import("../types.js").EventFrame} event */
  hearWay(event) {
    const route = event.data?.route;
    if (event.kind !== "assignment.route" || !route) return;
    if (!this.ways.has(route.assignment_id)) {
      // The line that was asked for before may be the way of before: it is asked for again.
      if (this.going().some((assignment) => assignment.id === route.assignment_id)) this.routeFor = "";
      return;
    }
    this.ways.set(route.assignment_id, wayOf(route));
    this.showWays();
  }

  showWays() {
    desk.route = [...this.ways.values()].filter((way) => way.line.length > 1);
    this.requestUpdate();
  }

  acknowledge() {
    desk.ringing.clear();
    for (const item of openAlarms(this.store)) this.hushed.add(item.id);
    this.alarm();
    this.requestUpdate();
  }

  async beginShift() {
    this.started = await unlockSound();
    this.silent = !this.started;
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const keys = chord(event);
    if (keys === "Ctrl+KeyZ" && !isWriting(event.target) && desk.undoable.length > 0) {
      event.preventDefault();
      void desk.undo();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (keys === "Escape") {
      if (desk.ringing.size > 0 || this.sounding) this.acknowledge();
      else if (this.proposals?.asking) this.proposals.ask(0);
      else if (isTyping(event.target)) /** @type {HTMLElement} */ (event.target).blur();
      else desk.close();
      return;
    }
    if (isTyping(event.target) || event.repeat) return;
    if (!prefs.singleKeys && keys !== "F1") return;
    if (this.command(keys)) event.preventDefault();
  }

  /** @param {string} keys @returns {boolean} whether the key meant something */
  command(keys) {
    const board = /** @type {import("./board.js").Board | null} */ (this.find("br-board"));
    const digit = /^(?:Digit|Numpad)([1-3])$/.exec(keys)?.[1];
    if (digit) return desk.assignByKey(Number(digit) - 1);
    switch (keys) {
      case "KeyJ":
        board?.move(1);
        return true;
      case "KeyK":
        board?.move(-1);
        return true;
      case "KeyN":
        // Also while the link is away: somebody is on the phone, and what is typed waits for the link.
        desk.open("new");
        return true;
      case "KeyG":
        return this.confirmTold();
      case "KeyY":
        return this.proposals?.decideByKey("confirm") ?? false;
      case "KeyX":
        return this.proposals?.decideByKey("decline") ?? false;
      case "KeyT":
        desk.openTeams();
        return true;
      case "KeyC":
        coverageNow.show(!coverageNow.on);
        return true;
      case "KeyU":
        board?.release();
        return true;
      case "KeyM":
        this.map?.fit(true);
        return true;
      case "Slash":
      case "NumpadDivide":
        /** @type {import("./command.js").Command | null} */ (this.find("br-command"))?.focusLine();
        return true;
      case "Shift+Slash":
      case "F1":
        /** @type {import("./help.js").Help | null} */ (this.find("br-help"))?.show();
        return true;
      default:
        return false;
    }
  }

  /** The proposals that are shown: all of them, or those of the open call. */
  get proposals() {
    return /** @type {import("./proposals.js").Proposals | null} */ (this.find("br-proposals"));
  }

  /** The step that the positions tell of the open call. */
  confirmTold() {
    const call = desk.panel === "call" && desk.callId !== null ? this.store.calls.get(desk.callId) : undefined;
    const assignment = toConfirm(call);
    if (!call || !assignment) return false;
    void desk.confirmProposed(call, assignment);
    return true;
  }

  get map() {
    return /** @type {import("../parts/map.js").MapView | null} */ (this.find("br-map"));
  }

  panel() {
    switch (desk.panel) {
      case "call":
        return html`<br-call-card .callId=${desk.callId}></br-call-card>`;
      case "team":
        return html`<br-team-card .teamId=${desk.teamId}></br-team-card>`;
      case "teams":
        return html`<br-teams .only=${desk.onlyTeams}></br-teams>`;
      case "new":
        return html`<br-new-call></br-new-call>`;
      case "edit":
        return html`<br-new-call .callId=${desk.callId}></br-new-call>`;
      case "notices":
        return html`<br-notices></br-notices>`;
      default:
        return html`<div class="overview"><br-steps-told></br-steps-told><br-proposals></br-proposals><br-attention></br-attention><br-freed></br-freed><br-coverage></br-coverage></div>`;
    }
  }

  alarmBar() {
    if (desk.ringing.size === 0) return nothing;
    return html`<div class="alarm-bar" role="alert"><b>⚠ ${t("alarm.text", { n: desk.ringing.size })}</b>
      <button type="button" class="button small" @click=${() => this.acknowledge()}>${t("alarm.heard")} <kbd class="always">Esc</kbd></button></div>`;
  }

  startBar() {
    if (this.started) return nothing;
    return html`<div class="start-bar" role="status"><span>${t(this.silent ? "shift.soundFailed" : "shift.soundOff")}</span>
      <button type="button" class="button primary small" @click=${() => void this.beginShift()}>${t("shift.start")}</button></div>`;
  }

  /** @param {"list" | "map" | "card"} pane */
  paneButton(pane) {
    return html`<button type="button" aria-pressed=${this.pane === pane ? "true" : "false"} @click=${() => {
      this.pane = pane;
      this.requestUpdate();
    }}>${t(`pane.${pane}`)}</button>`;
  }

  render() {
    return html`<div class=${classMap({ desk: true, [`show-${this.pane}`]: true, disconnected: this.store.link === "lost" })}
      @look-call=${(/** @type {CustomEvent} */ event) => this.look(event.detail.location)}
      @look-point=${(/** @type {CustomEvent} */ event) => this.map?.look(event.detail, 15)}
      @look-team=${(/** @type {CustomEvent} */ event) => this.lookTeam(event.detail)}
      @help=${() => this.command("F1")} @map-keyboard=${() => this.map?.takeKeyboard()}>
      <div class="desk-top"><br-header></br-header>
        <nav class="panes" aria-label=${t("pane.label")}>${this.paneButton("list")}${this.paneButton("map")}${this.paneButton("card")}</nav></div>
      <main class="desk-main">
        <br-board class="desk-list"></br-board>
        <div class="desk-bars"><br-link-banner></br-link-banner><br-sos></br-sos>${this.alarmBar()}${this.startBar()}</div>
        <br-map class="desk-map" .selectedCall=${desk.callId} .selectedTeam=${desk.teamId} 
          .route=${desk.route} .track=${desk.track} .pin=${desk.pin} .pins=${this.alarmPins} .picking=${desk.picking} .coverage=${coverageNow.on ? coverageNow.answer : null}
          @map-moved=${(/** @type {CustomEvent} */ event) => {
            desk.middle = event.detail;
          }}
          @map-call=${(/** @type {CustomEvent} */ event) => desk.openCall(event.detail)}
          @map-team=${(/** @type {CustomEvent} */ event) => desk.openTeam(event.detail)}
          @map-teams=${(/** @type {CustomEvent} */ event) => desk.openTeams(event.detail)}
          @map-point=${(/** @type {CustomEvent} */ event) => {
            desk.pin = event.detail;
            desk.picking = false;
            this.pane = "card";
            desk.changed();
          }}></br-map>
        <br-map-layers class="desk-layers"></br-map-layers>
        <aside class="desk-card" aria-label=${t("pane.card")}>${this.panel()}</aside>
      </main>
      <br-command></br-command>
      <br-help></br-help>
    </div>`;
  }

  /** @param {import("../types.js").Point | null} place */
  look(place) {
    this.pane = "map";
    this.requestUpdate();
    this.map?.look(place, 15);
  }

  /** @param {number} teamId */
  lookTeam(teamId) {
    desk.teamId = teamId;
    const position = this.store.positions.get(teamId);
    this.map?.look(position);
    desk.changed();
  }
}
customElements.define("br-dispatcher", Dispatcher);
