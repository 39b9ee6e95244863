// Distances on the Earth as a sphere: good to half a percent.

const EARTH_M = 6_371_000;

/** Metres between two points of WGS 84 on a sphere. @param {{lat: number, lon: number}} a @param {{lat: number, lon: number}} b */
export function metresBetween(a, b) {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}
