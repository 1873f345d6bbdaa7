/** The page's service worker for a site on which some of the built files are others. */
import { createHash } from "node:crypto";

import { read } from "./files.mjs";

/** `script` with the integrity of `files`, by their names. */
export function signed(script, files) {
  let text = script;
  for (const [name, bytes] of Object.entries(files)) {
    const integrity = `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
    text = text.replace(new RegExp(`("${name.replaceAll(".", "\\.")}":")sha256-[^"]+`), `$1${integrity}`);
  }
  return text;
}

/** `files` of a site under `base`, by path, with the service worker that they are of one build for. */
export function withServiceWorker(files, base = "/") {
  const named = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path.slice(base.length), bytes]));
  return { ...files, [`${base}service-worker.js`]: signed(read("www/dist/service-worker.js").toString(), named) };
}
