/** A model of five shards on a server, and what tests do with it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../pkg/core/types.ts";
import type { Manifest } from "../../pkg/download/manifest.ts";
import { openModel, type ModelOptions, type Environment } from "../../pkg/download/model.ts";
import { cut } from "../../pkg/scripts/shard.mjs";
import { sleep } from "../../pkg/util/signals.ts";
import { MemoryStorage } from "./memory-storage.ts";
import type { ShardServer } from "./shard-server.ts";

export const SHARD = 20_000;
export const CHUNK = 4096;

export const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Bytes without a pattern, the same each time. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export const MODEL = noise(4 * SHARD + 7777);

/** Cuts the bytes and puts all files on the server. */
export function publish(server: ShardServer, bytes = MODEL, adapter?: Uint8Array): Manifest {
  const folder = mkdtempSync(join(tmpdir(), "shards-"));
  try {
    writeFileSync(join(folder, "model"), bytes);
    if (adapter) writeFileSync(join(folder, "adapter"), adapter);
    const out = join(folder, "out");
    const manifest = cut({
      file: join(folder, "model"),
      adapter: adapter && join(folder, "adapter"),
      folder: out,
      name: "test model",
      shardBytes: SHARD,
      chunkBytes: CHUNK,
    }) as Manifest;
    server.files.clear();
    for (const name of readdirSync(out)) server.files.set(name, new Uint8Array(readFileSync(join(out, name))));
    return manifest;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Visit {
  /** Sent as the header `x-visit`. */
  id: string;
  storage: MemoryStorage;
  environment: Environment;
  /** What was waited for between attempts. */
  pauses: number[];
  progress: Progress[];
  /** Called after each report. */
  onProgress?: (progress: Progress) => void;
}

let visits = 0;

/** A visit to the page; another one with the same storage is the page reloaded. */
export function visit(storage = new MemoryStorage(), environment: Partial<Environment> = {}): Visit {
  const id = String(++visits);
  const fetch: typeof globalThis.fetch = (url, init) =>
    globalThis.fetch(url, { ...init, headers: { ...init?.headers, "x-visit": id } });
  const pauses: number[] = [];
  const pause = (ms: number, signal?: AbortSignal) => {
    pauses.push(ms);
    return sleep(0, signal);
  };
  const all = {
    fetch,
    storage: async () => storage,
    locks: undefined,
    sleep: pause,
    random: () => 1 - 2 ** -53,
    ...environment,
  };
  return { id, storage, environment: all, pauses, progress: [] };
}

/** Reads the model to its end; fails at the first byte that isn't the model's. */
export async function read(
  visit: Visit,
  url: string,
  options: ModelOptions = {},
  expected = MODEL,
  onChunk?: () => unknown,
): Promise<number> {
  const report = (progress: Progress) => {
    visit.progress.push(progress);
    visit.onProgress?.(progress);
  };
  const { checkpoint } = await openModel(url, report, options, visit.environment);
  const { total, chunks } = checkpoint;
  assert.equal(total, expected.length);
  let at = 0;
  for await (const chunk of chunks) {
    assert.ok(Buffer.from(chunk).equals(expected.subarray(at, at + chunk.length)), `wrong bytes at ${at}`);
    at += chunk.length;
    await onChunk?.();
  }
  assert.equal(at, expected.length);
  return at;
}

/** Every stored chunk must be what its name says. Gives the bytes of all of them. */
export async function checkStored(storage: MemoryStorage): Promise<number> {
  let sum = 0;
  for (const model of await storage.models()) {
    for (const [name, size] of await storage.sizes(model)) {
      if (name === "record.json") continue;
      assert.equal(hash((await storage.read(model, name))!), name);
      sum += size;
    }
  }
  return sum;
}

/** Locks as browsers have them, for one name at a time in order of arrival; shared ones together. */
export function fakeLocks() {
  const waiting: { mode: LockMode; start(): void }[] = [];
  let held: { mode: LockMode; count: number } | undefined;
  const next = () => {
    while (waiting.length > 0 && (!held || (held.mode === "shared" && waiting[0]!.mode === "shared"))) {
      const { mode, start } = waiting.shift()!;
      held = { mode, count: (held?.count ?? 0) + 1 };
      start();
    }
  };
  const request = (_: string, { mode, signal }: { mode: LockMode; signal?: AbortSignal }, run: () => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      const entry = {
        mode,
        async start() {
          signal?.removeEventListener("abort", abort);
          await run();
          if (--held!.count === 0) held = undefined;
          resolve();
          next();
        },
      };
      const abort = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      waiting.push(entry);
      next();
    });
  return { request, isHeld: () => held !== undefined };
}
