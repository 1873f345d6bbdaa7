/** The demo's site on localhost: `/` is www/dist, `/models/` models, `/pkg/` pkg/dist. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

export const root = join(import.meta.dirname, "../..");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** `files` maps paths to what is served in place of the disk: bytes, or a function of the response. */
export async function startSite({ dist = join(root, "www/dist"), files = {} } = {}) {
  const all = { "/blank.html": "<!doctype html><title>blank</title>", ...files };
  const requested = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://site").pathname));
    requested.push(path);
    const type = { "content-type": TYPES[extname(path)] ?? "application/octet-stream" };
    const own = Object.hasOwn(all, path) ? all[path] : undefined;
    if (typeof own === "function") return own(response);
    if (own !== undefined)
      return void response.writeHead(200, { ...type, "content-length": Buffer.byteLength(own) }).end(own);
    const file = locate(dist, path);
    const size = await stat(file).then(
      (found) => (found.isFile() ? found.size : undefined),
      () => undefined,
    );
    if (size === undefined) return void response.writeHead(404).end("not found");
    if (path.endsWith("/")) type["content-type"] = TYPES[".html"];
    response.writeHead(200, { ...type, "content-length": size });
    createReadStream(file).pipe(response);
  });
  const port = await listen(server);
  return { url: `http://localhost:${port}/`, requested, close: () => close(server) };
}

function locate(dist, path) {
  if (path.startsWith("/models/")) return join(root, path);
  if (path.startsWith("/pkg/")) return join(root, "pkg/dist", path.slice("/pkg/".length));
  return join(dist, path.endsWith("/") ? `${path}index.html` : path);
}

export function listen(server) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "localhost", () => resolve(server.address().port));
  });
}

export function close(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
