// Builds dist/: the pages, beside them the package's worker and module, where `new URL` looks, and the model in shards.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { writeModel } from "./model.mjs";
import { buildServiceWorker } from "./offline/build.mjs";

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
  // What a part of the page needs is loaded with that part.
  splitting: true,
  target: "es2022",
  minify: true,
  loader: { ".svg": "text" },
});
// The room shows the source of its tools.
cpSync(join(here, "world/tools"), join(dist, "world"), { recursive: true });
for (const file of ["index.html", "self-test.html", "lesson.html", "lesson-sheet.html"])
  writeFileSync(join(dist, file), withAddress(withSize(readFileSync(join(here, file), "utf8")), process.env.SITE_URL));
cpSync(join(here, "share/social.png"), join(dist, "social.png"));
cpSync(join(here, "manifest.webmanifest"), join(dist, "manifest.webmanifest"));
cpSync(join(here, "icons"), join(dist, "icons"), { recursive: true, filter: (path) => !path.endsWith(".mjs") });
for (const file of readdirSync(join(here, "../pkg/dist")))
  if (/^worker.*\.js$|\.wasm$|^LICENSE|^THIRD-PARTY/.test(file))
    cpSync(join(here, "../pkg/dist", file), join(dist, file));
writeFileSync(join(dist, "samples.json"), JSON.stringify(samples(join(here, "../models/catalogue/dev.jsonl"))));
await buildServiceWorker();

/** How much is to come stands there before any script does, which a slow line brings late. */
function withSize(html) {
  const path = join(dist, "model/sizes.json");
  if (!existsSync(path)) return html;
  const bytes = Object.values(JSON.parse(readFileSync(path, "utf8"))).reduce((sum, size) => sum + size, 0);
  return html.replace(">Starting…<", `>${Math.round(bytes / 1e6)} MB. Starting…<`);
}

/** Those who show a picture beside a link want its whole address, which only the host knows: SITE_URL, if it is set. */
function withAddress(html, site) {
  if (!site) return html;
  const url = site.endsWith("/") ? site : `${site}/`;
  const address = `<meta property="og:url" content="${url}" />`;
  return html.replace(/(<meta property="og:image" content=")(social\.png" \/>)/, `${address}\n    $1${url}$2`);
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
