/** All files of the model as one download: how much there is, how much is left, and for how long. */
import type { Progress } from "toolgen";

export type Sizes = Partial<Record<Progress["file"], number>>;

export interface Total {
  loaded: number;
  total: number;
  /** While data arrives. */
  bytesPerSecond: number;
  remainingMs?: number;
  /** All so far came from this browser's storage. */
  cached: boolean;
  /** False where the browser has no room to keep it. */
  kept: boolean;
}

/** Without a byte for this long, an old speed says nothing. */
export const SILENT_MS = 4000;

export class Tally {
  /** As far as they are known beforehand; the servers' own sizes take their place. */
  #sizes: Sizes = {};
  readonly #now: () => number;
  readonly #files = new Map<Progress["file"], Progress>();
  #at?: number;
  #last?: Progress;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  expect(sizes: Sizes): void {
    this.#sizes = sizes;
  }

  add(progress: Progress): void {
    this.#files.set(progress.file, progress);
    this.#last = progress;
    this.#at = this.#now();
  }

  /** Whether anything of the model itself has come. */
  get started(): boolean {
    return this.#files.has("checkpoint") || this.#files.has("adapter");
  }

  /** How long nothing has come. */
  get silentMs(): number {
    return this.#at === undefined ? 0 : this.#now() - this.#at;
  }

  get total(): Total {
    const files = [...this.#files.values()];
    const sizes = { ...this.#sizes };
    for (const { file, total } of files) if (total !== undefined) sizes[file] = total;
    const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
    const loaded = files.reduce((sum, { loaded }) => sum + loaded, 0);
    const bytesPerSecond = this.silentMs > SILENT_MS ? 0 : (this.#last?.bytesPerSecond ?? 0);
    const left = Math.max(0, total - loaded);
    return {
      loaded,
      total: Math.max(total, loaded),
      bytesPerSecond,
      remainingMs: bytesPerSecond > 0 && left > 0 ? (left / bytesPerSecond) * 1000 : undefined,
      cached: files.length > 0 && files.every(({ cached, file }) => cached || file === "pack"),
      kept: files.every(({ kept }) => kept !== false),
    };
  }
}
