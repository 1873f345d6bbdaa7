import { hex } from "../util/hex.js";

/** An id that no other call has. `crypto.randomUUID` would need a secure context. */
export function newId(prefix: string): string {
  return prefix + hex(crypto.getRandomValues(new Uint8Array(12)));
}
