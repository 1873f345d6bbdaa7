// Builds dist/: the pages, beside them the package's worker and module, where `new URL` looks, and the model in shards.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { writeModel } from "./model.mjs";

const here = import.meta.dirname;
const dist = join(here, "dist");
mkdirSync(dist, { recursive: true });
// The model and the map stay: they hardly ever change.
for (const name of readdirSync(dist).filter((name) => !["model", "map.json"].includes(name)))
  rmSync(join(dist, name), { recursive: true, force: true });
writeModel();
await build({
  absWorkingDir: here,
  entryPoints: ["main.ts", "self-test.ts", "lesson.ts", "lesson-sheet.ts", "style.css", "lesson.css"],
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
});
for (const file of ["index.html", "self-test.html", "lesson.html", "lesson-sheet.html"])
  cpSync(join(here, file), join(dist, file));
for (const file of readdirSync(join(here, "../pkg/dist")))
  if (/^worker.*\.js$|\.wasm$/.test(file)) cpSync(join(here, "../pkg/dist", file), join(dist, file));
writeFileSync(join(dist, "samples.json"), JSON.stringify(samples(join(here, "../models/catalogue/dev.jsonl"))));

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
