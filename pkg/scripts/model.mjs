// Makes the npm package of a model: shards of the checkpoint, the adapter, the manifest that names them, an index of
// their URLs, licence and model card.
// node pkg/scripts/model.mjs FILE FOLDER [--adapter FILE] [--name NAME] [--version VERSION]
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { cut } from "./shard.mjs";
import { runAsCommand } from "./command.mjs";

const root = join(import.meta.dirname, "../..");

/** Writes the package into a folder that is new or empty, and returns its `package.json`. */
export function packModel({
  file,
  adapter,
  folder,
  name = basename(file, ".gguf"),
  version = own().version,
  card = join(root, "models/README.md"),
  licence = join(root, "LICENSE-APACHE"),
}) {
  const { shards, adapter: added, ...whole } = cut({ file, adapter, folder, name });
  const parts = added ? [added, ...shards] : shards;
  const files = parts.map((part) => part.file);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const hashes = [whole, added].flatMap((file) => file?.sha256 ?? []).join(" and ");
  writeFileSync(join(folder, "index.js"), indexOf(files));
  writeFileSync(join(folder, "index.d.ts"), TYPES);
  copyFileSync(card, join(folder, "README.md"));
  copyFileSync(licence, join(folder, "LICENSE"));
  const manifest = {
    name,
    version,
    description: `A model for toolgen: ${Math.round(bytes / 1e6)} MB in ${files.length} files, SHA-256 ${hashes}.`,
    keywords: ["toolgen", "checkpoint", "llm"],
    license: "Apache-2.0",
    // Named where packages are published with provenance.
    repository: own().repository,
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./manifest.json": "./manifest.json",
      "./*.bin": "./*.bin",
      "./package.json": "./package.json",
    },
    types: "./index.d.ts",
    files: ["index.js", "index.d.ts", "manifest.json", "*.bin"],
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Each URL is written in the form that bundlers recognise: they copy the file and put its new URL there. */
function indexOf(files) {
  const url = (file) => `new URL("./${file}", import.meta.url).href`;
  const shards = files.map((file) => `    "${file}": ${url(file)},\n`).join("");
  return `/** For toolgen's load({ checkpoint }). */\nexport const checkpoint = {\n  manifest: ${url("manifest.json")},\n  shards: {\n${shards}  },\n};\n`;
}

const TYPES = `/** For toolgen's load({ checkpoint }). */\nexport declare const checkpoint: { manifest: string; shards: Record<string, string> };\n`;

function own() {
  return JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
}

function main() {
  const { values, positionals } = parseArgs({
    options: { adapter: { type: "string" }, name: { type: "string" }, version: { type: "string" } },
    allowPositionals: true,
  });
  const [file, folder, ...more] = positionals;
  if (folder === undefined || more.length > 0)
    throw new Error("Usage: model.mjs FILE FOLDER [--adapter FILE] [--name NAME] [--version VERSION]");
  const { name, version } = packModel({ file, folder, ...values });
  console.log(`${folder}: ${name} ${version}`);
}

runAsCommand(import.meta.url, main);
