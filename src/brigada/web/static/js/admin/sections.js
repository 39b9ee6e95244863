// What the administrator keeps: for each section its columns, its form and how a form becomes a request.

import { devices, sessions, tokens } from "./sections/access.js";
import { cars, hospitals, stations, users } from "./sections/fleet.js";
import { attention, norms, reasons } from "./sections/rules.js";
import { teams } from "./sections/teams.js";

/** Sections that are a table with a form. @type {Record<string, import("./sections/shared.js").Section>} */
export const SECTIONS = { teams, users, cars, stations, hospitals, reasons, norms, attention, devices, tokens, sessions };

/** The menu, by what is done there. @type {Array<[string, string[]]>} */
export const MENU = [
  ["shift", ["teams"]],
  ["fleet", ["users", "cars", "stations", "hospitals"]],
  ["rules", ["reasons", "norms", "attention", "advice"]],
  ["look", ["reports", "whatif", "journal", "notices"]],
  ["access", ["devices", "tokens", "sessions"]],
];
