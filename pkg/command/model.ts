/** A model's files on the disk: a package's manifest with its shards, or a GGUF file with its adapter. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, ToolgenError } from "../core/errors.js";
import { parseManifest, type Shard } from "../download/manifest.js";
import type { Engine, WasmModule } from "../worker/wasm.js";

export interface ModelFiles {
  /** A package that is installed, a folder with a manifest, or a file. */
  model: string;
  /** Of a GGUF file; a manifest names its own. */
  adapter?: string;
}

const CHUNK_BYTES = 8 << 20;

/** The model on the processor, without tools. */
export async function loadModel(wasm: WasmModule, { model, adapter }: ModelFiles): Promise<Engine> {
  const file = fileOf(model);
  const { bytes, adapted, chunks } = file.endsWith(".json") ? await sharded(file) : whole(file);
  const device = await wasm.Device.open("cpu");
  const reader = new wasm.CheckpointReader(bytes, device);
  try {
    const added = adapter === undefined ? await adapted?.() : await readFile(adapter);
    if (added) reader.adapt(added);
    for await (const chunk of chunks) reader.push(chunk);
  } catch (error) {
    reader.free();
    throw error;
  }
  return reader.finish();
}

/** Its manifest or its GGUF file. */
function fileOf(model: string): string {
  if (existsSync(model)) return statSync(model).isDirectory() ? join(model, "manifest.json") : model;
  try {
    return createRequire(resolve("package.json")).resolve(`${model}/manifest.json`);
  } catch (cause) {
    const hint = `Install it (npm install ${model}), or name a folder or a file with --model.`;
    throw new ToolgenError("bad_argument", `There is no model ${model} here. ${hint}`, { cause });
  }
}

interface Opened {
  bytes: number;
  adapted?(): Promise<Uint8Array>;
  chunks: AsyncIterable<Uint8Array>;
}

async function sharded(file: string): Promise<Opened> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new ToolgenError("manifest", `The manifest ${file} can't be read: ${messageOf(cause)}.`, { cause });
  });
  const { bytes, shards, adapter } = parseManifest(text, pathToFileURL(file).href);
  async function* chunks() {
    for (const shard of shards) yield await readShard(file, shard);
  }
  return { bytes, adapted: adapter && (() => readShard(file, adapter)), chunks: chunks() };
}

async function readShard(manifest: string, shard: Shard): Promise<Uint8Array> {
  const file = join(dirname(manifest), shard.file);
  const content = await readFile(file);
  if (createHash("sha256").update(content).digest("hex") === shard.sha256) return content;
  throw new ToolgenError("integrity", `${file} is not what its manifest says. Install the model again.`);
}

function whole(file: string): Opened {
  return { bytes: statSync(file).size, chunks: createReadStream(file, { highWaterMark: CHUNK_BYTES }) };
}
