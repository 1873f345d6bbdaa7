// Cuts a file into shards and writes their manifest; the same file gives the same bytes, always.
// node pkg/scripts/shard.mjs FILE FOLDER [--adapter FILE] [--name NAME] [--shard-bytes N] [--chunk-bytes N]
import { createHash } from "node:crypto";
import { mkdirSync, openSync, closeSync, readdirSync, readFileSync, readSync, fstatSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { runAsCommand } from "./command.mjs";

/** CDNs of npm packages serve files of up to 20 MB. */
const MAX_SHARD_BYTES = 20_000_000;
/** What readers take: each chunk is held in memory until it is verified. */
const MAX_CHUNK_BYTES = 8 << 20;

/**
 * Writes `manifest.json` and the shards into a folder that is new or empty, and returns the manifest.
 * A shard's name has its hash in it: a host that still serves an older release can't mix the two. An adapter is one
 * shard more, which the manifest names apart from the file's.
 * @param {{ file: string, adapter?: string, folder: string, name?: string, shardBytes?: number, chunkBytes?: number }} options
 */
export function cut({ file, adapter, folder, name = basename(file), shardBytes = 16 << 20, chunkBytes = 1 << 20 }) {
  check("--shard-bytes", shardBytes, MAX_SHARD_BYTES);
  check("--chunk-bytes", chunkBytes, MAX_CHUNK_BYTES);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty. Empty it first, so that no shards of another file remain.`);
  const input = openSync(file);
  try {
    const bytes = fstatSync(input).size;
    if (bytes === 0) throw new Error(`${file} is empty.`);
    const whole = createHash("sha256");
    const shards = [];
    for (let start = 0; start < bytes; start += shardBytes) {
      const shard = read(input, file, start, Math.min(shardBytes, bytes - start));
      whole.update(shard);
      shards.push(write(shard, String(shards.length).padStart(3, "0"), folder, chunkBytes));
    }
    const manifest = { version: 2, name, bytes, sha256: whole.digest("hex"), shards };
    if (adapter !== undefined) {
      const content = readFileSync(adapter);
      check(`The size of ${adapter}`, content.length, MAX_SHARD_BYTES);
      manifest.adapter = write(content, "adapter", folder, chunkBytes);
    }
    writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
    return manifest;
  } finally {
    closeSync(input);
  }
}

/** Writes a shard and describes it. */
function write(content, label, folder, chunkBytes) {
  const sha256 = hash(content);
  const file = `${label}-${sha256.slice(0, 8)}.bin`;
  writeFileSync(join(folder, file), content);
  const chunks = [];
  for (let at = 0; at < content.length; at += chunkBytes) chunks.push(hash(content.subarray(at, at + chunkBytes)));
  return { file, bytes: content.length, sha256, chunkBytes, chunks };
}

function read(input, file, position, length) {
  const buffer = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const count = readSync(input, buffer, filled, length - filled, position + filled);
    if (count === 0) throw new Error(`${file} became shorter while it was read.`);
    filled += count;
  }
  return buffer;
}

function hash(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function check(option, value, max) {
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new Error(`${option} must be an integer from 1 to ${max}.`);
}

function main() {
  const names = ["adapter", "name", "shard-bytes", "chunk-bytes"];
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file, folder, ...more] = positionals;
  if (folder === undefined || more.length > 0)
    throw new Error("Usage: shard.mjs FILE FOLDER [--adapter FILE] [--name NAME] [--shard-bytes N] [--chunk-bytes N]");
  const number = (text) => (text === undefined ? undefined : Number(text));
  const { shards, bytes } = cut({
    file,
    adapter: values.adapter,
    folder,
    name: values.name,
    shardBytes: number(values["shard-bytes"]),
    chunkBytes: number(values["chunk-bytes"]),
  });
  console.log(`${folder}: ${bytes} bytes in ${shards.length} shards`);
}

runAsCommand(import.meta.url, main);
