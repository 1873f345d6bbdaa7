/**
 * Keeps the pages, their scripts and the module, all of one build, for when the server can't be reached or has another build
 * by then. A page and its workers have all their files from one build. The model is kept by the package. The build writes
 * `VERSION`, which stands in each page, and `FILES`: each file's name and its integrity, which pages have none of, for hosts
 * may add to them.
 */
const PREFIX = "toolgen-page-";
const CACHE = PREFIX + VERSION;
const NETWORK = "network";
/** Which pages and workers have their files from which cache, or from the network: the next build's service worker asks, too. */
const CLIENTS = "toolgen-clients";
const MODULE = /^toolgen\w*\.wasm$/;
const PAGE = /\.html$/;
/** What is loaded late; another build calls it otherwise. */
const CHUNK = /-[A-Z0-9]{8}\.js$/;
/** A network that says nothing for so long is none. */
const PATIENCE_MS = 4000;
/** As in `CLIENTS`, of those whom this worker has met: browsers end it when it is idle. */
const origins = new Map();
/** Pages of another build that haven't told yet that they run. */
const starting = new Set();
/** The server's page could not start: the next one is the kept one. */
let isKeptNext = false;

addEventListener("install", (event) => {
  const names = Object.keys(FILES).filter((name) => !MODULE.test(name)); // of these the page names the one it needs
  event.waitUntil(keep(names).then(() => skipWaiting()));
});
// The pages of before stay with their build.
addEventListener("activate", (event) => event.waitUntil(forgetUnused().then(() => clients.claim())));
addEventListener("fetch", (event) => {
  const { request } = event;
  const name = request.method === "GET" ? nameOf(request.url) : undefined;
  if (name === undefined) return;
  event.respondWith(request.mode === "navigate" ? page(event, name) : part(event, name));
});
// A page tells its build, and which of the modules it computes with.
addEventListener("message", (event) => {
  const {
    data: { keep: names, build },
    source,
    ports: [port],
  } = event;
  starting.delete(source.id);
  const kept = meet(source, build)
    .then(() => keep(names.filter((name) => MODULE.test(name) && name in FILES)))
    .then(forgetUnused)
    .then(
      () => port.postMessage(true),
      () => port.postMessage(false),
    );
  event.waitUntil(kept);
});

/** The file of an address; none for the model's shards and for other sites. */
function nameOf(url) {
  const { scope } = registration;
  const { origin, pathname } = new URL(url);
  if (!(origin + pathname).startsWith(scope)) return undefined;
  const path = decoded((origin + pathname).slice(scope.length));
  const name = path === "" || path?.endsWith("/") ? `${path}index.html` : path;
  return Object.hasOwn(FILES, name) || CHUNK.test(name) ? name : undefined;
}

/** Undefined for what was never encoded: no file of ours is called so. */
function decoded(path) {
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

/** The server's page is the newest; the kept one is whole. */
async function page({ request, resultingClientId }, name) {
  const kept = await keptIn(CACHE, name);
  try {
    if (isKeptNext && kept) throw new Error("the server's build isn't whole");
    const [response, text] = await (kept ? inTime(whole(request)) : whole(request));
    if (!response.ok && kept) throw new Error(`status ${response.status}`);
    const isKept = kept && isOfThisBuild(text);
    if (!isKept) starting.add(resultingClientId);
    await mark(resultingClientId, isKept ? CACHE : NETWORK);
    return response;
  } catch (error) {
    if (!kept) throw error;
    isKeptNext = false;
    await mark(resultingClientId, CACHE);
    return kept;
  }
}

/** A script, style, module or the like, for a page or a worker: of the build that this one is of. */
async function part({ request, clientId, resultingClientId }, name) {
  const origin = await originOf(clientId);
  if (origin) await mark(resultingClientId, origin); // a worker of the page
  if (origin === NETWORK) return ofAnotherBuild(request, clientId);
  if (origin) return (await keptIn(origin, name)) ?? (origin === CACHE ? fetchVerified(name) : Response.error());
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await keptIn(CACHE, name);
    if (!kept) throw error;
    return kept;
  }
}

/** A page that can't start for want of a script gives way to the kept one. */
async function ofAnotherBuild(request, clientId) {
  // The browser's own cache may have a file of the build before.
  const response = await fetch(request, { cache: "no-cache" }).catch(() => Response.error());
  const isScript = response.ok && /javascript/.test(response.headers.get("content-type"));
  if (isScript || request.destination !== "script" || !starting.delete(clientId)) return response;
  isKeptNext = true;
  const client = await clients.get(clientId);
  await client?.navigate(client.url);
  return Response.error(); // the page is gone: there is nobody left to read a body
}

function keptIn(cacheName, name) {
  return caches.match(name, { cacheName });
}

/** All of them or none. What is kept already is of this build, and stays. */
async function keep(names) {
  const cache = await caches.open(CACHE);
  const missing = await Promise.all(names.map(async (name) => ((await cache.match(name)) ? [] : [name])));
  const fetched = await Promise.all(missing.flat().map(async (name) => [name, await fetchVerified(name)]));
  await Promise.all(fetched.map(([name, response]) => cache.put(name, response)));
}

/** Throws where the server has no such file, another build's, or an error page in its place. */
async function fetchVerified(name) {
  const response = await fetch(new Request(name, { cache: "no-cache", integrity: FILES[name] }));
  if (!response.ok) throw new Error(`status ${response.status}`);
  if (PAGE.test(name) && !isOfThisBuild(await response.clone().text())) throw new Error(`${name} is of another build`);
  return response;
}

async function whole(request) {
  const response = await fetch(request);
  return [response, await response.clone().text()];
}

function isOfThisBuild(text) {
  return text.includes(`content="${VERSION}"`);
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), PATIENCE_MS));
  return Promise.race([promise, late]);
}

/** A page that came when no service worker, or another build's, saw to it. */
async function meet({ id }, build) {
  if (build === VERSION) await mark(id, CACHE);
  else if (!(await originOf(id))) await mark(id, NETWORK);
}

async function originOf(clientId) {
  return origins.get(clientId) ?? (await (await keptIn(CLIENTS, markOf(clientId)))?.text());
}

async function mark(clientId, origin) {
  if (!clientId) return;
  origins.set(clientId, origin);
  await caches
    .open(CLIENTS)
    .then((marks) => marks.put(markOf(clientId), new Response(origin)))
    .catch(() => {}); // no room: known until this worker ends
}

function markOf(clientId) {
  return `client/${clientId}`;
}

/** Pages that are gone, and builds that no page is of. */
async function forgetUnused() {
  const isFilling = () => registration.installing || registration.waiting; // the next one's cache
  if (isFilling()) return;
  const marks = await caches.open(CLIENTS);
  const used = new Set([CACHE]);
  for (const request of await marks.keys()) {
    const id = request.url.split("/").at(-1);
    if (await clients.get(id))
      used.add(await (await marks.match(request))?.text()); // another may have deleted it
    else await marks.delete(request);
  }
  const names = await caches.keys();
  if (isFilling()) return;
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && !used.has(name)).map((name) => caches.delete(name)),
  );
}
