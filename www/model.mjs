// dist/model/: the checkpoint in shards with its adapter, as the package reads it, the tools' pack, and what all files weigh;
// beside it the map and what the lesson takes from the pack. Made once, and again when a file changes: `node www/model.mjs`,
// which each build runs as well.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runAsCommand } from "../pkg/scripts/command.mjs";
import { cut } from "../pkg/scripts/shard.mjs";
import { lessonData } from "./lesson/build.mjs";
import { writeMap } from "./map/build.mjs";
import { buildServiceWorker } from "./offline/build.mjs";

const models = join(import.meta.dirname, "../models");
const dist = join(import.meta.dirname, "dist");
const folder = join(dist, "model");
const files = {
  checkpoint: join(models, "checkpoint/smollm2-135m-instruct-q4_1.gguf"),
  adapter: join(models, "adapter/toolgen-135m.safetensors"),
  pack: join(models, "packs/catalogue.safetensors"),
};

/** Writes the folder unless it was made of these very files, and says whether; without a checkpoint there is nothing to cut. */
function cutModel() {
  const { checkpoint: file, adapter } = files;
  const missing = Object.values(files).filter((file) => !existsSync(file));
  if (missing.length > 0) {
    console.warn(`The page has no model yet, for there is no ${missing.join(", ")}: \`cargo xtask fetch\` fetches it.`);
    return false;
  }
  const stats = Object.entries(files).map(([name, file]) => [name, statSync(file)]);
  const source = join(folder, "source.json");
  const pack = join(folder, basename(files.pack));
  const made = JSON.stringify(stats.map(([, { size, mtimeMs }]) => [size, mtimeMs]));
  if (existsSync(source) && existsSync(pack) && readFileSync(source, "utf8") === made) return false;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cut({ file, adapter, folder, name: "toolgen-135m" });
  cpSync(files.pack, pack);
  const sizes = Object.fromEntries(stats.map(([name, { size }]) => [name, size]));
  writeFileSync(join(folder, "sizes.json"), JSON.stringify(sizes));
  writeFileSync(source, made);
  return true;
}

/** All that is made of the model and the pack, and so changes without the page; says whether the model was cut anew. */
export function writeModel() {
  const isNew = cutModel();
  writeMap(join(dist, "map.json"));
  writeFileSync(join(dist, "lesson.json"), JSON.stringify(lessonData()));
  return isNew;
}

// A page that was built already keeps the new files offline.
runAsCommand(import.meta.url, async () => {
  if (writeModel() && existsSync(join(dist, "index.html"))) await buildServiceWorker();
});
