// Builds dist/: the pages, beside them the package's worker and module, where `new URL` looks, and the model in shards.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { cutModel } from "./model.mjs";

const here = import.meta.dirname;
const dist = join(here, "dist");
mkdirSync(dist, { recursive: true });
// The model stays: it hardly ever changes.
for (const name of readdirSync(dist).filter((name) => name !== "model"))
  rmSync(join(dist, name), { recursive: true, force: true });
cutModel();
await build({
  absWorkingDir: here,
  entryPoints: ["main.ts", "self-test.ts", "style.css"],
  outdir: dist,
  bundle: true,
  format: "esm",
  // What a part of the page needs is loaded with that part.
  splitting: true,
  target: "es2022",
  minify: true,
});
for (const file of ["index.html", "self-test.html", "manifest.webmanifest"]) cpSync(join(here, file), join(dist, file));
cpSync(join(here, "icons"), join(dist, "icons"), { recursive: true, filter: (path) => !path.endsWith(".mjs") });
for (const file of readdirSync(join(here, "../pkg/dist")))
  if (/^worker.*\.js$|\.wasm$/.test(file)) cpSync(join(here, "../pkg/dist", file), join(dist, file));
writeFileSync(join(dist, "samples.json"), JSON.stringify(samples(join(here, "../models/catalogue/dev.jsonl"))));
await buildServiceWorker();

/** It keeps all but the model's shards and the modules, of which the page names the one that it needs. */
async function buildServiceWorker() {
  const names = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .filter((name) => name !== "model/source.json" && !name.endsWith(".bin"))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(readFileSync(join(dist, name)));
  await build({
    entryPoints: [join(here, "offline/service-worker.mjs")],
    outfile: join(dist, "service-worker.js"),
    minify: true,
    define: {
      FILES: JSON.stringify(names.filter((name) => !name.endsWith(".wasm"))),
      VERSION: JSON.stringify(hash.digest("hex").slice(0, 12)),
    },
  });
}

/** One short question for each tool, from the catalogue. */
function samples(path) {
  const questions = {};
  if (!existsSync(path)) return questions;
  for (const line of readFileSync(path, "utf8").split("\n").filter(Boolean)) {
    const { query, calls } = JSON.parse(line);
    const known = questions[calls[0]?.name];
    if (calls.length === 1 && (!known || query.length < known.length)) questions[calls[0].name] = query;
  }
  return questions;
}
