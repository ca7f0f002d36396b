// Keeps verify.html for offline use. Online, the page comes from its host, so that a newer one is seen at once; what the page
// requests of a registry does not pass here.
const CACHE = "vitte-verify";
const PAGE = new URL("verify.html", self.registration.scope).href;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.add(new Request(PAGE, { cache: "reload" }))));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || new URL(request.url).pathname !== new URL(PAGE).pathname) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    try {
      const answer = await fetch(request);
      if (answer.ok) await cache.put(PAGE, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(PAGE);
      if (kept) return kept;
      throw error;
    }
  })());
});
