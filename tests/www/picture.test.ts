/** The moving picture: what a reader of PNG files needs to find in it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import { animate } from "../../www/picture/apng.mjs";

const png = readFileSync(join(import.meta.dirname, "../../www/icons/icon-192.png"));

function chunksOf(bytes: Buffer) {
  const chunks: { type: string; data: Buffer; checksum: number }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const data = bytes.subarray(at + 8, at + 8 + length);
    chunks.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      data,
      checksum: bytes.readUInt32BE(at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

test("each picture is a frame with its time, and their numbers follow on each other", () => {
  const frames = [100, 250, 3000].map((ms) => ({ png, ms }));
  const chunks = chunksOf(animate(frames));
  assert.deepEqual(
    chunks.map(({ type }) => type),
    ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"],
  );
  const numbered = chunks.filter(({ type }) => /^f[cd]/.test(type)).map(({ data }) => data.readUInt32BE(0));
  assert.deepEqual(numbered, [0, 1, 2, 3, 4]);
  const times = chunks.filter(({ type }) => type === "fcTL").map(({ data }) => data.readUInt16BE(20));
  assert.deepEqual(times, [100, 250, 3000]);
  // The checksums of a browser's own chunks are known to be right.
  assert.equal(chunks[0]!.checksum, chunksOf(png)[0]!.checksum);
  const pixels = inflateSync(Buffer.concat(chunksOf(png).flatMap(({ type, data }) => (type === "IDAT" ? [data] : []))));
  assert.deepEqual(inflateSync(chunks.at(-2)!.data.subarray(4)), pixels);
});

test("pictures of different sizes are refused", () => {
  const other = readFileSync(join(import.meta.dirname, "../../www/icons/icon-512.png"));
  assert.throws(
    () =>
      animate([
        { png, ms: 1 },
        { png: other, ms: 1 },
      ]),
    /differ/,
  );
});
