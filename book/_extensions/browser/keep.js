// Has the browser keep this page and what runs it, so that the next visit needs no network. Called by a press of Run.
const KEPT = `nonlinear ${new URL("../../", import.meta.url).pathname}`;
const WAIT = 3000; // ms for the service worker to start; without it the page goes on, and keeps what any cache does

/** The service worker, once it sees what this page and its worker ask for. */
function watching() {
  const {serviceWorker} = navigator;
  return new Promise((resolve, reject) => {
    const seen = () => serviceWorker.controller && resolve();
    setTimeout(() => reject(new Error("no service worker")), WAIT);
    serviceWorker.addEventListener("controllerchange", seen);
    serviceWorker.register(new URL("../../offline.js", import.meta.url)).then(seen, reject);
  });
}

/** Keep what the page has loaded so far; `folders` are those of this release. Returns the name of the cache, if there may be one. */
export async function keep(folders) {
  try {
    await watching();
    navigator.serviceWorker.controller.postMessage({folders});
    const loaded = performance.getEntriesByType("resource").map(({name}) => name);
    for (const address of [location.href, ...loaded]) fetch(address).catch(() => {});
    return KEPT;
  } catch {}                                                    // refused, or the page came without encryption
}
