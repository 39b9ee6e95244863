// The public API: cookies, CSRF values, one refresh for all, idempotency keys, problem+json.

/** An answer of the server that refuses: its stable code, its words and its named data. */
export class ApiProblem extends Error {
  /** @param {number} status @param {Record<string, any>} body @param {number | null} retryAfterS */
  constructor(status, body, retryAfterS) {
    super(String(body.detail ?? body.title ?? status));
    this.status = status;
    /** @type {string} */
    this.code = String(body.code ?? "");
    /** @type {Record<string, any>} */
    this.data = body;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came: the link or the server is away. */
export class NoLink extends Error {}

// A request without an answer for so long is given up (its idempotency key makes a repeat harmless).
const TIMEOUT_MS = 15_000;
const BASE = "/api/v1";
// Only these answers to a refresh say that the session is over.
const REFUSALS = [401, 403];

let language = "ru";
/** @type {Promise<boolean> | null} */
let refreshing = null;
/** @type {Set<() => void>} */
const onSignedOut = new Set();

/** @param {string} value */
export const setApiLanguage = (value) => {
  language = value;
};

/** Calls back when the session has ended for good. @param {() => void} callback */
export const whenSignedOut = (callback) => {
  onSignedOut.add(callback);
};

/** @param {string} name */
export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** A key that makes a repeated command harmless. */
export function newKey() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @typedef {{method?: string, body?: unknown, key?: string, signal?: AbortSignal, retry401?: boolean, raw?: boolean, timeoutMs?: number, csrf?: string}} Options
 */

/**
 * One request. Throws `ApiProblem` when the server refuses and `NoLink` when no answer came.
 * @param {string} path @param {Options} [options] @returns {Promise<any>}
 */
export async function api(path, options = {}) {
  const method = options.method ?? "GET";
  const answer = await send(path, method, options);
  if (answer.status === 401 && options.retry401 !== false && !path.startsWith("/auth/login")) {
    if (await refresh()) return api(path, { ...options, retry401: false });
    for (const callback of onSignedOut) callback();
  }
  if (!answer.ok) throw await problem(answer);
  if (options.raw) return answer;
  if (answer.status === 204) return null;
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** @param {string} path @param {string} method @param {Options} options */
async function send(path, method, options) {
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": language };
  // Given up while the tokens were renewed: nobody waits for the answer any more.
  options.signal?.throwIfAborted();
  if (method !== "GET") {
    headers["X-CSRF-TOKEN"] = options.csrf ?? cookie(path === "/auth/refresh" ? "csrf_refresh_token" : "csrf_access_token");
  }
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST" && options.key) headers["Idempotency-Key"] = options.key;
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), options.timeoutMs ?? TIMEOUT_MS);
  options.signal?.addEventListener("abort", () => timer.abort(), { once: true });
  try {
    return await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: timer.signal,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new NoLink(String(error));
  } finally {
    clearTimeout(timeout);
  }
}

/** @param {Response} answer */
async function problem(answer) {
  const wait = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  /** @type {Record<string, any>} */
  let body = {};
  try {
    body = await answer.json();
  } catch {
    body = { detail: answer.statusText };
  }
  return new ApiProblem(answer.status, body, Number.isFinite(wait) ? wait : null);
}

/**
 * New tokens for old; several tabs and requests at once ask only once (a refresh token used twice ends its family).
 * Throws `NoLink` when the server said neither yes nor no: the session stands.
 * @returns {Promise<boolean>} whether the session goes on
 */
export function refresh() {
  refreshing ??= lockedRefresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/**
 * The key of the refresh under way. It outlives a lost answer, a closed page and a phone in a lift: the server, asked
 * again with it, knows its client from a thief.
 */
const refreshKey = {
  name: "brigada-refresh-key",
  kept: "",
  get() {
    try {
      this.kept = localStorage.getItem(this.name) || this.kept || newKey();
      localStorage.setItem(this.name, this.kept);
    } catch {
      this.kept ||= newKey();
    }
    return this.kept;
  },
  forget() {
    this.kept = "";
    try {
      localStorage.removeItem(this.name);
    } catch {
      // nothing was kept there either
    }
  },
};

/** One tab refreshes at a time; the others see that the cookie has changed and do nothing. */
async function lockedRefresh() {
  const before = cookie("csrf_refresh_token");
  if (!before) return false;
  const run = async () => {
    const now = cookie("csrf_refresh_token");
    if (now !== before) return now !== "";
    const answer = await send("/auth/refresh", "POST", { key: refreshKey.get() });
    const refused = REFUSALS.includes(answer.status);
    // A gateway without its server, a limit of requests: no word about the session, which goes on.
    if (!answer.ok && !refused) throw new NoLink(`refresh: ${answer.status}`);
    refreshKey.forget();
    return !refused;
  };
  return navigator.locks ? navigator.locks.request("brigada-refresh", run) : run();
}

/** @param {string} path @param {unknown} [body] @param {Options} [options] */
export const post = (path, body, options = {}) =>
  repeatable(path, { ...options, method: "POST", body: body ?? {}, key: options.key ?? newKey() });

/** @param {string} path @param {unknown} body @param {Options} [options] */
export const patch = (path, body, options = {}) => api(path, { ...options, method: "PATCH", body });

/** @param {string} path @param {Options} [options] */
export const remove = (path, options = {}) => api(path, { ...options, method: "DELETE" });

/** A POST whose answer got lost is sent once more under the same key. @param {string} path @param {Options} options */
async function repeatable(path, options) {
  try {
    return await api(path, options);
  } catch (error) {
    if (!(error instanceof NoLink)) throw error;
    return api(path, options);
  }
}

/**
 * All pages of a list, up to a bound.
 * @param {string} path @param {number} [most]
 * @returns {Promise<any[]>}
 */
export async function all(path, most = 2000) {
  const items = [];
  let cursor = "";
  for (;;) {
    const glue = path.includes("?") ? "&" : "?";
    const page = await api(`${path}${glue}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    items.push(...page.items);
    cursor = page.next_cursor ?? "";
    if (!cursor || items.length >= most) return items;
  }
}
