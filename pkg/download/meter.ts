/** Counts the bytes of one file while they come, and how fast they do. */
import type { Progress } from "../core/types.js";

export type Report = (progress: Progress) => void;

/** The rate is an average over this time, so that it follows a connection that changes. */
const WINDOW_MS = 5000;
/** Samples this near to each other are one. */
const SAMPLE_MS = 100;

export interface MeterOptions {
  total?: number;
  /** Milliseconds on a clock that never goes back. */
  now?: () => number;
}

export class Meter {
  readonly #file: Progress["file"];
  readonly #report: Report;
  readonly #total?: number;
  readonly #now: () => number;
  readonly #started: number;
  readonly #samples: { at: number; bytes: number }[] = [];
  #loaded = 0;
  /** Whether what comes is kept for the next visit, as far as is known. */
  kept = true;

  constructor(file: Progress["file"], report: Report, { total, now = () => performance.now() }: MeterOptions = {}) {
    this.#file = file;
    this.#report = report;
    this.#total = total;
    this.#now = now;
    this.#started = now();
  }

  get loaded(): number {
    return this.#loaded;
  }

  /** Bytes that have come just now. */
  add(bytes: number, cached: boolean): void {
    const at = this.#now();
    const last = this.#samples.at(-1);
    if (last && at - last.at < SAMPLE_MS) last.bytes += bytes;
    else this.#samples.push({ at, bytes });
    while (this.#samples[0]!.at <= at - WINDOW_MS) this.#samples.shift();
    this.#loaded += bytes;
    this.#tell(at, cached);
  }

  /** Bytes that were there before, or (negative) turned out to be wrong: they say nothing about the rate. */
  correct(bytes: number): void {
    if (bytes === 0) return;
    this.#loaded += bytes;
    this.#tell(this.#now(), false);
  }

  #tell(at: number, cached: boolean): void {
    const seconds = Math.max(at - Math.max(this.#started, at - WINDOW_MS), 1) / 1000;
    const bytesPerSecond = Math.round(this.#samples.reduce((sum, { bytes }) => sum + bytes, 0) / seconds);
    const remaining =
      this.#total === undefined || bytesPerSecond === 0 ? undefined : Math.max(this.#total - this.#loaded, 0);
    const remainingMs = remaining === undefined ? undefined : Math.round((remaining / bytesPerSecond) * 1000);
    const told = { file: this.#file, loaded: this.#loaded, total: this.#total, bytesPerSecond, remainingMs, cached };
    this.#report(this.kept ? told : { ...told, kept: false });
  }
}
