/** An id that no other call has. `crypto.randomUUID` would need a secure context. */
export function newId(prefix: string): string {
  // Not `util/hex`: with it, a chunk of its own would join those that `import "toolgen"` loads.
  return [...crypto.getRandomValues(new Uint8Array(12))].reduce(
    (id, byte) => id + (byte + 256).toString(16).slice(1),
    prefix,
  );
}
