// The line of a route out of the answer of the service.

import { api } from "../core/api.js";

/** A way to draw: points as [lon, lat]; `approximate` marks a straight-line estimate. @typedef {{line: number[][], approximate: boolean}} Way */

/** An assignment's way; without points when the roads are away. @param {number} assignmentId @returns {Promise<Way>} */
export async function routeOf(assignmentId) {
  try {
    return wayOf(await api(`/assignments/${assignmentId}/route`));
  } catch {
    return { line: [], approximate: false };
  }
}

/** The way in an answer of the service, or in an event of the socket. @param {any} answer @returns {Way} */
export const wayOf = (answer) => ({ line: lineOf(answer), approximate: Boolean(answer?.approximate) });

/** Longitude and latitude of each point. @param {any} answer @returns {number[][]} */
export function lineOf(answer) {
  const geometry = answer?.geometry ?? answer?.line ?? answer?.points ?? answer?.route?.geometry;
  const points = geometry?.coordinates ?? geometry ?? [];
  return points.map((/** @type {any} */ item) => (Array.isArray(item) ? item : [item.lon, item.lat]));
}
