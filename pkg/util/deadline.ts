import { abortable, onAbort } from "./signals.js";

/** The longest time that timers take; they read a longer one as none at all. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Limits {
  signal?: AbortSignal;
  timeoutMs: number;
  /** The time in milliseconds since 1970. */
  now?: () => number;
}

/** One limit for all that a call does, attempts and waits included: its caller's signal and a time. */
export class Deadline {
  /** Aborted, with what the constructor was given as the reason, when either comes. */
  readonly signal: AbortSignal;
  readonly #ends: number;
  readonly #now: () => number;
  readonly #close: () => void;

  constructor({ signal, timeoutMs, now = Date.now }: Limits, aborted: (reason: unknown) => unknown, expired: () => unknown) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(expired()), Math.min(timeoutMs, MAX_TIMER_MS));
    this.signal = stop.signal;
    this.#now = now;
    this.#ends = now() + timeoutMs;
    const letGo = onAbort(signal, (reason) => stop.abort(aborted(reason)));
    this.#close = () => {
      clearTimeout(timer);
      letGo();
    };
  }

  remainingMs(): number {
    return this.#ends - this.#now();
  }

  /** The work's outcome, or the reason of the signal if that comes first: work may not heed a signal. */
  async race<T>(work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    try {
      return await abortable(this.signal, () => work(this.signal));
    } catch (error) {
      // Work that heeds the signal may have failed first, with an error of its own.
      this.signal.throwIfAborted();
      throw error;
    }
  }

  /** Lets go of the timer and of the caller's signal. */
  close(): void {
    this.#close();
  }
}
