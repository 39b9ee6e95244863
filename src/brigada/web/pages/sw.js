// Keeps the console's own files for work without a network. Answers of the API are never kept:
// no personal data may lie in a cache.
"use strict";

const VERSION = "{{version}}";
const CACHE = `console-${VERSION}`;
const FILES = {{files}};

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(["/", ...FILES]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === "/" || url.pathname.startsWith("/console")) event.respondWith(page(request));
    return;
  }
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

// In a lift the network is often there and carries nothing: the kept page is better than a blank one.
const PATIENCE_MS = 4000;

/** The page: from the server when it answers soon, else the kept one. */
async function page(request) {
  const kept = await caches.match("/");
  if (!kept) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // A gateway in front of a server that is away answers with a page of its own.
    return answer.status < 500 ? answer : kept;
  } catch {
    return kept;
  }
}

/** A file of this version: the kept one first, it can't have changed. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

// A notification of a new assignment leads to the console, which is open: it was the one that showed it.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      await (open ? open.focus() : self.clients.openWindow("/"));
    })(),
  );
});
