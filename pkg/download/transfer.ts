/** Moves a model from the network and the storage to one consumer: shards at once, chunks in order. */
import { onAbort } from "../util/signals.js";
import type { Network } from "./exchange.js";
import { Handover } from "./handover.js";
import type { Kept } from "./kept.js";
import { chunkBounds, type Shard } from "./manifest.js";
import type { Meter } from "./meter.js";
import { presentBytes, type ModelRecord } from "./record.js";
import { sha256 } from "./sha256.js";
import { fetchChunk, fetchShard, type Wanted } from "./shard.js";
import type { ModelStorage } from "./storage.js";

export interface Job {
  key: string;
  record: ModelRecord;
  /** What to move, in order. */
  files: Shard[];
  kept: Kept;
  /** For each of the files, which chunks the storage has. */
  known: boolean[][];
  meters: Meter[];
  storage?: ModelStorage;
  /** Whether what is fetched is kept there; there may be no room. */
  keep: boolean;
  network: Network;
  /** How many shards are fetched at once. */
  parallel: number;
  bufferBytes: number;
  /** Where shards lie that don't lie beside the manifest, by their names in it. */
  shards?: Record<string, string>;
}

/** Every chunk that comes out has the SHA-256 that the manifest names. Leaving early stops the network. */
export async function* transfer(job: Job): AsyncGenerator<Uint8Array, void, void> {
  const { files, network, parallel } = job;
  const stop = new AbortController();
  const handover = new Handover(files.length, job.bufferBytes);
  const fail = (reason: unknown) => {
    handover.fail(reason);
    stop.abort(reason);
  };
  const letGo = onAbort(network.signal, fail);
  const source = new ChunkSource(job, stop.signal);
  let next = 0;
  const run = async () => {
    while (next < files.length && !stop.signal.aborted) await source.fill(next++, handover);
  };
  const runs = Array.from({ length: parallel }, () => run().catch(fail));
  try {
    for (const [s, shard] of files.entries()) {
      for (const i of shard.chunks.keys()) yield (await handover.take(s)) ?? (await source.fromStorage(s, i));
    }
  } finally {
    letGo();
    fail(new DOMException("The transfer ended.", "AbortError"));
    await Promise.all(runs);
  }
}

/** The chunks of the shards, from the network or the storage. */
class ChunkSource {
  readonly #job: Job;
  readonly #signal: AbortSignal;
  /** Where nothing has to be fetched, bytes count when they are read. */
  readonly #complete: boolean;
  #storing: boolean;

  constructor(job: Job, signal: AbortSignal) {
    this.#job = job;
    this.#signal = signal;
    this.#storing = job.storage !== undefined && job.keep;
    const { files, known, meters } = job;
    this.#complete = known.flat().every(Boolean);
    if (this.#complete) return;
    const stored = new Map(meters.map((meter) => [meter, 0]));
    files.forEach((file, s) => {
      const meter = meters[s]!;
      stored.set(meter, stored.get(meter)! + presentBytes([file], [known[s]!]));
    });
    stored.forEach((bytes, meter) => meter.correct(bytes));
  }

  /** Fetches what is missing of a shard and hands all of it over. */
  async fill(s: number, handover: Handover): Promise<void> {
    const wanted = this.#wanted(s);
    let next = 0;
    for await (const { index, bytes } of fetchShard(wanted)) {
      for (; next < index; next++) await handover.put(s, undefined);
      const kept = await this.#keep(wanted.shard.chunks[index]!, bytes);
      // What lies in the storage needn't wait in memory.
      await handover.put(s, kept && !handover.hasRoom(s, bytes) ? undefined : bytes);
      next++;
    }
    for (; next < wanted.shard.chunks.length; next++) await handover.put(s, undefined);
  }

  /** A stored chunk; from the network when it is damaged or gone. */
  async fromStorage(s: number, i: number): Promise<Uint8Array> {
    const { key, storage, kept } = this.#job;
    const wanted = this.#wanted(s);
    const { meter } = wanted;
    const name = wanted.shard.chunks[i]!;
    const bytes = await storage?.read(kept.get(name)?.model ?? key, name).catch(() => undefined);
    const right = bytes !== undefined && (await sha256(bytes)) === name;
    this.#signal.throwIfAborted();
    if (right) {
      if (this.#complete) meter.add(bytes.byteLength, true);
      return bytes;
    }
    const { start, end } = chunkBounds(wanted.shard, i);
    if (!this.#complete) meter.correct(start - end);
    const fresh = await fetchChunk(wanted, i);
    await this.#keep(name, fresh);
    return fresh;
  }

  /** A failure (most often a full disk) only means that the next visit fetches more. */
  async #keep(name: string, bytes: Uint8Array): Promise<boolean> {
    const { key, storage, kept } = this.#job;
    if (!this.#storing) return false;
    try {
      await storage!.write(key, name, bytes);
      kept.set(name, { model: key, size: bytes.byteLength });
      return true;
    } catch {
      this.#storing = false;
      for (const meter of this.#job.meters) meter.kept = false;
      return false;
    }
  }

  #wanted(s: number): Wanted {
    const { record, files, known, meters, storage, keep, network } = this.#job;
    const shard = files[s]!;
    return {
      shard,
      url: givenUrl(this.#job.shards, shard.file) ?? new URL(shard.file, record.base).href,
      known: known[s]!,
      // What is stored here needs no second copy in the HTTP cache.
      cache: storage && keep ? "no-store" : "default",
      network: { ...network, signal: this.#signal },
      meter: meters[s]!,
    };
  }
}

function givenUrl(shards: Record<string, string> | undefined, file: string): string | undefined {
  return shards && Object.hasOwn(shards, file) ? shards[file] : undefined;
}
