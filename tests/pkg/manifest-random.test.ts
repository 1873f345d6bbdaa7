/** Whatever a manifest says: a ToolgenError, or one whose parts add up. SEED=N repeats a failure, CASES=N tries more. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesOf, chunkBounds, filesOf, LIMITS, parseManifest } from "../../pkg/download/manifest.ts";
import { ToolgenError } from "../../pkg/index.ts";

const SEED = Number(process.env.SEED ?? 20_261_129);
const CASES = Number(process.env.CASES ?? 3000);
const URL_ = "https://cdn.example/model/manifest.json";
const SHA = "ab".repeat(32);

let state = SEED;
function random(n: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const DEEP = JSON.parse("[".repeat(20_000) + "]".repeat(20_000));
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    2,
    25,
    0.5,
    2 ** 32,
    2 ** 53,
    1e308,
    "",
    "2",
    "a",
    "../a",
    "__proto__",
    SHA,
    `${SHA}\n`,
  ],
  ...[
    [],
    {},
    [null],
    [SHA],
    Array(2000).fill({}),
    DEEP,
    { length: 1 },
    "\ud800",
    "x".repeat(10_000),
    "https://evil.example/a",
  ],
];

function shard(): Record<string, unknown> {
  const [bytes, chunkBytes] = [1 + random(100), 1 + random(30)];
  const chunks = Array(Math.ceil(bytes / chunkBytes)).fill(SHA);
  return { file: `${random(1000)}.bin`, bytes, sha256: SHA, chunkBytes, chunks };
}

function manifest(): Record<string, unknown> {
  const shards = Array.from({ length: 1 + random(4) }, shard);
  const bytes = shards.reduce((sum, { bytes }) => sum + (bytes as number), 0);
  return { version: 2, name: "m", bytes, sha256: SHA, shards, ...(random(2) ? { adapter: shard() } : {}) };
}

/** Puts something else in one place of the value, or takes it out. */
function damage(value: object): void {
  const entries = value as Record<string, unknown>;
  const name = pick(Object.keys(entries));
  const inner = entries[name];
  if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random(3)) return damage(inner);
  if (random(5)) entries[name] = fresh(pick(VALUES));
  else delete entries[name];
}

/** A value of its own, which can be damaged alone. */
function fresh(value: unknown): unknown {
  return value === DEEP ? DEEP : structuredClone(value);
}

test("a random manifest is refused by a ToolgenError, or adds up", () => {
  let taken = 0;
  for (let i = 0; i < CASES; i++) {
    const before = state;
    const value = manifest();
    for (let times = random(3); times > 0; times--) damage(value);
    let text = stringify(value);
    if (random(10) === 0) text = text.slice(0, random(text.length));
    try {
      const read = parseManifest(text, URL_);
      assert.equal(bytesOf(read.shards), read.bytes);
      assert.ok(read.bytes <= LIMITS.bytes && read.shards.length <= LIMITS.shards);
      for (const part of filesOf(read)) {
        assert.equal(new URL(part.file, URL_).origin, new URL(URL_).origin);
        assert.ok(new URL(part.file, URL_).pathname.startsWith("/model/"), part.file);
        const ends = part.chunks.map((_, chunk) => chunkBounds(part, chunk));
        assert.equal(
          ends.reduce((sum, { start, end }) => sum + (end - start), 0),
          part.bytes,
        );
      }
      taken++;
    } catch (error) {
      const isRefusal = error instanceof ToolgenError && error.code === "manifest";
      assert.ok(isRefusal && error.message.length < 1000, `SEED=${before} CASES=1: ${error} of ${text.slice(0, 400)}`);
    }
  }
  assert.ok(taken > CASES / 5 && taken < CASES, `${taken} of ${CASES} were taken`);
});

/** As JSON.stringify, which itself has no stack for what is nested as deeply. */
function stringify(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (inner === DEEP ? "DEEP" : inner)).replaceAll(
    '"DEEP"',
    "[".repeat(20_000) + "]".repeat(20_000),
  );
}
