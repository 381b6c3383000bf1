// A service worker that answers from what it has kept where there is no network. Registered by keep.js, on a press of Run.
const KEPT = `nonlinear ${new URL(registration.scope).pathname}`; // as in keep.js
const FOLDER = /\/_static\/((?:run|pyodide)-[\w.]+)\//;         // named by what is in it: no need to ask again

/** The folder of a release, or of a Python, that an address lies in. */
const folderOf = ({url}) => new URL(url).pathname.match(FOLDER)?.[1];

/** Answer a request: from the network, but for what cannot have changed or cannot be reached. */
async function answer({request}, keep) {
  const cache = await caches.open(KEPT), kept = await cache.match(request, {ignoreVary: true});
  if (kept && folderOf(request)) return kept;
  try {
    const found = await fetch(request);
    if (found.status === 200) keep(cache.put(request, found.clone()));
    return found.status >= 500 && kept ? kept : found;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Drop what belongs to other releases. */
async function tidy(folders) {
  const cache = await caches.open(KEPT);
  for (const request of await cache.keys()) {
    const folder = folderOf(request);
    if (folder && !folders.includes(folder)) await cache.delete(request);
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(tidy(event.data.folders)));
self.addEventListener("fetch", (event) => {
  const {method, url} = event.request;
  if (method !== "GET" || new URL(url).origin !== location.origin) return;
  event.respondWith(answer(event, (kept) => event.waitUntil(kept.catch(() => {}))));
});
