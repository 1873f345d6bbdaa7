/**
 * Answers for a server that can't be reached: with the pages, their scripts and the module, all of one build. The model is
 * kept by the package. The build writes `FILES` and `VERSION`.
 */
const CACHE = `toolgen-page-${VERSION}`;
const MODULE = /^toolgen\w*\.wasm$/;
/** A network that says nothing for so long is none. */
const PATIENCE_MS = 4000;
/** Pages that came from the cache: what belongs to them comes from there, too. */
const offline = new Set();

addEventListener("install", (event) => event.waitUntil(keep(FILES).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const name = request.method === "GET" ? nameOf(request.url) : undefined;
  if (name !== undefined) event.respondWith(answer(event, name));
});
// The page tells which of the modules it computes with.
addEventListener("message", ({ data, ports: [port] }) => {
  keep(data.keep.filter((name) => MODULE.test(name))).then(
    () => port.postMessage(true),
    () => port.postMessage(false),
  );
});

/** What is kept already is of this build, and stays. */
async function keep(names) {
  const cache = await caches.open(CACHE);
  const missing = await Promise.all(names.map(async (name) => ((await cache.match(name)) ? [] : [name])));
  await cache.addAll(missing.flat().map((name) => new Request(name, { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("toolgen-page-") && name !== CACHE).map((name) => caches.delete(name)),
  );
}

/** The file that is kept for an address; none for the model's shards and for other sites. */
function nameOf(url) {
  const { scope } = registration;
  const { origin, pathname } = new URL(url);
  if (!(origin + pathname).startsWith(scope)) return undefined;
  const path = decoded((origin + pathname).slice(scope.length));
  const name = path === "" || path?.endsWith("/") ? `${path}index.html` : path;
  return FILES.includes(name) || MODULE.test(name) ? name : undefined;
}

/** Undefined for what was never encoded: no file of ours is called so. */
function decoded(path) {
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

/** The server's answer is the newest; the kept one is whole. */
async function answer({ request, clientId, resultingClientId }, name) {
  const kept = async () => (await caches.open(CACHE)).match(name);
  if (offline.has(clientId)) {
    if (resultingClientId) offline.add(resultingClientId); // a worker of the page
    return (await kept()) ?? fetch(request);
  }
  try {
    const found = await kept();
    const response = await (found ? inTime(fetch(request)) : fetch(request));
    if (response.ok || response.status === 304 || !found) return response;
    throw new Error(`status ${response.status}`);
  } catch (error) {
    const found = await kept();
    if (!found) throw error;
    if (request.mode === "navigate") offline.add(resultingClientId);
    return found;
  }
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), PATIENCE_MS));
  return Promise.race([promise, late]);
}
