// Keeps the app's own files, so that it opens without a network. Answers of the API are never kept: a number that may
// be old is worse than none.
const PRECACHE = /*{{precache}}*/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(PRECACHE.cache).then((cache) => cache.addAll(PRECACHE.files)));
});

// Runs once no page uses the older build any more, so its files can go.
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== PRECACHE.cache).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || address.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (PRECACHE.files.includes(address.pathname)) event.respondWith(file(request));
});

/** The page from the network while there is one; the kept shell otherwise. */
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept("/")) ?? Response.error();
  }
}

async function file(request) {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(PRECACHE.cache);
  return cache.match(request);
}
