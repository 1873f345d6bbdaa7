/**
 * A small static server on localhost, for the demo, the benchmark and the tests.
 * `node xtask/serve.mjs [--port N] [--host HOST] [--dev]` serves the demo and prints its address; with --host 0.0.0.0 other
 * machines of the network reach it, too; with --dev, its pages are loaded again at each line on stdin.
 */
import { createReadStream, realpathSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import { extname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs, promisify } from "node:util";
import { gzip } from "node:zlib";

export const root = join(import.meta.dirname, "..");

/** The demo's folders by the URL path that they are served under. */
const FOLDERS = { "/": "www/dist", "/models/": "models", "/pkg/": "pkg/dist" };

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

const COMPRESSED = [".wasm", ".js", ".css", ".json"];

const ISOLATION = [
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-embedder-policy", "require-corp"],
];

/**
 * Serves the demo's folders and `folders`, which replace those under the same path. `files` maps paths to what is
 * served in place of the disk: bytes, or a function of the response. `script` is the path of one that every page loads.
 * Pages of an `isolated` site may share memory with workers.
 */
export async function startSite({ folders = {}, files = {}, script, isolated = false, port = 0, host } = {}) {
  const site = {
    folders: { ...FOLDERS, ...folders },
    files: { "/blank.html": "<!doctype html><title>blank</title>", ...files },
    script,
  };
  const requested = [];
  const server = createServer((request, response) => {
    const path = pathOf(request.url);
    requested.push(path);
    if (isolated) for (const [name, value] of ISOLATION) response.setHeader(name, value);
    // A browser that hangs up in mid-file is no fault of ours.
    answer(site, path, request, response).catch(() => response.destroy());
  });
  const bound = await listen(server, port, host);
  return { url: `http://localhost:${bound}/`, requested, close: () => close(server) };
}

async function answer({ folders, files, script }, path, request, response) {
  const headers = { "content-type": typeOf(path ?? "") };
  const own = path !== undefined && Object.hasOwn(files, path) ? files[path] : undefined;
  if (typeof own === "function") return own(response);
  if (own !== undefined)
    return response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(own) }).end(own);
  if (!["GET", "HEAD"].includes(request.method)) return response.writeHead(405, { allow: "GET, HEAD" }).end();

  const file = path && locate(folders, path);
  const found = file && (await stat(file).catch(() => undefined));
  if (!found?.isFile()) return response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
  const { size, mtimeMs } = found;
  const etag = `"${size.toString(16)}-${mtimeMs.toString(16)}"`;
  headers["content-type"] = TYPES[extname(file)] ?? headers["content-type"];
  // A page is never kept, so that a rebuild shows at once; the rest is kept and asked for again each time.
  headers["cache-control"] = extname(file) === ".html" ? "no-store" : "no-cache";
  Object.assign(headers, { etag, "accept-ranges": "bytes", "x-content-type-options": "nosniff" });
  if (request.headers["if-none-match"] === etag) return response.writeHead(304, headers).end();

  if (script && extname(file) === ".html") {
    return response.writeHead(200, headers).end(`${await readFile(file)}<script src="${script}"></script>`);
  }

  // As hosts do: compressed, scripts and the module are a third as large; weights hardly shrink.
  if (
    COMPRESSED.includes(extname(file)) &&
    !request.headers.range &&
    /\bgzip\b/.test(request.headers["accept-encoding"])
  ) {
    const body = await gzipped(file, etag);
    Object.assign(headers, { "content-encoding": "gzip", "content-length": body.length, "vary": "accept-encoding" });
    response.writeHead(200, headers);
    return response.end(request.method === "HEAD" ? undefined : body);
  }

  // A range of another version of the file would be of no use.
  const isSameVersion = (request.headers["if-range"] ?? etag) === etag;
  const range = isSameVersion ? rangeOf(request.headers.range, size) : undefined;
  if (range === null) return response.writeHead(416, { ...headers, "content-range": `bytes */${size}` }).end();
  const { start, end } = range ?? { start: 0, end: size - 1 };
  headers["content-length"] = end - start + 1;
  if (range) headers["content-range"] = `bytes ${start}-${end}/${size}`;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === "HEAD" || size === 0) return response.end();
  await pipeline(createReadStream(file, { start, end }), response);
}

