// The line of a route out of the answer of the service.

import { api } from "../core/api.js";

/** The line of an assignment's way; none when the roads are away. @param {number} assignmentId @returns {Promise<number[][]>} */
export async function routeOf(assignmentId) {
  try {
    return lineOf(await api(`/assignments/${assignmentId}/route`));
  } catch {
    return [];
  }
}

/** Longitude and latitude of each point. @param {any} answer @returns {number[][]} */
export function lineOf(answer) {
  const geometry = answer?.geometry ?? answer?.line ?? answer?.points ?? answer?.route?.geometry;
  const points = geometry?.coordinates ?? geometry ?? [];
  return points.map((/** @type {any} */ item) => (Array.isArray(item) ? item : [item.lon, item.lat]));
}
