// Who is signed in, the picture they see and their socket: one of each for a page.

import { api, post } from "./api.js";
import { Link } from "./link.js";
import { Store } from "./store.js";

/** @typedef {import("../types.js").User} User */

export const session = {
  store: new Store(),
  /** @type {Link | null} */
  link: null,
  /** @type {User | null} */
  me: null,
};

/** Starts the socket for a person who is signed in. @param {User} me */
export function begin(me) {
  session.me = me;
  session.link?.stop();
  session.link = new Link(session.store);
  void session.link.start();
}

/** Ends the socket and forgets the picture; elements keep the same store object. */
export function end() {
  session.link?.stop();
  session.link = null;
  session.me = null;
  const fresh = new Store();
  const { listeners, eventListeners, positionListeners } = session.store;
  Object.assign(session.store, fresh, { listeners, eventListeners, positionListeners });
  session.store.changed();
}

/** @param {string} login @param {string} password @returns {Promise<User>} */
export async function signIn(login, password) {
  const answer = await post("/auth/login", { login, password }, { retry401: false });
  return answer?.user ?? answer?.me ?? (await api("/auth/me"));
}

export async function signOut() {
  try {
    await post("/auth/logout");
  } finally {
    end();
  }
}
