// Builds dist/: the pages, beside them the package's worker and module, where `new URL` looks, and the model in shards.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { cutModel } from "./model.mjs";
import { buildServiceWorker } from "./offline/build.mjs";

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
