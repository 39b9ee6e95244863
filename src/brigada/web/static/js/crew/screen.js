// The crew's screen: one card, one big next step; everything else behind "more". Works without a network.

import { api, post } from "../core/api.js";
import { everySecond } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { addressDetails, ageS, callNumber, clockTime, duration, patientLine, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { session, signOut } from "../core/session.js";
import { ACTIVE } from "../core/store.js";
import { critMark } from "../parts/crit.js";
import "../parts/choices.js";
import { forgetDevice, keep, recall } from "./device.js";
import { Sharing } from "./location.js";
import { Outbox } from "./outbox.js";
import { CrewSheets } from "./sheets.js";
import { BEFORE_PATIENT, nextStep, seenStatus } from "./steps.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 */

class Crew extends Element {
  constructor() {
    super();
    this.outbox = new Outbox();
    this.sharing = new Sharing(() => this.requestUpdate());
    this.sheets = new CrewSheets(this);
    this.mapOpen = false;
    /** @type {number[][][]} */
    this.route = [];
    this.linkWas = "";
    this.keptSeq = -1;
    this.ready = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.outbox.listeners.add(() => this.requestUpdate());
    this.outbox.answerListeners.add((answer) => this.answered(answer));
    const online = () => this.outbox.hurry();
    addEventListener("online", online);
    this.stops.push(() => removeEventListener("online", online));
    this.stops.push(everySecond(() => this.tick()));
    this.stops.push(() => this.outbox.stop());
    this.stops.push(() => this.sharing.stop());
    void this.prepare();
  }

  async prepare() {
    const me = session.me;
    if (!me) return;
    const known = await recall("me").catch(() => null);
    // Another person's phone until now: nothing of theirs stays.
    if (known && known.id !== me.id) await forgetDevice();
    await keep("me", me).catch(() => undefined);
    const picture = await recall("picture").catch(() => null);
    if (picture && this.store.phase !== "ready") this.store.load(picture);
    await this.outbox.load().catch(() => undefined);
    this.ready = true;
    this.sharing.start();
    this.requestUpdate();
  }

  storeChanged() {
    const link = this.store.link;
    if (link === "live" && this.linkWas !== "live") {
      this.outbox.hurry();
      void this.sharing.flush();
    }
    this.linkWas = link;
    if (link === "live" && this.store.seq !== this.keptSeq) {
      this.keptSeq = this.store.seq;
      void this.keepPicture();
    }
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
      hospitals: [...this.store.hospitals.values()], reasons: [], norms: this.store.norms, unread: this.store.unread,
    }).catch(() => undefined);
  }

  /** The server's word on a step counts at once, before its event comes. @param {any} answer */
  answered(answer) {
    const assignment = answer?.assignment ?? answer;
    if (assignment?.id && assignment.call_id) {
      this.store.merge({ assignment }, "");
      this.store.changed();
    } else if (answer === null) {
      session.link?.restart(0);
    }
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

  /** @param {Assignment} assignment @param {string} step @param {Record<string, any>} [more] */
  tap(assignment, step, more = {}) {
    const tappedAt = new Date().toISOString();
    void this.outbox.add({
      path: `/assignments/${assignment.id}/steps`,
      body: { step, occurred_at: tappedAt, ...more },
      label: t(`status.${step}`),
      assignmentId: assignment.id,
      step,
      tappedAt,
    });
    navigator.vibrate?.(40);
  }

  /** @param {Assignment} assignment */
  big(assignment) {
    const status = this.status(assignment);
    const step = nextStep(status);
    if (!step) return;
    if (step === "transporting") this.sheets.open("hospital");
    else this.tap(assignment, step);
  }

  async openMap() {
    await import("../parts/map.js");
    this.mapOpen = true;
    this.requestUpdate();
    const current = this.current();
    if (!current) return;
    try {
      const { lineOf } = await import("../parts/route-line.js");
      const line = lineOf(await api(`/assignments/${current.assignment.id}/route`));
      this.route = line.length > 1 ? [line] : [];
    } catch {
      this.route = [];
    }
    this.requestUpdate();
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

  async leaveNow() {
    this.sharing.stop();
    await forgetDevice();
    await signOut();
  }

  /** @param {"break" | "resume"} what */
  async pause(what) {
    const team = this.team;
    if (!team) return;
    try {
      await post(`/teams/${team.id}/${what}`);
    } catch (error) {
      this.sheets.problem = error instanceof Error ? error.message : String(error);
    }
    this.requestUpdate();
  }

  top() {
    const team = this.team;
    const link = this.store.link;
    const words = { off: "", waiting: t("share.waiting"), on: t("share.on"), denied: t("share.denied"), unavailable: t("share.unavailable") };
    return html`<header class="crew-top"><h1>${team ? t("team.long", { name: team.name }) : t("crew.title")}</h1>
      <span class="link-state ${link}"><span aria-hidden="true">${link === "live" ? "●" : "✕"}</span> ${t(`link.${link}`)}</span>
      <span class="crew-sub">${team ? `${t(`profile.${team.profile}`)} · ${team.car?.number ?? ""} · ${t("crew.until", { time: shortTime(team.shift_end) })}` : ""}</span>
      <span class="crew-share ${this.sharing.state}">${words[this.sharing.state]}</span></header>`;
  }

  queue() {
    const { taps, refused } = this.outbox;
    return html`${link(this.store.link, this.store.trueAt)}
      ${taps.length > 0
        ? html`<section class="queue" role="status" aria-label=${t("outbox.title")}><b>${t("outbox.title")}: ${taps.length}</b>
            <ul>${taps.map((tap) => html`<li>${tap.label} · ${clockTime(tap.tappedAt)} <span class="muted">${t("outbox.waits")}</span></li>`)}</ul></section>`
        : nothing}
      ${refused.map((item) => html`<section class="queue refused" role="alert"><b>${t("outbox.refused", { step: item.tap.label })}</b><p>${item.problem}</p>
        <button type="button" class="button small" @click=${() => this.outbox.dismiss(item)}>${t("action.understood")}</button></section>`)}`;
  }

  /** @param {Call} call @param {Assignment} assignment */
  card(call, assignment) {
    const details = call.address_details ?? {};
    const line = addressDetails(call);
    const place = call.location;
    const hospital = assignment.hospital_id == null ? undefined : this.store.hospitals.get(assignment.hospital_id);
    return html`<article class="crew-card" aria-label=${callNumber(call)}>
      <header>${critMark(call.criticality)}<h2>${this.store.reasonOf(call)}</h2><span class="muted nowrap">${callNumber(call)} · <time data-since=${call.received_at}></time></span></header>
      <p class="crew-address">${call.address}</p>
      ${line ? html`<p class="crew-details">${line}</p>` : nothing}
      ${details.landmark ? html`<p>${details.landmark}</p>` : nothing}
      <p class="crew-patient">${patientLine(call.patient)}</p>
      ${call.patient?.notes ? html`<p>${call.patient.notes}</p>` : nothing}
      ${call.comment ? html`<p class="crew-hazard"><b>${t("crew.note")}</b> ${call.comment}</p>` : nothing}
      ${hospital ? html`<p class="crew-hospital">${t("crew.hospital", { name: hospital.name })}${hospital.address ? html`<br /><span class="muted">${hospital.address}</span>` : nothing}</p>` : nothing}
      <nav class="crew-actions" aria-label=${t("crew.actions")}>
        ${call.caller_phone ? html`<a class="button" href="tel:${call.caller_phone.replace(/[^+\d]/g, "")}">${t("crew.callUp")}</a>` : nothing}
        ${navigator_(hospital && ["transporting", "at_hospital"].includes(this.status(assignment)) ? hospital.location : place)}
        <button type="button" class="button" aria-expanded=${this.mapOpen ? "true" : "false"} @click=${() => {
          if (this.mapOpen) {
            this.mapOpen = false;
            this.requestUpdate();
          } else void this.openMap();
        }}>${t("crew.map")}</button>
      </nav>
      ${this.mapOpen ? html`<br-map class="crew-map" .selectedCall=${call.id} .route=${this.route}></br-map>` : nothing}
    </article>`;
  }

  /** @param {Assignment} assignment */
  actions(assignment) {
    const status = this.status(assignment);
    const step = nextStep(status);
    return html`<div class="crew-foot"><p class="crew-status" role="status">${t("crew.now")} <b>${t(`status.${status}`)}</b></p>
      ${step ? html`<button type="button" class="crew-big" @click=${() => this.big(assignment)}>${t(`do.${step}`)}</button>` : nothing}
      ${status === "on_scene" ? html`<button type="button" class="button wide crew-second" @click=${() => this.sheets.open("finish")}>${t("do.finishHere")}</button>` : nothing}
      <button type="button" class="button wide" @click=${() => this.sheets.open("more")}>${t("crew.more")}</button></div>`;
  }

  idle() {
    const team = this.team;
    const resting = Boolean(team?.on_break_since);
    return html`<div class="crew-idle"><p class="crew-free">${team ? (resting ? t("crew.onBreak") : t("crew.free")) : t("crew.noTeam")}</p>
        <p class="muted">${team ? t("crew.waitForCall") : t("crew.noTeamHint")}</p></div>
      <div class="crew-foot">
        ${team ? html`<button type="button" class="button wide" ?disabled=${this.store.link !== "live"} @click=${() => void this.pause(resting ? "resume" : "break")}>${resting ? t("team.resume") : t("team.break")}</button>` : nothing}
        <button type="button" class="button wide" @click=${() => void this.leave()}>${t("menu.signOut")}</button><br-choices></br-choices></div>`;
  }

  render() {
    if (!this.ready || (this.store.phase === "loading" && this.store.link !== "lost")) {
      return html`<main class="centered"><p class="muted" role="status">${t("state.loading")}</p></main>`;
    }
    if (this.store.phase !== "ready") {
      return html`<div class="crew">${this.top()}<main class="centered" role="alert"><p>${t("state.failed")}</p><p class="muted">${t("state.retrying")}</p></main></div>`;
    }
    const current = this.current();
    const over = current ? ["completed", "declined", "troubled"].includes(this.status(current.assignment)) : true;
    return html`<div class="crew">${this.top()}
      <main class="crew-main">${this.queue()}${current && !over ? this.card(current.call, current.assignment) : nothing}
        ${current && !over ? this.actions(current.assignment) : this.idle()}</main>
      ${this.sheets.render(current)}</div>`;
  }

  /** @param {Assignment} assignment */
  mayDecline(assignment) {
    return BEFORE_PATIENT.includes(this.status(assignment));
  }
}
customElements.define("br-crew", Crew);

export { Crew };

/** @param {string} state @param {string | null} trueAt */
function link(state, trueAt) {
  if (state !== "lost") return nothing;
  return html`<div class="link-banner" role="alert"><b>${t("crew.offline")}</b><span>${t("link.dataAt", { time: clockTime(trueAt) })}</span></div>`;
}

/** The phone's own navigator, one tap away. @param {import("../types.js").Point | null} place */
function navigator_(place) {
  if (!place) return nothing;
  const point = `${place.lat.toFixed(6)},${place.lon.toFixed(6)}`;
  return html`<a class="button" href="geo:${point}?q=${point}">${t("crew.navigator")}</a>`;
}
