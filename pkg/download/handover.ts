/**
 * Hands the chunks of shards that are fetched at once to one consumer, in order. It holds at most
 * `bufferBytes`, and one chunk more for the shard whose turn it is, which must never have to wait
 * for the others.
 */
export class Handover {
  readonly #queues: (Uint8Array | undefined)[][];
  readonly #bufferBytes: number;
  #held = 0;
  #turn = 0;
  #failure?: { reason: unknown };
  #wake = () => {};
  #changed!: Promise<void>;

  constructor(shards: number, bufferBytes: number) {
    this.#queues = Array.from({ length: shards }, () => []);
    this.#bufferBytes = bufferBytes;
    this.#change();
  }

  /** Whether a chunk would be taken at once. */
  hasRoom(shard: number, chunk: Uint8Array): boolean {
    const next = shard === this.#turn && this.#queues[shard]!.length === 0;
    return next || this.#held + chunk.byteLength <= this.#bufferBytes;
  }

  /** Waits for room. Undefined takes none: it stands for a chunk that lies in the storage. */
  async put(shard: number, chunk: Uint8Array | undefined): Promise<void> {
    while (chunk && !this.#failure && !this.hasRoom(shard, chunk)) await this.#changed;
    if (this.#failure) throw this.#failure.reason;
    this.#queues[shard]!.push(chunk);
    this.#held += chunk?.byteLength ?? 0;
    this.#change();
  }

  /** The next chunk of a shard; shards are taken in order. */
  async take(shard: number): Promise<Uint8Array | undefined> {
    const queue = this.#queues[shard]!;
    if (shard !== this.#turn) {
      this.#turn = shard;
      this.#change();
    }
    while (!this.#failure && queue.length === 0) await this.#changed;
    if (this.#failure) throw this.#failure.reason;
    const chunk = queue.shift();
    this.#held -= chunk?.byteLength ?? 0;
    this.#change();
    return chunk;
  }

  /** Ends all waiting; the first reason stays. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#change();
  }

  #change(): void {
    this.#wake();
    this.#changed = new Promise((resolve) => (this.#wake = resolve));
  }
}
