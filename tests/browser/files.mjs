/** The built site and the weights that the browser tests need. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../xtask/serve.mjs";

/** What `load()` takes for the real model. */
export const MODEL = {
  checkpoint: "models/checkpoint/smollm2-135m-instruct-q4_1.gguf",
  adapter: "models/adapter/toolgen-135m.safetensors",
  pack: "models/packs/catalogue.safetensors",
};
/** Random weights: whatever they answer is a tool of the pack with arguments that fit its schema, or an abstention. */
export const TINY_CHECKPOINT = "models/tiny/toolgen-tiny.gguf";
/** For the checkpoint alone. */
export const TINY_PACK = "models/tiny/tools.safetensors";
export const TINY_ADAPTER = "models/tiny/adapter.safetensors";

/** The same files as URLs on the test's site. */
export function urls(files) {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/${file}`]));
}

export function requireBuilt(...files) {
  const missing = files.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0)
    throw new Error(
      `Missing: ${missing.join(", ")}. \`cargo xtask build\` builds the site, \`cargo xtask fetch\` fetches the weights.`,
    );
}

export function read(file) {
  return readFileSync(join(root, file));
}

/** The values of a file with one JSON value a line. */
export function readLines(file) {
  return read(file)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** What the tiny checkpoint's streams say, as `tests/native/tiny.rs` wrote it down. */
export function readTranscripts() {
  return JSON.parse(read("tests/golden/transcripts.json").toString());
}

/** An adapter or a pack with one digit of the SHA-256 in its header changed: made, it says, for another base. */
export function ofAnotherBase(file) {
  const bytes = read(file);
  const [header] = headerOf(bytes);
  const found = /"base_sha256":"/.exec(header);
  if (!found) throw new Error(`The header of ${file} names no base.`);
  const at = 8 + found.index + found[0].length;
  bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
  return bytes;
}

/** The tiny adapter with one scale that is no number. */
export function adapterWithNaN() {
  const bytes = read(TINY_ADAPTER);
  const [header, end] = headerOf(bytes);
  const [start] = JSON.parse(header)["layers.1.down.b.scales"].data_offsets;
  bytes.writeUInt16LE(0x7e00, end + start);
  return bytes;
}

/** The header of a safetensors file, and where it ends. */
function headerOf(bytes) {
  const end = 8 + Number(bytes.readBigUInt64LE());
  return [bytes.toString("latin1", 8, end), end];
}
