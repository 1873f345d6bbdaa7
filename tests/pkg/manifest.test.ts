import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { chunkBounds, isManifest, parseManifest } from "../../pkg/download/manifest.ts";
import { cut } from "../../pkg/scripts/shard.mjs";
import { hash, noise } from "./download-fixture.ts";

const URL_ = "https://cdn.example/model/manifest.json";
const SHA = "ab".repeat(32);
const shard = (change: object = {}) => ({
  file: "000.bin",
  bytes: 25,
  sha256: SHA,
  chunkBytes: 10,
  chunks: [SHA, SHA, SHA],
  ...change,
});
const manifest = (change: object = {}) => ({
  version: 2,
  name: "m",
  bytes: 25,
  sha256: SHA,
  shards: [shard()],
  ...change,
});
const parse = (value: unknown) => parseManifest(JSON.stringify(value), URL_);

test("a right manifest is taken, and what it doesn't know is left out", () => {
  assert.deepEqual(parse(manifest({ comment: 1 })), manifest());
  assert.deepEqual(chunkBounds(shard(), 2), { start: 20, end: 25 });
  parse(manifest({ shards: [shard({ file: "a-b_c/d.e.bin" })] }));
  const adapted = manifest({ adapter: shard({ file: "adapter.bin", bytes: 30 }) });
  assert.deepEqual(parse(adapted), adapted);
});

const wrong: Record<string, [object, RegExp]> = {
  "another version": [{ version: 1 }, /version is 1/],
  "no version": [{ version: undefined }, /version is undefined/],
  "no name": [{ name: "" }, /name must be a string of 1 to 200/],
  "a long name": [{ name: "x".repeat(201) }, /name must be a string of 1 to 200/],
  "sizes that don't add up": [{ bytes: 26 }, /add up to 25 bytes, but bytes is 26/],
  "a size as text": [{ bytes: "25" }, /bytes must be an integer from 1/],
  "a size of nothing": [{ bytes: 0 }, /bytes must be an integer from 1/],
  "a size beyond memory": [{ bytes: 2 ** 33 }, /bytes must be an integer from 1/],
  "a hash in capitals": [{ sha256: SHA.toUpperCase() }, /sha256 must be a SHA-256/],
  "no shards": [{ shards: [] }, /shards must be a non-empty array/],
  "shards that are no list": [{ shards: { length: 1 } }, /shards must be a non-empty array/],
  "a shard that is null": [{ shards: [null] }, /shards\[0\] must be an object/],
  "too many shards": [{ shards: Array(1001).fill(shard()) }, /1001 shards/],
  "an adapter that is no file": [{ adapter: "adapter.bin" }, /adapter must be an object/],
  "an adapter without hashes": [{ adapter: shard({ file: "a.bin", chunks: undefined }) }, /adapter\.chunks must be/],
  "an adapter that is a shard, too": [{ adapter: shard() }, /000\.bin twice/],
  "a shard named twice": [{ bytes: 50, shards: [shard(), shard()] }, /000\.bin twice/],
  "too many chunks": [
    {
      bytes: 40_000 * 2,
      shards: ["a", "b"].map((file) => shard({ file, bytes: 40_000, chunkBytes: 1, chunks: Array(40_000).fill(SHA) })),
    },
    /80000 chunks/,
  ],
  "a shard that is too big": [{ shards: [shard({ bytes: 1e9 })] }, /shards\[0\]\.bytes/],
  "a chunk that is too big": [{ shards: [shard({ chunkBytes: 1e9 })] }, /shards\[0\]\.chunkBytes/],
  "a chunk size of nothing": [{ shards: [shard({ chunkBytes: 0 })] }, /shards\[0\]\.chunkBytes/],
  "a chunk size with a fraction": [{ shards: [shard({ chunkBytes: 0.5 })] }, /shards\[0\]\.chunkBytes/],
  "too few chunks": [{ shards: [shard({ chunks: [SHA, SHA] })] }, /has 2 entries, but 25 bytes in chunks of 10 make 3/],
  "a chunk without a hash": [{ shards: [shard({ chunks: [SHA, null, SHA] })] }, /chunks\[1\] must be a SHA-256/],
};
for (const file of [
  "",
  "/a",
  "../a",
  "a/../b",
  "a//b",
  "a/",
  ".",
  "a/.b",
  "https://evil.example/a",
  "//evil.example/a",
  "a?b",
  "a#b",
  "a%2e",
  "a\\b",
  "a b",
  "a\n",
  "x".repeat(201),
]) {
  wrong[`the file name ${JSON.stringify(file).slice(0, 40)}`] = [{ shards: [shard({ file })] }, /shards\[0\]\.file/];
}
for (const [name, [change, message]] of Object.entries(wrong)) {
  test(`${name} is refused`, () => {
    assert.throws(() => parse(manifest(change)), { name: "ToolgenError", code: "manifest", message, url: URL_ });
  });
}

