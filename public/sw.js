const PRECACHE = /*{{precache}}*/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(PRECACHE.cache).then((cache) => cache.addAll(PRECACHE.files)));
});
