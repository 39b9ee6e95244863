// What a crew's phone keeps so that it works without a network: who is signed in, the current card, the taps that the
// server has not answered yet and what the crew has not read yet. All of it is erased at sign-out.

import { deleteDB, openDB } from "../../vendor/idb.js";

/** @typedef {"outbox" | "news"} List */

const NAME = "brigada-crew";
const VERSION = 2;

/** Where IndexedDB is missing or refuses, the page's own memory, until it is closed. @type {Record<List, Map<number, any>>} */
const memory = { outbox: new Map(), news: new Map() };
let nextInMemory = Number.MAX_SAFE_INTEGER / 2;
// While the phone is being erased nothing may be written: it would bring the card back.
let erasing = false;

export const device = {
  /** Whether what is written outlives the page. */
  keeps: true,
};

/** @returns {Promise<import("idb").IDBPDatabase>} */
const open = () =>
  openDB(NAME, VERSION, {
    upgrade(database) {
      for (const name of ["outbox", "news"]) {
        if (!database.objectStoreNames.contains(name)) database.createObjectStore(name, { keyPath: "order", autoIncrement: true });
      }
      if (!database.objectStoreNames.contains("kept")) database.createObjectStore("kept");
    },
    blocking(_current, _blocked, event) {
      // Another tab erases or upgrades: let it.
      /** @type {IDBDatabase} */ (event.target).close();
    },
  });

/** @template T @param {(database: import("idb").IDBPDatabase) => Promise<T>} work @returns {Promise<T>} */
async function using(work) {
  const database = await open();
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

// Tells without opening the store whether this device is a crew's: other people's browsers never make one.
const MARK = "brigada.crew";

/** @param {boolean} here */
function mark(here) {
  try {
    if (here) localStorage.setItem(MARK, "1");
    else localStorage.removeItem(MARK);
  } catch {
    // Without storage nothing is kept anyway.
  }
}

function isMarked() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

/** @param {string} key @param {unknown} value */
export async function keep(key, value) {
  if (erasing) return;
  mark(true);
  await using((database) => database.put("kept", value, key));
}

/** @param {string} key @returns {Promise<any>} */
export const recall = (key) => using((database) => database.get("kept", key));

/** What lies in a list, in its order. @param {List} list @returns {Promise<any[]>} */
export async function listed(list) {
  /** @type {any[]} */
  let stored = [];
  try {
    stored = await using((database) => database.getAll(list));
  } catch {
    device.keeps = false;
  }
  return [...stored, ...memory[list].values()];
}

/** Adds to a list; returns the item with its order. @template T @param {List} list @param {T} item @returns {Promise<T & {order: number}>} */
export async function append(list, item) {
  try {
    if (erasing) throw new Error("erasing");
    const order = Number(await using((database) => database.add(list, item)));
    return { ...item, order };
  } catch {
    device.keeps = false;
    const whole = { ...item, order: nextInMemory++ };
    memory[list].set(whole.order, whole);
    return whole;
  }
}

/** Another content for an item of a list, in its place. @param {List} list @param {{order: number}} item */
export async function replace(list, item) {
  if (memory[list].has(item.order)) {
    memory[list].set(item.order, item);
    return;
  }
  try {
    if (erasing) throw new Error("erasing");
    await using((database) => database.put(list, item));
  } catch {
    device.keeps = false;
  }
}

/** @param {List} list @param {number[]} orders */
export async function strike(list, orders) {
  for (const order of orders) memory[list].delete(order);
  try {
    await using(async (database) => {
      const change = database.transaction(list, "readwrite");
      await Promise.all([...orders.map((order) => change.store.delete(order)), change.done]);
    });
  } catch {
    device.keeps = false;
  }
}

/** @returns {Promise<import("../types.js").User | null>} */
export async function recallMe() {
  if (!isMarked()) return null;
  try {
    return (await recall("me")) ?? null;
  } catch {
    return null;
  }
}

/** The session has ended without the person's wish: the card goes, the taps wait until the same person signs in again. */
export async function forgetCard() {
  try {
    await using((database) => Promise.all([database.delete("kept", "picture"), database.delete("kept", "current")]));
  } catch {
    // No storage on this device: nothing was kept either.
  }
}

/** Nothing of a shift stays on the phone. */
export async function forgetDevice() {
  erasing = true;
  memory.outbox.clear();
  memory.news.clear();
  try {
    await deleteDB(NAME);
    mark(false);
  } catch {
    // No storage on this device: nothing was kept either.
  } finally {
    erasing = false;
  }
}