test("what is no JSON object is refused", () => {
  assert.throws(() => parseManifest(" <!doctype html>", URL_), {
    code: "manifest",
    message: /not JSON, but a page \(HTML\)/,
  });
  for (const text of ["", "<html>", "[]", "null", "1"])
    assert.throws(() => parseManifest(text, URL_), { code: "manifest" });
});

test("a manifest is told from a single file by its path", () => {
  assert.deepEqual(
    [URL_, `${URL_}?v=1#x`, "https://x/m.gguf", "https://x/m.gguf?a.json", "data:application/json,{}.json"].map(
      isManifest,
    ),
    [true, true, false, false, false],
  );
  // Extensions and desktop shells have schemes of their own.
  for (const scheme of ["chrome-extension", "moz-extension", "tauri", "app", "capacitor"]) {
    assert.equal(isManifest(`${scheme}://x/manifest.json`), true, scheme);
    assert.equal(isManifest(`${scheme}://x/model.gguf`), false, scheme);
  }
  assert.equal(isManifest("file:///model/manifest.json"), true);
  assert.equal(isManifest("blob:https://x/manifest.json"), false);
});

test("cutting gives the file's bytes, a manifest that is taken, and the same again", () => {
  const folder = mkdtempSync(join(tmpdir(), "cut-"));
  try {
    const bytes = noise(70_001);
    const file = join(folder, "model.gguf");
    writeFileSync(file, bytes);
    const made = [join(folder, "a"), join(folder, "b")].map((out) => {
      cut({ file, folder: out, shardBytes: 30_000, chunkBytes: 4000 });
      return readdirSync(out)
        .sort()
        .map((name) => [name, readFileSync(join(out, name))] as const);
    });
    assert.deepEqual(made[0], made[1]);
    const { name, shards, sha256 } = parseManifest(readFileSync(join(folder, "a/manifest.json"), "utf8"), URL_);
    assert.deepEqual([name, sha256], ["model.gguf", hash(bytes)]);
    assert.deepEqual(
      shards.map(({ bytes }) => bytes),
      [30_000, 30_000, 10_001],
    );
    const parts = shards.map(({ file }) => readFileSync(join(folder, "a", file)));
    assert.ok(Buffer.concat(parts).equals(bytes));
    shards.forEach((shard, s) => {
      assert.equal(shard.sha256, hash(parts[s]!));
      shard.chunks.forEach((chunk, i) => {
        const { start, end } = chunkBounds(shard, i);
        assert.equal(chunk, hash(parts[s]!.subarray(start, end)));
      });
    });

    assert.throws(() => cut({ file, folder: join(folder, "a") }), /not empty/);
    assert.throws(() => cut({ file, folder: join(folder, "c"), shardBytes: 20_000_001 }), /--shard-bytes/);
    assert.throws(() => cut({ file, folder: join(folder, "c"), chunkBytes: 0 }), /--chunk-bytes/);

    const script = join(import.meta.dirname, "../../pkg/scripts/shard.mjs");
    execFileSync(process.execPath, [script, file, join(folder, "d"), "--name", "n", "--shard-bytes", "50000"]);
    assert.equal(parseManifest(readFileSync(join(folder, "d/manifest.json"), "utf8"), URL_).name, "n");
    const { status, stderr } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
    assert.deepEqual([status, /Usage/.test(stderr)], [1, true]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
