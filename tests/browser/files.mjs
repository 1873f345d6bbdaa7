/** The built site and the weights that the browser tests need. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../xtask/serve.mjs";

export const CHECKPOINT = "models/checkpoint/toolgen-135m.gguf";
export const PACK = "models/packs/catalogue.safetensors";

export function requireBuilt(...files) {
  const missing = files.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0)
    throw new Error(`Missing: ${missing.join(", ")}. \`cargo xtask demo\` builds the site and fetches the weights.`);
}

export function read(file) {
  return readFileSync(join(root, file));
}

/** The pack with one digit of the SHA-256 in its header changed: made, it says, for another base. */
export function packOfAnotherBase() {
  const pack = read(PACK);
  const end = 8 + Number(pack.readBigUInt64LE());
  const header = pack.toString("latin1", 8, end);
  const found = /base[^{}]*?([0-9a-f]{64})/.exec(header);
  if (!found) throw new Error("The header of the pack names no base.");
  const at = 8 + found.index + found[0].length - 64;
  pack[at] = pack[at] === 0x30 ? 0x31 : 0x30;
  return pack;
}
