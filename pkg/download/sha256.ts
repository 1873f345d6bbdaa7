import { ToolgenError } from "../core/errors.js";
import { hex } from "../util/hex.js";

/** The SHA-256 of some bytes, as 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  // Without it nothing could be verified, and unverified weights are not used.
  if (!subtle)
    throw new ToolgenError(
      "unsupported",
      "Verifying the model needs WebCrypto: serve the page from https or localhost.",
    );
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return hex(digest);
}
