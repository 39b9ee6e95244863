// What a typed command may mean, as a pure function: "бр 12 на 1043", "1043 12", "бр 12", "1043", "мира 88", "новый".

import { activeOf } from "../core/store.js";

/**
 * @typedef {{kind: "assign", callId: number, teamId: number, additional: boolean} | {kind: "call", callId: number} | {kind: "team", teamId: number} | {kind: "new"}} Choice
 * @typedef {Pick<import("../core/store.js").Store, "calls" | "teams" | "waiting" | "inWork" | "reasonOf">} Picture
 */

const TEAM_WORDS = /^(бр|бригада|br|team|t)\.?$/;
const TO_WORDS = /^(на|к|to|on)$/;
const NEW_WORDS = /^(новый|вызов|new)$/;

/** @param {string} text @param {Picture} picture @returns {Choice[]} */
export function understand(text, picture) {
  const words = text.toLowerCase().replace(/№|#/g, " ").split(/[\s,;]+/).filter(Boolean);
  if (words.length === 0) return [];
  /** @type {Choice[]} */
  const choices = [];
  const marked = TEAM_WORDS.test(words[0] ?? "");
  const names = words.filter((word) => !TEAM_WORDS.test(word) && !TO_WORDS.test(word));
  const [first, second] = names;
  if (first && second && names.length === 2) {
    choices.push(...assignments(first, second, picture));
    if (!marked) choices.push(...assignments(second, first, picture));
  }
  if (first && names.length === 1) {
    if (!marked) choices.push(...callsBy(first, picture).map((callId) => /** @type {Choice} */ ({ kind: "call", callId })));
    choices.push(...teamsBy(first, picture).map((teamId) => /** @type {Choice} */ ({ kind: "team", teamId })));
  }
  if (!marked && NEW_WORDS.test(words[0] ?? "")) choices.push({ kind: "new" });
  if (!marked) choices.push(...callsByText(words, picture).map((callId) => /** @type {Choice} */ ({ kind: "call", callId })));
  return unique(choices);
}

/** @param {string} teamWord @param {string} callWord @param {Picture} picture @returns {Choice[]} */
function assignments(teamWord, callWord, picture) {
  const call = callsBy(callWord, picture)[0];
  if (call === undefined) return [];
  const additional = activeOf(/** @type {any} */ (picture.calls.get(call))).length > 0;
  return teamsBy(teamWord, picture).map((teamId) => ({ kind: "assign", callId: call, teamId, additional }));
}

/** A team whose name is the word, then those that begin with it. @param {string} word @param {Picture} picture */
function teamsBy(word, picture) {
  const teams = [...picture.teams.values()];
  const exact = teams.filter((team) => team.name.toLowerCase() === word);
  const begins = teams.filter((team) => team.name.toLowerCase().startsWith(word) && !exact.includes(team));
  return [...exact, ...(exact.length > 0 ? [] : begins)].slice(0, 5).map((team) => team.id);
}

/** A call by its number, with or without its letter. @param {string} word @param {Picture} picture */
function callsBy(word, picture) {
  const digits = word.replace(/^[кkc]-?/, "");
  if (!/^\d+$/.test(digits)) return [];
  return [...picture.calls.values()].filter((call) => String(call.number) === digits).map((call) => call.id);
}

/** @param {string[]} words @param {Picture} picture */
function callsByText(words, picture) {
  if (words.join("").length < 2) return [];
  return [...picture.waiting(), ...picture.inWork()]
    .filter((call) => words.every((word) => `${call.address} ${picture.reasonOf(call)}`.toLowerCase().includes(word)))
    .slice(0, 5)
    .map((call) => call.id);
}

/** @param {Choice[]} choices */
function unique(choices) {
  const seen = new Set();
  return choices.filter((choice) => {
    const key = JSON.stringify(choice);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
