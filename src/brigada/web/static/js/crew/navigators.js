// The navigator of the phone, one tap away. Programs are opened by their own schemes, which need no network; the page of
// a map in the browser is the last resort and needs one.

import { t } from "../core/i18n.js";

/** @typedef {import("../types.js").Point} Point */

/** @type {Record<string, {web?: boolean, href: (at: string, lat: string, lon: string) => string}>} */
export const NAVIGATORS = {
  // RFC 5870: the phone opens or offers whatever map it has.
  phone: { href: (at) => `geo:${at}?q=${at}` },
  yandex: { href: (_, lat, lon) => `yandexnavi://build_route_on_map?lat_to=${lat}&lon_to=${lon}` },
  dgis: { href: (_, lat, lon) => `dgis://2gis.ru/routeSearch/rsType/car/to/${lon},${lat}` },
  apple: { href: (at) => `maps://?daddr=${at}&dirflg=d` },
  web: { web: true, href: (at) => `https://www.openstreetmap.org/directions?route=%3B${encodeURIComponent(at)}` },
};

const KEY = "brigada.navigator";

/** iPhones know no `geo:`. */
const usual = () => (/iPhone|iPad/.test(navigator.userAgent) ? "apple" : "phone");

/** The one that the crew has chosen on this phone. */
export function chosenNavigator() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // A private window: the usual one.
  }
  return kept && kept in NAVIGATORS ? kept : usual();
}

/** @param {string} name */
export function chooseNavigator(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Chosen until the page is closed is not worth a message.
  }
}

/** @param {string} name @param {Point} place */
export function navigatorLink(name, place) {
  const [lat, lon] = [place.lat.toFixed(6), place.lon.toFixed(6)];
  return NAVIGATORS[name]?.href(`${lat},${lon}`, lat, lon) ?? "";
}

/** @param {string} name */
export const navigatorName = (name) => t(`navigator.${name}`);
