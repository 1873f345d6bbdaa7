// dist/model/: the checkpoint in shards with its adapter, as the package reads it. Cut once, and again when a file changes.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cut } from "../pkg/scripts/shard.mjs";

const models = join(import.meta.dirname, "../models");
const files = {
  checkpoint: join(models, "checkpoint/smollm2-135m-instruct-q4_1.gguf"),
  adapter: join(models, "adapter/toolgen-135m.safetensors"),
  pack: join(models, "packs/catalogue.safetensors"),
};

/** The sizes of the files that are there, in bytes. */
export function sizes() {
  const found = Object.entries(files).filter(([, file]) => existsSync(file));
  return Object.fromEntries(found.map(([name, file]) => [name, statSync(file).size]));
}

/** Writes the folder unless it was made of these very files; without a checkpoint there is nothing to cut. */
export function cutModel(folder) {
  const { checkpoint, adapter } = files;
  if (!existsSync(checkpoint) || !existsSync(adapter)) {
    console.warn("The page has no model yet: `cargo xtask fetch` fetches the checkpoint, and the next build cuts it.");
    return;
  }
  const source = join(folder, "source.json");
  const made = JSON.stringify([checkpoint, adapter].map((file) => [statSync(file).size, statSync(file).mtimeMs]));
  if (existsSync(source) && readFileSync(source, "utf8") === made) return;
  rmSync(folder, { recursive: true, force: true });
  cut({ file: checkpoint, adapter, folder, name: "toolgen-135m" });
  writeFileSync(source, made);
}
