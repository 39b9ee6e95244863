// What stands in the form of a call, as plain values: to read it, to fill it, to send it. No page here.

/**
 * @typedef {import("../types.js").Call} Call
 * @typedef {Record<string, string>} Values
 * @typedef {{values: Values, pin: import("../types.js").Point | null, reasonCode: string, criticality: string, criticalityChosen: boolean, pinFrom?: PinFrom}} Draft
 * @typedef {"" | "address" | "hand" | "call"} PinFrom where a point comes from: the address, a hand on the map, or the call as it is kept
 */

export const DETAILS = ["entrance", "floor", "flat", "intercom", "landmark"];
export const PERSON = ["surname", "name", "patronym", "sex"];
export const OTHERS = ["caller_phone", "caller_name", "comment"];
export const NAMES = ["address", "reason", "age", ...DETAILS, ...PERSON, ...OTHERS];
const OLDEST = 130;

/** What is wrong, by field; the words are keys of the dictionary. @param {Values} values @param {string} criticality @returns {Record<string, string>} */
export function mistakes(values, criticality) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!values.address) errors.address = "new.addressNeeded";
  if (!values.reason) errors.reason = "new.reasonNeeded";
  if (!criticality) errors.criticality = "new.criticalityNeeded";
  if (values.age && !(/^\d{1,3}$/.test(values.age) && Number(values.age) <= OLDEST)) errors.age = "new.ageWrong";
  return errors;
}

/** The fields of a call that exists. @param {Call} call @param {string} reason in the reader's words @returns {Values} */
export function valuesOf(call, reason) {
  /** @type {Values} */
  const values = { address: call.address, reason, age: call.patient?.age == null ? "" : String(call.patient.age) };
  for (const name of DETAILS) values[name] = String(call.address_details?.[/** @type {"entrance"} */ (name)] ?? "");
  for (const name of PERSON) values[name] = String(call.patient?.[/** @type {"name"} */ (name)] ?? "");
  for (const name of OTHERS) values[name] = String(call[/** @type {"comment"} */ (name)] ?? "");
  return values;
}

/** What is sent for a new call: what is empty stays away. @param {Draft} draft @returns {Record<string, any>} */
export function bodyOf({ values, pin, reasonCode, criticality }) {
  /** @type {Record<string, any>} */
  const body = { address: values.address, reason: reasonCode || values.reason, criticality };
  const details = filled(values, DETAILS);
  if (Object.keys(details).length > 0) body.address_details = details;
  Object.assign(body, filled(values, OTHERS));
  if (pin) body.location = pin;
  /** @type {Record<string, any>} */
  const patient = filled(values, PERSON);
  if (values.age) patient.age = Number(values.age);
  if (Object.keys(patient).length > 0) body.patient = patient;
  return body;
}

/** What is sent for a change: the fields that differ, and the point whenever it is another one. @param {Draft} draft @param {Draft} before */
export function changesOf(draft, before) {
  const { values } = draft;
  const differs = (/** @type {string} */ name) => (values[name] ?? "") !== (before.values[name] ?? "");
  /** @type {Record<string, any>} */
  const body = {};
  for (const name of ["address", ...OTHERS]) if (differs(name)) body[name] = values[name] ?? "";
  if (draft.criticality !== before.criticality) body.criticality = draft.criticality;
  if (differs("reason")) Object.assign(body, { reason: draft.reasonCode || values.reason, criticality: draft.criticality });
  if (DETAILS.some(differs)) body.address_details = Object.fromEntries(DETAILS.filter(differs).map((name) => [name, values[name] ?? ""]));
  const samePin = draft.pin?.lat === before.pin?.lat && draft.pin?.lon === before.pin?.lon;
  // The service takes the point away from an address that changes; one that stands in the form is meant to stay.
  if (!samePin || (draft.pin && differs("address"))) body.location = draft.pin;
  if ([...PERSON, "age"].some(differs)) {
    body.patient = Object.fromEntries(PERSON.filter(differs).map((name) => [name, name === "sex" ? values[name] || null : (values[name] ?? "")]));
    if (differs("age")) body.patient.age = values.age ? Number(values.age) : null;
  }
  return body;
}

/** In what two drafts of one call differ, by field; a reason carries its criticality. @param {Draft} one @param {Draft} other */
export function differing(one, other) {
  const names = NAMES.filter((name) => (one.values[name] ?? "") !== (other.values[name] ?? ""));
  if (one.criticality !== other.criticality) names.push("criticality");
  if (one.pin?.lat !== other.pin?.lat || one.pin?.lon !== other.pin?.lon) names.push("location");
  return names;
}

/** Whether anything was written at all. @param {Draft} draft */
export const isEmpty = (draft) => NAMES.every((name) => !draft.values[name]) && !draft.pin;

/** @param {Values} values @param {string[]} names @returns {Values} */
const filled = (values, names) => Object.fromEntries(names.filter((name) => values[name]).map((name) => [name, values[name] ?? ""]));
