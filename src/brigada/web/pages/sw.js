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

/** The page: from the server when it answers, else the kept one. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/");
    if (kept) return kept;
    throw error;
  }
}

/** A file of this version: the kept one first, it can't have changed. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
