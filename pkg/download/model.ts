/** A model that is served in shards with a manifest, from this browser's storage as far as it is there. */
import type { CacheMode, Progress } from "../core/types.js";
import { sleep, throwIfAborted } from "../util/signals.js";
import { STALL_MS, type Network } from "./exchange.js";
import type { Download } from "./file.js";
import { keptFor, type Kept } from "./kept.js";
import { acquire, webLocks, type Locks } from "./lock.js";
import { bytesOf, filesOf, type Shard } from "./manifest.js";
import { Meter, type Report } from "./meter.js";
import { openStorage } from "./open-storage.js";
import { checkRoom, type Estimate } from "./quota.js";
import {
  fetchRecord,
  keyOf,
  present,
  presentBytes,
  readRecord,
  removeStale,
  staleBytes,
  writeRecord,
  type ModelRecord,
} from "./record.js";
import type { ModelStorage } from "./storage.js";
import { transfer } from "./transfer.js";

export interface ModelOptions {
  cache?: CacheMode;
  signal?: AbortSignal;
  /** How many shards are fetched at once. */
  parallel?: number;
  /** How many bytes may wait in memory for the consumer. */
  bufferBytes?: number;
  /** After this time without a byte a connection is given up and another one made. */
  stallMs?: number;
  /** How many failures in a row end the download of a shard. */
  retries?: number;
  /** Where shards lie that don't lie beside the manifest, by their names in it. */
  shards?: Record<string, string>;
  /** Whether the adapter that the manifest names is wanted; true by default. */
  adapter?: boolean;
}

/** The files that a model is made of. The adapter is read first. */
export interface Model {
  checkpoint: Download;
  adapter?: Download;
}

/** What of its browserEnvironment the download uses; tests put other things in its place. */
export interface Environment {
  fetch: typeof globalThis.fetch;
  /** Undefined where a page may keep nothing. */
  storage: () => Promise<ModelStorage | undefined>;
  locks: Locks | undefined;
  estimate?: Estimate;
  sleep: Network["sleep"];
  random: Network["random"];
  now?: () => number;
}

export function browserEnvironment(): Environment {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    storage: openStorage,
    locks: webLocks(),
    sleep,
    random: Math.random,
  };
}

/**
 * Finds out what there is to read; the chunks come when they are asked for. With `cache: "prefer"`
 * a model that is stored in full needs no network at all. Throws `manifest` and `download`; the
 * chunks throw `download`, `integrity`, `quota` and the signal's reason.
 */
export async function openModel(
  url: string,
  report: Report,
  options: ModelOptions = {},
  environment = browserEnvironment(),
): Promise<Model> {
  const { cache = "prefer", signal, stallMs = STALL_MS, retries = 5, adapter = true } = options;
  throwIfAborted(signal);
  const network: Network = {
    fetch: environment.fetch,
    sleep: environment.sleep,
    random: environment.random,
    signal,
    stallMs,
    retries,
  };
  const storage = cache === "none" ? undefined : await environment.storage();
  const key = await keyOf(url);
  const stored = storage && cache === "prefer" ? await storedInFull(storage, key, adapter) : undefined;
  const record = stored ?? (await fetchRecord(url, network));
  const cached = stored !== undefined;
  const { bytes, shards, adapter: named } = record.manifest;
  const first = adapter ? named : undefined;
  const files = first ? [first, ...shards] : shards;
  const meterOf = (file: Progress["file"], total: number) => new Meter(file, report, { total, now: environment.now });
  const meter = meterOf("checkpoint", bytes);
  const meters = files.map((file) => (file === first ? meterOf("adapter", file.bytes) : meter));
  const all = chunks({ key, record, files, meters, storage, network }, cached, options, environment);
  return {
    checkpoint: { total: bytes, cached, chunks: all },
    adapter: first && { total: first.bytes, cached, chunks: take(all, first.chunks.length) },
  };
}

/** The model's record, if all its chunks are there. */
export async function storedInFull(
  storage: ModelStorage,
  key: string,
  adapter = true,
): Promise<ModelRecord | undefined> {
  const record = await readRecord(storage, key);
  if (!record) return undefined;
  const files = adapter ? filesOf(record.manifest) : record.manifest.shards;
  const known = present(files, await keptFor(storage, key));
  return known.flat().every(Boolean) ? record : undefined;
}

/** The next `count` chunks; the others stay for who reads on. */
async function* take(chunks: AsyncGenerator<Uint8Array, void>, count: number): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < count; i++) {
    const { value } = await chunks.next();
    if (value) yield value;
  }
}

interface Plan {
  key: string;
  record: ModelRecord;
  files: Shard[];
  /** Of each file. */
  meters: Meter[];
  storage?: ModelStorage;
  network: Network;
}

async function* chunks(
  plan: Plan,
  cached: boolean,
  options: ModelOptions,
  environment: Environment,
): AsyncGenerator<Uint8Array, void, void> {
  const { key, files, storage, network } = plan;
  const { parallel = 3, bufferBytes = 16 << 20, shards } = options;
  const release = storage
    ? await acquire(key, cached ? "shared" : "exclusive", { locks: environment.locks, signal: network.signal })
    : undefined;
  try {
    // Another tab may have stored the model, or deleted it, while this one waited.
    const kept: Kept = storage ? await keptFor(storage, key) : new Map();
    const known = present(files, kept);
    const missing = bytesOf(files) - presentBytes(files, known);
    const isNew = storage && (!cached || missing > 0);
    const keep = !isNew || (await prepare(plan, storage, missing, kept, options, environment.estimate));
    if (!keep) for (const meter of plan.meters) meter.kept = false;
    yield* transfer({ ...plan, kept, known, keep, parallel, bufferBytes, shards });
  } finally {
    release?.();
  }
}

/**
 * Makes room and writes the record; false where there is none. That, and a storage that refuses to be written to, is no
 * reason not to load, unless the current release was asked for to be kept.
 */
async function prepare(
  { key, record }: Plan,
  storage: ModelStorage,
  missing: number,
  kept: Kept,
  { cache }: ModelOptions,
  estimate?: Estimate,
): Promise<boolean> {
  const { manifest } = record;
  try {
    if (missing > 0) await checkRoom(manifest.name, missing - staleBytes(key, manifest, kept), estimate);
  } catch (error) {
    if (cache === "reload") throw error;
    return false;
  }
  await writeRecord(storage, key, record).catch(() => {});
  await removeStale(storage, key, manifest, kept).catch(() => {});
  return true;
}
