// What people are told when the service could not do what they asked for.

import { ApiProblem } from "./api.js";
import { t } from "./i18n.js";

/** The reason in the language of the page. @param {unknown} error */
export function problemOf(error) {
  return error instanceof ApiProblem ? error.message : t("error.noLink");
}

/**
 * Do something for an element; what goes wrong stands in its `problem`, which the last success empties.
 * @param {import("./element.js").Element & {problem: string}} element
 * @param {() => Promise<unknown>} work
 */
export async function attempt(element, work) {
  element.problem = "";
  try {
    await work();
  } catch (error) {
    element.problem = problemOf(error);
  }
  element.requestUpdate();
}
