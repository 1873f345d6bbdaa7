/** Two builds of the demo, with the tiny model in the real one's place. Scripts tell which build they are of: `builds`. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { root } from "../../xtask/serve.mjs";
import { read, TINY_PACK } from "../browser/files.mjs";
import { signed } from "../browser/signed.mjs";

const dist = join(root, "www/dist");
const SERVICE_WORKER = "service-worker.js";
const NOT_SERVED = /^model\/|^LICENSE|^THIRD-PARTY|^service-worker\.js$/;
const CHUNK = /-([A-Z0-9]{8})\.js\b/g;

/** The files of the build that is there, by name; `model` has those of the tiny model. */
export function firstBuild(model) {
  const files = { ...model, "model/catalogue.safetensors": read(TINY_PACK), "model/sizes.json": Buffer.from("{}") };
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(dist, path).replaceAll("\\", "/");
    if (entry.isFile() && !NOT_SERVED.test(name)) files[name] = telling(name, readFileSync(path), "first");
  }
  return { ...files, [SERVICE_WORKER]: signed(read("www/dist/service-worker.js").toString(), files) };
}

/** Another build, in which no script, page or module is the same and what is loaded late has other names. */
export function nextBuild(first) {
  const version = versionOf(first);
  const next = createHash("sha256").update(version).digest("hex").slice(0, version.length);
  const isText = (name) => /\.(js|html)$/.test(name);
  const files = {};
  for (const [name, bytes] of Object.entries(first)) {
    if (isText(name)) {
      const text = bytes
        .toString()
        .replaceAll(version, next)
        .replace(/"first"(?=\);\n$)/, '"next"');
      files[renamed(name)] = Buffer.from(renamed(text));
    } else files[name] = name.endsWith(".wasm") ? Buffer.concat([bytes, SECTION]) : bytes;
  }
  const { [SERVICE_WORKER]: script, ...others } = files;
  return { ...files, [SERVICE_WORKER]: signed(script.toString(), others) };
}

export function versionOf(build) {
  return /<meta name="build" content="(\w+)"/.exec(build["index.html"])[1];
}

/** A custom section of WebAssembly, called "next". */
const SECTION = Buffer.from([0, 5, 4, ...Buffer.from("next")]);

function telling(name, bytes, build) {
  if (!name.endsWith(".js")) return bytes;
  return Buffer.concat([bytes, Buffer.from(`\n(globalThis.builds ??= new Set()).add("${build}");\n`)]);
}

function renamed(text) {
  return text.replace(CHUNK, (_, hash) => `-${[...hash].reverse().join("")}.js`);
}
