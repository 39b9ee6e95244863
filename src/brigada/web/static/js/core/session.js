// Who is signed in, the picture they see and their socket: one of each for a page.

import { ApiProblem, api, cookie, post } from "./api.js";
import { everySecond } from "./clock.js";
import { Link } from "./link.js";
import { Store } from "./store.js";

/** @typedef {import("../types.js").User} User */

export const session = {
  store: new Store(),
  /** @type {Link | null} */
  link: null,
  /** @type {User | null} */
  me: null,
  /** Whether the session of `me` has ended: who it was can be read until its screens have gone. */
  over: false,
};

// Whatever page is open: shifts begin and end without an event.
everySecond(() => session.store.lookAtTheClock());

// Nobody waits longer than this to leave.
const SIGN_OUT_MS = 4000;

/** Starts the socket for a person who is signed in. @param {User} me */
export function begin(me) {
  session.me = me;
  session.over = false;
  session.link?.stop();
  session.link = new Link(session.store);
  void session.link.start();
}

/** Ends the socket and forgets the picture; elements keep the same store object. */
export function end() {
  session.link?.stop();
  session.link = null;
  session.over = true;
  const fresh = new Store();
  const { listeners, eventListeners, positionListeners } = session.store;
  Object.assign(session.store, fresh, { listeners, eventListeners, positionListeners });
  session.store.changed();
}

/** @param {string} login @param {string} password @returns {Promise<User>} */
export async function signIn(login, password) {
  await finishSignOut().catch(() => undefined);
  const answer = await post("/auth/login", { login, password }, { retry401: false });
  return answer?.user ?? answer?.me ?? (await api("/auth/me"));
}

/** Ends the session: at once on this device, and on the server as soon as it answers. */
export async function signOut() {
  const csrf = cookie("csrf_access_token");
  try {
    await api("/auth/logout", { method: "POST", body: {}, retry401: false, timeoutMs: SIGN_OUT_MS });
  } catch (error) {
    // The server has not heard of it: the page must not take this device for signed in, and asks again later.
    if (!(error instanceof ApiProblem) || error.status >= 500) remember(csrf);
  } finally {
    end();
  }
}

const UNHEARD = "brigada.signOut";

/** @param {string} csrf */
function remember(csrf) {
  for (const name of ["csrf_access_token", "csrf_refresh_token"]) document.cookie = `${name}=; path=/; max-age=0; secure; samesite=strict`;
  try {
    localStorage.setItem(UNHEARD, csrf);
  } catch {
    // Without storage the session ends by its age.
  }
}

/** Tells the server of a sign-out that it has not heard of. */
export async function finishSignOut() {
  const csrf = localStorage.getItem(UNHEARD);
  if (csrf === null) return;
  try {
    await api("/auth/logout", { method: "POST", body: {}, retry401: false, timeoutMs: SIGN_OUT_MS, csrf });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status >= 500) return;
  }
  localStorage.removeItem(UNHEARD);
}