/** Of each file the newest version, which is compressed once. */
const gzips = new Map();

function gzipped(file, etag) {
  const known = gzips.get(file);
  if (known?.etag === etag) return known.body;
  const body = readFile(file).then(promisify(gzip));
  gzips.set(file, { etag, body });
  return body;
}

export function typeOf(path) {
  return TYPES[extname(path)] ?? "application/octet-stream";
}

/** The path of a request's URL, decoded; nothing if it can't be. */
function pathOf(url) {
  try {
    return decodeURIComponent(new URL(`http://site${url}`).pathname);
  } catch {
    return undefined;
  }
}

/** The file that a path means, under the longest of the folders' paths that fits; nothing if it leads out of them. */
export function locate(folders, path) {
  const fitting = Object.keys(folders).filter((prefix) => path.startsWith(prefix));
  const prefix = fitting.sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return undefined;
  const parts = path.slice(prefix.length).split("/");
  // A name that means the same on every system: neither a step up, nor hidden, nor a separator, drive or stream.
  if (parts.some((part) => part.startsWith(".") || /[\\:\0]/.test(part))) return undefined;
  if (parts.at(-1) === "") parts.push("index.html");
  return resolve(root, folders[prefix], parts.filter(Boolean).join("/"));
}

/**
 * What a Range header (RFC 9110, section 14.2) asks of `size` bytes, both ends included: `null` if the file has none of
 * them, nothing if the header is one that a server may ignore.
 */
export function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (!first && !last) return undefined;
  if (first && last && Number(first) > Number(last)) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start <= end ? { start, end } : null;
}

export function listen(server, port = 0, host = "localhost") {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address().port));
  });
}

export function close(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

/** On the given port, or on the first free one from 8080. */
async function startDemo({ port, host, dev }) {
  const site = { ...(dev ? reloading() : {}), host };
  if (port !== undefined) return startSite({ ...site, port: Number(port) });
  for (let tried = 8080; ; tried++) {
    try {
      return await startSite({ ...site, port: tried });
    } catch (error) {
      if (error.code !== "EADDRINUSE" || tried === 8129) throw error;
    }
  }
}

/** The URLs under which other machines reach a server of all addresses. */
export function lanUrls(host, url, interfaces = networkInterfaces()) {
  if (host !== "0.0.0.0" && host !== "::") return [];
  const addresses = Object.values(interfaces).flat();
  const outward = addresses.filter(({ family, internal }) => family === "IPv4" && !internal);
  return outward.map(({ address }) => `http://${address}:${new URL(url).port}/`);
}

/** Pages that wait for a line on stdin and then load themselves again. The server ends with stdin. */
function reloading() {
  const waiting = new Set();
  process.stdin.on("data", () => waiting.forEach((response) => response.write("data: built\n\n")));
  process.stdin.on("end", () => process.exit());
  return {
    script: "/dev/reload.js",
    files: {
      "/dev/reload.js": 'new EventSource("/dev/builds").onmessage = () => location.reload();',
      "/dev/builds": (response) => {
        waiting.add(response.on("close", () => waiting.delete(response)));
        response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).flushHeaders();
      },
    },
  };
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  const { values } = parseArgs({
    options: { port: { type: "string" }, host: { type: "string" }, dev: { type: "boolean" } },
  });
  try {
    const { url } = await startDemo(values);
    console.log(url);
    console.error(`the demo is at ${url} (end it with Ctrl-C)`);
    const others = lanUrls(values.host, url);
    if (others.length > 0) console.error(`and, for other machines of the network, at ${others.join(" and ")}`);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
