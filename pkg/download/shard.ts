/** The missing chunks of one shard, in order, each verified; continued where a connection broke. */
import { ToolgenError } from "../core/errors.js";
import { Interrupted, waitToRetry, type Network } from "./exchange.js";
import { chunkBounds, type Shard } from "./manifest.js";
import type { Meter } from "./meter.js";
import { fetchPart, type Piece } from "./range.js";
import { sha256 } from "./sha256.js";

export interface Wanted {
  shard: Shard;
  url: string;
  /** Which chunks need not be fetched. */
  known: readonly boolean[];
  cache: RequestCache;
  network: Network;
  meter: Meter;
}

export interface Chunk {
  index: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Throws `integrity` when a chunk is wrong in a second answer, too; `download` when the network fails for good. */
export async function* fetchShard(wanted: Wanted): AsyncGenerator<Chunk, void, void> {
  for await (const { index, bytes, right } of assemble(wanted)) {
    yield { index, bytes: right ? bytes : await fetchChunk(wanted, index) };
  }
}

/** One chunk by itself, fresh from the server. */
export async function fetchChunk(wanted: Wanted, index: number): Promise<Uint8Array<ArrayBuffer>> {
  const known = wanted.shard.chunks.map((_, i) => i !== index);
  for await (const { bytes, right } of assemble({ ...wanted, known, cache: "reload" })) {
    if (right) return bytes;
  }
  const { url, shard } = wanted;
  const { start, end } = chunkBounds(shard, index);
  const message = `${url} is corrupt on its server: bytes ${start} to ${end - 1}, fetched twice, don't match the SHA-256 in the manifest.`;
  throw new ToolgenError("integrity", message, { url });
}

async function* assemble({
  shard,
  url,
  known,
  cache,
  network,
  meter,
}: Wanted): AsyncGenerator<Chunk & { right: boolean }, void, void> {
  const assembly = new Assembly(shard, known);
  const size = shard.bytes;
  let whole = false;
  for (let failures = 0; assembly.position !== undefined; ) {
    const from: number = whole ? 0 : assembly.position;
    const to: number = whole ? size : assembly.endOfGap;
    const part = { url, from, to, size, cache };
    try {
      for await (const piece of fetchPart(part, network)) {
        for (let left: Piece | undefined = piece; left; ) {
          const step: Step = assembly.take(left);
          if (step.taken > 0) meter.add(step.taken, false);
          left = step.left;
          if (!step.chunk) continue;
          const right = (await sha256(step.chunk.bytes)) === shard.chunks[step.chunk.index];
          if (!right) meter.correct(-step.chunk.bytes.byteLength);
          failures = 0;
          yield { ...step.chunk, right };
        }
        if (assembly.position === undefined) return;
      }
    } catch (error) {
      // Older browsers first ask another origin whether Range is allowed; one that forbids it may give the whole file.
      whole = (from > 0 || to < size) && error instanceof Interrupted && error.unanswered;
      // What a connection brought before it broke is kept: the next one begins behind it.
      await waitToRetry(url, ++failures, error, network);
    }
  }
}

interface Step {
  /** How many bytes were of use. */
  taken: number;
  /** The rest of the piece, if any of it may be of use. */
  left?: Piece;
  /** A chunk that is complete now. */
  chunk?: Chunk;
}

/** Puts pieces together to chunks; what is known already is passed over. */
class Assembly {
  readonly #shard: Shard;
  readonly #known: readonly boolean[];
  #index: number;
  #buffer?: Uint8Array<ArrayBuffer>;
  #filled = 0;

  constructor(shard: Shard, known: readonly boolean[]) {
    this.#shard = shard;
    this.#known = known;
    this.#index = this.#missingFrom(0);
  }

  /** The next byte that is wanted; undefined when there is none left. */
  get position(): number | undefined {
    return this.#index < this.#known.length ? this.#index * this.#shard.chunkBytes + this.#filled : undefined;
  }

  /** Where the missing bytes at `position` end. */
  get endOfGap(): number {
    const next = this.#known.indexOf(true, this.#index);
    return next < 0 ? this.#shard.bytes : next * this.#shard.chunkBytes;
  }

  take({ at, bytes }: Piece): Step {
    const position = this.position;
    if (position === undefined || at + bytes.byteLength <= position) return { taken: 0 };
    if (at > position) throw new Interrupted(`bytes ${position} to ${at - 1} were missing`);
    const useful = bytes.subarray(position - at);
    const { start, end } = chunkBounds(this.#shard, this.#index);
    const part = useful.subarray(0, end - position);
    this.#buffer ??= new Uint8Array(end - start);
    this.#buffer.set(part, this.#filled);
    this.#filled += part.byteLength;
    const left = part.byteLength < useful.byteLength ? { at: end, bytes: useful.subarray(part.byteLength) } : undefined;
    if (position + part.byteLength < end) return { taken: part.byteLength };
    const chunk = { index: this.#index, bytes: this.#buffer };
    this.#index = this.#missingFrom(this.#index + 1);
    this.#buffer = undefined;
    this.#filled = 0;
    return { taken: part.byteLength, left, chunk };
  }

  #missingFrom(index: number): number {
    const found = this.#known.indexOf(false, index);
    return found < 0 ? this.#known.length : found;
  }
}
