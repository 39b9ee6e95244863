// The card of the current call: where, how to get in, who, what to beware of; calling, the navigator and the map.

import { html, nothing } from "../core/element.js";
import { addressDetails, callNumber, clockTime, patientLine, shortTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { critMark } from "../parts/crit.js";
import { NAVIGATORS, chosenNavigator, navigatorLink } from "./navigators.js";
import { ORDER, seenStatus } from "./steps.js";

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {import("../types.js").Assignment} Assignment
 * @typedef {import("./screen.js").Crew} Crew
 */

const TO_HOSPITAL = ["transporting", "at_hospital"];
const ENTRY = /** @type {const} */ (["entrance", "floor", "flat", "intercom"]);

/** @param {Crew} crew @param {Call} call @param {Assignment} assignment */
export function callCard(crew, call, assignment) {
  const details = call.address_details ?? {};
  const entry = ENTRY.filter((name) => details[name]);
  const hospital = hospitalOf(crew, assignment);
  return html`<article class="crew-card" aria-label=${callNumber(call)}>
    <header>${critMark(call.criticality)}<h2>${crew.store.reasonOf(call)}</h2>
      <span class="crew-number">${callNumber(call)} · <time data-since=${call.received_at}></time></span></header>
    <p class="crew-address">${call.address}</p>
    ${entry.length > 0 ? html`<dl class="crew-entry">${entry.map((name) => html`<div><dt>${t(`entry.${name}`)}</dt><dd>${details[name]}</dd></div>`)}</dl>` : nothing}
    ${details.landmark ? html`<p>${details.landmark}</p>` : nothing}
    ${call.comment ? html`<p class="crew-hazard"><b>${t("crew.note")}</b> ${call.comment}</p>` : nothing}
    <p class="crew-patient"><b>${patientLine(call.patient)}</b>${call.patient?.notes ? html`<br />${call.patient.notes}` : nothing}</p>
    ${hospital ? html`<p class="crew-hospital">${t("crew.hospital", { name: hospital.name })}${hospital.address ? html`<br /><span>${hospital.address}</span>` : nothing}</p>` : nothing}
    ${actions(crew, call, assignment)}
  </article>`;
}

/** The map in the place of the card: the way and how to get in. @param {Crew} crew @param {Call} call @param {Assignment} assignment */
export function mapCard(crew, call, assignment) {
  const hospital = TO_HOSPITAL.includes(crew.status(assignment)) ? hospitalOf(crew, assignment) : undefined;
  return html`<article class="crew-card" aria-label=${callNumber(call)}>
    <div><p class="crew-address">${hospital ? hospital.name : call.address}</p><p>${hospital ? (hospital.address ?? "") : addressDetails(call)}</p></div>
    ${actions(crew, call, assignment)}
    <br-map class="crew-map" .selectedCall=${call.id} .route=${crew.route} .extent=${crew.mapPoints()}></br-map>
    <div class="crew-map-foot"><span role="status">${crew.routeNote}</span>
      <button type="button" class="button" @click=${() => crew.sheets.open("navigator")}>${t("navigator.others")}</button></div>
  </article>`;
}

/** @param {Crew} crew @param {Call} call @param {Assignment} assignment */
function actions(crew, call, assignment) {
  const place = goal(crew, call, assignment);
  const name = chosenNavigator();
  const web = NAVIGATORS[name]?.web;
  return html`<nav class="crew-actions" aria-label=${t("crew.actions")}>
    ${call.caller_phone ? html`<a class="button" href="tel:${call.caller_phone.replace(/[^+\d*#]/g, "")}" aria-label="${t("crew.callUp")} ${call.caller_name ?? ""}">${t("crew.callUp")}</a>` : nothing}
    ${place ? html`<a class="button" href=${navigatorLink(name, place)} target=${web ? "_blank" : nothing} rel="noreferrer">${t("crew.navigator")}</a>` : nothing}
    <button type="button" class="button" aria-expanded=${crew.mapOpen ? "true" : "false"} @click=${() => void crew.toggleMap()}>${t("crew.map")}</button></nav>`;
}

/** Where the crew is due now. @param {Crew} crew @param {Call} call @param {Assignment} assignment */
export function goal(crew, call, assignment) {
  const hospital = TO_HOSPITAL.includes(crew.status(assignment)) ? hospitalOf(crew, assignment) : undefined;
  return hospital?.location ?? call.location;
}

/** The one that the server knows, or the one of a tap that still waits. @param {Crew} crew @param {Assignment} assignment */
export function hospitalOf(crew, assignment) {
  const tapped = crew.outbox.taps.findLast((tap) => tap.assignmentId === assignment.id && tap.body.hospital_id != null);
  const id = tapped?.body.hospital_id ?? assignment.hospital_id;
  return id == null ? undefined : crew.store.hospitals.get(id);
}

/** The steps with their times; those that the server has not heard of yet are marked. @param {Crew} crew @param {Assignment} assignment */
export function timeLine(crew, assignment) {
  const taps = crew.outbox.taps.filter((tap) => tap.assignmentId === assignment.id);
  const seen = seenStatus(assignment, taps);
  const rows = ORDER.filter((step) => step !== "assigned" && ORDER.indexOf(step) <= ORDER.indexOf(seen))
    .map((step) => {
      const tap = taps.find((item) => item.step === step);
      const at = assignment.milestones?.[`${step}_at`] ?? tap?.body.occurred_at;
      return { step, at, waits: Boolean(tap) };
    })
    .filter((row) => row.at);
  if (rows.length === 0) return nothing;
  return html`<ol class="crew-steps" aria-label=${t("crew.steps")}>${rows.map(
    (row) => html`<li class=${row.waits ? "waits" : ""} title=${clockTime(row.at)}>${t(`did.${row.step}`)} <b>${shortTime(row.at)}</b>${row.waits ? html`<span class="visually-hidden"> ${t("outbox.waits")}</span><span aria-hidden="true"> …</span>` : nothing}</li>`,
  )}</ol>`;
}
