// The crew's screen: one card, one big next step; everything else behind "more". Works without a network.

import { api, post } from "../core/api.js";
import { problemOf } from "../core/attempt.js";
import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { ageS, clockTime, duration, shortName, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { install, onInstall } from "../core/install.js";
import { session, signOut } from "../core/session.js";
import { playNotice, sound, unlockSound } from "../core/sound.js";
import { ACTIVE } from "../core/store.js";
import "../parts/choices.js";
import { Alarm, mayAskToNotify } from "./alarm.js";
import { callCard, goal, mapCard, timeLine } from "./card.js";
import { device, forgetCard, forgetDevice, keep, listed, recall, strike } from "./device.js";
import { Sharing } from "./location.js";
import { News } from "./news.js";
import { Outbox } from "./outbox.js";
import { CrewSheets } from "./sheets.js";
import { BEFORE_PATIENT, ORDER, nextStep, seenStatus } from "./steps.js";
import { Watch } from "./watch.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 */

// A second tap of a gloved finger so soon is the same tap.
const TAP_PAUSE_MS = 900;
// A card that could not be taken back by the server, because the phone had no network, is forgotten so long after the shift.
const KEPT_AFTER_SHIFT_MS = 4 * 3600_000;

class Crew extends Element {
  constructor() {
    super();
    this.outbox = new Outbox();
    this.sharing = new Sharing(() => this.requestUpdate());
    this.news = new News(() => this.requestUpdate());
    this.sheets = new CrewSheets(this);
    this.alarm = new Alarm();
    this.watch = new Watch(this);
    this.mapOpen = false;
    /** The way as the map draws it: an estimate by straight line is dashed. @type {import("../parts/route-line.js").Way[]} */
    this.route = [];
    this.routeNote = "";
    this.routeAsked = 0;
    /** The assignment that the map was opened for. */
    this.mapFor = 0;
    this.linkWas = "";
    this.keptSeq = -1;
    this.ready = false;
    this.leaving = false;
    /** Whether the finger is still on the step before. */
    this.settling = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settled = undefined;
    this.problem = "";
    /** Proposals of the positions that the crew has put away: assignment and step. @type {Set<string>} */
    this.putAway = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.outbox.listeners.add(() => this.requestUpdate());
    this.outbox.answerListeners.add((answer) => this.answered(answer));
    this.outbox.refusalListeners.add((refusal) => this.watch.refused(refusal));
    const online = () => this.outbox.hurry();
    const touched = () => void unlockSound().then(() => this.requestUpdate());
    addEventListener("online", online);
    addEventListener("pointerdown", touched, { once: true });
    this.stops.push(() => removeEventListener("online", online));
    this.stops.push(() => removeEventListener("pointerdown", touched));
    this.stops.push(onInstall(() => this.requestUpdate()));
    this.stops.push(this.store.onEvent((event) => this.watch.heard(event)));
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(() => this.outbox.stop());
    this.stops.push(() => this.sharing.stop());
    this.stops.push(() => this.alarm.stop());
    void this.prepare();
  }

  async prepare() {
    const me = session.me;
    if (!me) return;
    const known = await recall("me").catch(() => null);
    // Another person's phone until now: nothing of theirs stays, and what was never sent is said.
    if (known && known.id !== me.id) await this.takeOver();
    await keep("me", me).catch(() => undefined);
    void navigator.storage?.persist?.().catch(() => false);
    const picture = await recall("picture").catch(() => null);
    if (picture && overLongAgo(picture)) await forgetCard();
    else if (picture && this.store.phase !== "ready") this.store.load(picture);
    this.watch.known = await recall("current").catch(() => null);
    await this.news.load();
    await this.sharing.load();
    await this.outbox.load();
    // The session may have ended meanwhile: nothing goes on without its screen.
    if (!this.isConnected) return;
    this.ready = true;
    this.sharing.start();
    this.storeChanged();
  }

  async takeOver() {
    const unsent = await listed("outbox");
    await forgetDevice();
    await strike("outbox", unsent.map((tap) => tap.order));
    if (unsent.length === 0) return;
    await this.news.add({ kind: "unsent", at: new Date().toISOString(), number: 0, lost: unsent.map((tap) => ({ what: tap.what, step: tap.step, at: tap.tappedAt })) });
  }

  storeChanged() {
    const link = this.store.link;
    if (link === "live" && this.linkWas !== "live") {
      this.outbox.hurry();
      void this.sharing.flush();
    }
    this.linkWas = link;
    if (!this.ready || this.leaving) return;
    if (link === "live" && this.store.seq !== this.keptSeq) {
      this.keptSeq = this.store.seq;
      this.watch.compare();
      void this.keepPicture();
    }
    const current = this.current();
    this.alarm.follow(current && this.status(current.assignment) === "assigned" ? current.assignment.id : 0);
    this.requestUpdate();
  }

  /** The card of now for work without a network; no other call is kept. */
  async keepPicture() {
    const current = this.current();
    const { seq, epoch, me, settings } = this.store;
    await keep("picture", {
      seq, epoch, at: this.store.trueAt, role: "worker", me, settings,
      calls: current ? [current.call] : [],
      teams: [...this.store.teams.values()], positions: [], stations: [...this.store.stations.values()],
      hospitals: [...this.store.hospitals.values()], reasons: current ? this.store.reasons : [], norms: [], unread: 0,
    }).catch(() => undefined);
  }

  /** The server's word on a step counts at once, before its event comes. @param {any} answer */
  answered(answer) {
    const assignment = answer?.assignment ?? answer;
    if (!assignment?.id || !assignment.call_id) return;
    if (!ACTIVE.includes(assignment.status)) this.watch.ended(assignment, true);
    const known = this.store.calls.get(assignment.call_id)?.assignments.find((item) => item.id === assignment.id);
    // An answer that comes after the event of a later change leads nothing back.
    if (known && known.version > assignment.version) return;
    this.store.merge({ assignment }, "");
    this.store.changed();
  }

  get team() {
    return [...this.store.teams.values()].find((team) => (team.members ?? []).some((member) => member.id === session.me?.id)) ?? [...this.store.teams.values()][0];
  }

  /** @returns {{call: Call, assignment: Assignment} | null} */
  current() {
    const team = this.team;
    for (const call of this.store.calls.values()) {
      for (const assignment of call.assignments ?? []) {
        if (ACTIVE.includes(assignment.status) && (!team || assignment.team_id === team.id)) return { call, assignment };
      }
    }
    return null;
  }

  /** @param {Assignment} assignment */
  status(assignment) {
    return seenStatus(assignment, this.outbox.taps);
  }

  /** @param {Assignment} assignment @param {string} what @param {string} path @param {string} step @param {Record<string, any>} body */
  send(assignment, what, path, step, body) {
    const call = this.store.calls.get(assignment.call_id);
    void this.outbox.add({
      path: `/assignments/${assignment.id}/${path}`,
      body, what, step,
      assignmentId: assignment.id,
      number: call?.number ?? 0,
      tappedAt: new Date(serverNow()).toISOString(),
      userId: session.me?.id ?? 0,
    });
    navigator.vibrate?.(40);
  }

  /** What comes under the finger now waits until the finger has gone. */
  settle() {
    this.settling = true;
    clearTimeout(this.settled);
    this.settled = setTimeout(() => {
      this.settling = false;
      this.requestUpdate();
    }, TAP_PAUSE_MS);
    this.requestUpdate();
  }

  /** @param {Assignment} assignment @param {string} step @param {Record<string, any>} [more] */
  tap(assignment, step, more = {}) {
    this.settle();
    // By the server's clock as far as it is known here: the clock of a phone may be minutes off.
    this.send(assignment, "step", "steps", step, { step, occurred_at: new Date(serverNow()).toISOString(), ...more });
  }

  /** @param {Assignment} assignment */
  big(assignment) {
    const step = nextStep(this.status(assignment));
    if (!step || this.settling) return;
    if (step === "transporting") this.sheets.open("hospital");
    else this.tap(assignment, step);
  }

  /** Another call has another way: nothing of the one before stays on the map. */
  willUpdate() {
    const id = this.current()?.assignment.id ?? 0;
    if (id === this.mapFor) return;
    this.mapFor = id;
    this.mapOpen = false;
    this.route = [];
    this.routeNote = "";
  }

  async toggleMap() {
    const open = !this.mapOpen;
    const before = this.mapFor;
    if (open) await import("../parts/map.js");
    // Another call has come meanwhile: its card stands first.
    if (before !== this.mapFor) return;
    this.mapOpen = open;
    this.requestUpdate();
    if (this.mapOpen) await this.loadRoute();
  }

  async loadRoute() {
    const current = this.current();
    if (!current || !this.mapOpen) return;
    const asked = ++this.routeAsked;
    if (this.route.length === 0) this.routeNote = t("state.loading");
    this.requestUpdate();
    const stands = () => asked === this.routeAsked && this.mapOpen && this.current()?.assignment.id === current.assignment.id;
    try {
      const { wayOf } = await import("../parts/route-line.js");
      const answer = await api(`/assignments/${current.assignment.id}/route`);
      if (!stands()) return;
      const way = wayOf(answer);
      this.route = way.line.length > 1 ? [way] : [];
      this.routeNote = t("crew.routeNote", { time: shortTime(answer.arrives_at), near: answer.approximate ? "≈ " : "" });
    } catch {
      if (!stands()) return;
      this.route = [];
      this.routeNote = t("crew.routeAway");
    }
    this.requestUpdate();
  }

  /** What the map shows at once: the crew, where it is due, the way. */
  mapPoints() {
    const current = this.current();
    if (!current) return null;
    const place = goal(this, current.call, current.assignment);
    const own = this.sharing.latest ?? this.team?.location ?? null;
    const way = (this.route[0]?.line ?? []).map(([lon, lat]) => ({ lat: lat ?? 0, lon: lon ?? 0 }));
    return [own, place, ...way].filter((point) => point !== null);
  }

  tick() {
    for (const element of this.querySelectorAll("time[data-since]")) {
      element.textContent = duration(ageS(element.getAttribute("data-since")));
    }
  }

  updated() {
    this.tick();
  }

  async leave() {
    if (this.outbox.taps.length > 0) {
      this.sheets.open("leave");
      return;
    }
    await this.leaveNow();
  }

  /** Nothing may be written after the phone has been erased: the link is closed first. */
  async leaveNow() {
    this.leaving = true;
    this.alarm.stop();
    this.sharing.stop();
    this.outbox.stop();
    session.link?.stop();
    await forgetDevice();
    await signOut();
  }

  /** @param {"break" | "resume"} what */
  async pause(what) {
    const team = this.team;
    if (!team || this.settling) return;
    this.settle();
    this.problem = "";
    try {
      const after = await post(`/teams/${team.id}/${what}`);
      // An event may have told of a later change before.
      if ((this.store.teams.get(team.id)?.version ?? 0) <= after.version) this.store.merge({ team: after }, "");
      this.store.changed();
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.requestUpdate();
  }

  /** What the positions tell and the crew has not said. @param {Assignment} assignment */
  proposed(assignment) {
    const found = assignment.proposed;
    if (!found || this.putAway.has(`${assignment.id} ${found.step}`)) return null;
    return ORDER.indexOf(found.step) > ORDER.indexOf(this.status(assignment)) ? found : null;
  }

  top() {
    const team = this.team;
    const link = this.store.link;
    const state = this.sharing.state;
    return html`<header class="crew-top"><h1>${team ? t("team.long", { name: team.name }) : t("crew.title")}</h1>
      <span class="link-state ${link}"><span aria-hidden="true">${link === "live" ? "●" : "✕"}</span> ${t(`link.${link}`)}</span>
      <span class="crew-sub">${team ? `${t(`profile.${team.profile}`)} · ${team.car?.number ?? ""} · ${t("crew.until", { time: shortTime(team.shift_end) })}` : shortName(session.me)}</span>
      <span class="crew-share ${state}">${this.shareWords()}</span></header>`;
  }

  shareWords() {
    const { state, waiting } = this.sharing;
    if (state === "off") return "";
    if (state !== "on" || this.store.link === "live") return t(`share.${state}`);
    return waiting.length > 0 ? t("share.kept", { n: waiting.length }) : "";
  }

  bars() {
    const { taps } = this.outbox;
    return html`${this.store.link === "lost" ? html`<div class="crew-offline" role="alert"><b>${t("crew.offline")}</b><span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })}</span></div>` : nothing}
      ${device.keeps ? nothing : html`<p class="queue" role="alert">${t("crew.keepsNothing")}</p>`}
      ${taps.length > 0
        ? html`<section class="queue" role="status" aria-label=${t("outbox.title")}><b>${t("outbox.title")}: ${taps.length}</b>
            <ul>${taps.map((tap) => html`<li>${tap.what === "step" ? t(`do.${tap.step}`) : t(`crew.${tap.what}`)} · ${clockTime(tap.tappedAt)} <span>${t("outbox.waits")}</span></li>`)}</ul></section>`
        : nothing}
      ${this.news.render()}`;
  }

  /** @param {Assignment} assignment */
  ringBar(assignment) {
    if (this.status(assignment) !== "assigned") return nothing;
    return html`<div class="crew-ring" role="alert"><b>${t("alarm.newCall")}</b>
      ${this.alarm.ringing === assignment.id ? html`<button type="button" class="button" @click=${() => {
        this.alarm.hush();
        this.requestUpdate();
      }}>${t("alarm.hush")}</button>` : nothing}</div>`;
  }

  /** @param {Assignment} assignment */
  proposal(assignment) {
    const found = this.proposed(assignment);
    if (!found) return nothing;
    return html`<section class="crew-proposal" role="status"><p>${t(`gps.${found.step}`, { time: shortTime(found.at) })}</p><div class="pair">
      <button type="button" class="button" @click=${() => {
        this.putAway.add(`${assignment.id} ${found.step}`);
        this.requestUpdate();
      }}>${t("gps.no")}</button>
      <button type="button" class="button primary" ?disabled=${this.settling} @click=${() => {
        if (!this.settling) this.tap(assignment, found.step, { occurred_at: found.at, source: "gps" });
      }}>${t("gps.yes", { time: shortTime(found.at) })}</button></div></section>`;
  }

  /** @param {Assignment} assignment */
  actions(assignment) {
    const status = this.status(assignment);
    const step = nextStep(status);
    const settling = this.settling;
    return html`<div class="crew-foot"><p class="crew-status" role="status">${t("crew.now")} <b>${t(`crewStatus.${status}`)}</b>${this.arrival(assignment)}</p>
      ${this.proposal(assignment)}
      ${step ? html`<button type="button" class="crew-big" ?disabled=${settling} @click=${() => this.big(assignment)}>${t(`do.${step}`)}</button>` : nothing}
      <div class="pair">${status === "on_scene" ? html`<button type="button" class="button" ?disabled=${settling} @click=${() => this.sheets.open("finish")}>${t("do.finishHere")}</button>` : nothing}
        <button type="button" class="button" @click=${() => this.sheets.open("more")}>${t("crew.more")}</button></div></div>`;
  }

  /** @param {Assignment} assignment */
  arrival(assignment) {
    if (!assignment.arrives_at || !["en_route", "transporting"].includes(this.status(assignment)) || this.store.link !== "live") return nothing;
    return html` · ${t("crew.arrival", { near: assignment.arrival_approximate ? "≈ " : "", time: shortTime(assignment.arrives_at) })}`;
  }

  /** Why no call can come, in words; nothing when one can. */
  standing() {
    const team = this.team;
    if (!team) return [t("crew.noTeam"), t("crew.noTeamHint")];
    const now = serverNow();
    if (Date.parse(team.shift_start) > now) return [t("crew.notYet"), t("crew.startsAt", { time: shortTime(team.shift_start) })];
    if (Date.parse(team.shift_end) <= now) return [t("crew.over"), t("crew.endedAt", { time: shortTime(team.shift_end) })];
    if (team.on_break_since) return [t("crew.onBreak"), t("crew.breakSince", { time: shortTime(team.on_break_since) })];
    if (team.car?.serviceable === false) return [t("crew.carBroken"), t("crew.carBrokenHint")];
    return [t("crew.free"), t("crew.waitForCall")];
  }

  idle() {
    const team = this.team;
    const resting = Boolean(team?.on_break_since);
    const [title, hint] = this.standing();
    return html`<div class="crew-idle"><p class="crew-free">${title}</p><p>${hint}</p>
        ${team ? html`<p class="crew-mates">${(team.members ?? []).map(shortName).join(", ")}</p>` : nothing}
        ${this.invitations()}</div>
      <div class="crew-foot">${this.problem ? html`<p class="form-error" role="alert">${this.problem}</p>` : nothing}
        ${team ? html`<button type="button" class="button wide" ?disabled=${this.store.link !== "live" || this.settling} @click=${() => void this.pause(resting ? "resume" : "break")}>${resting ? t("team.resume") : t("team.break")}</button>` : nothing}
        <button type="button" class="button wide" @click=${() => this.sheets.open("menu")}>${t("crew.more")}</button></div>`;
  }

  /** What the phone still needs so that a call is heard. */
  invitations() {
    return html`<div class="crew-invite">
      ${sound.ready ? nothing : html`<button type="button" class="button" @click=${() => void unlockSound().then(() => this.requestUpdate())}>${t("crew.soundOn")}</button>`}
      ${mayAskToNotify() ? html`<button type="button" class="button" @click=${() => void Notification.requestPermission().then(() => this.requestUpdate())}>${t("crew.notifyOn")}</button>` : nothing}
      ${install.ready ? html`<button type="button" class="button" @click=${() => void install.ask()}>${t("crew.install")}</button>` : nothing}
      ${this.sharing.state === "denied" ? html`<p class="crew-hazard">${t("share.deniedHint")}</p>` : nothing}</div>`;
  }

  render() {
    if (!this.ready || (this.store.phase === "loading" && this.store.link !== "lost")) {
      return html`<main class="centered"><p class="muted" role="status">${t("state.loading")}</p></main>`;
    }
    if (this.store.phase !== "ready") {
      return html`<div class="crew">${this.top()}<main class="crew-main">${this.bars()}<div class="crew-idle" role="alert"><p class="crew-free">${t("state.failed")}</p><p>${t("state.retrying")}</p></div>
        <div class="crew-foot"><button type="button" class="button wide" @click=${() => this.sheets.open("menu")}>${t("crew.more")}</button></div></main>${this.sheets.render(null)}</div>`;
    }
    const current = this.current();
    const shown = current && !["completed", "declined", "troubled"].includes(this.status(current.assignment)) ? current : null;
    const mapping = shown !== null && this.mapOpen;
    return html`<div class="crew ${mapping ? "mapping" : ""}">${this.top()}
      <main class="crew-main">${this.bars()}${shown ? this.work(shown, mapping) : this.idle()}</main>
      ${this.sheets.render(shown)}</div>`;
  }

  /** @param {{call: Call, assignment: Assignment}} current @param {boolean} mapping */
  work({ call, assignment }, mapping) {
    return html`${this.ringBar(assignment)}
      ${mapping ? mapCard(this, call, assignment) : html`${callCard(this, call, assignment)}${timeLine(this, assignment)}`}
      ${this.actions(assignment)}`;
  }

  /** Something changed that the crew must look at. */
  callAttention() {
    playNotice();
    navigator.vibrate?.([200, 100, 200]);
  }

  /** @param {Assignment} assignment */
  mayDecline(assignment) {
    return BEFORE_PATIENT.includes(this.status(assignment));
  }
}
customElements.define("br-crew", Crew);

export { Crew };

/** @param {{teams?: Array<{shift_end: string}>}} picture */
function overLongAgo(picture) {
  const ends = (picture.teams ?? []).map((team) => Date.parse(team.shift_end));
  return ends.length > 0 && Math.max(...ends) + KEPT_AFTER_SHIFT_MS < Date.now();
}
