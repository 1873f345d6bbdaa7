/** The built site and the weights that the browser tests need. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../xtask/serve.mjs";

export const CHECKPOINT = "models/checkpoint/toolgen-135m.gguf";
export const PACK = "models/packs/catalogue.safetensors";
/** Random weights: whatever they answer is a tool of the pack with arguments that fit its schema, or an abstention. */
export const TINY_CHECKPOINT = "models/tiny/toolgen-tiny.gguf";
export const TINY_PACK = "models/tiny/tools.safetensors";

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

/** The tiny pack with one digit of the SHA-256 in its header changed: made, it says, for another base. */
export function packOfAnotherBase() {
  const pack = read(TINY_PACK);
  const end = 8 + Number(pack.readBigUInt64LE());
  const header = pack.toString("latin1", 8, end);
  const found = /base[^{}]*?([0-9a-f]{64})/.exec(header);
  if (!found) throw new Error("The header of the pack names no base.");
  const at = 8 + found.index + found[0].length - 64;
  pack[at] = pack[at] === 0x30 ? 0x31 : 0x30;
  return pack;
}
