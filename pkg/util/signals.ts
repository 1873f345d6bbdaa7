/** Work that ends when a signal aborts, or when its time is up. No listener stays on a signal that lives on. */

/** Calls `listener` with the reason when the signal aborts, at once if it has; returns what ends the listening. */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  const heard = () => listener(reasonOf(signal!));
  if (signal?.aborted) heard();
  else signal?.addEventListener("abort", heard, { once: true });
  return () => signal?.removeEventListener("abort", heard);
}

/** Signals of libraries, and of older browsers, have neither a reason nor the method. */
export function reasonOf({ reason }: AbortSignal): unknown {
  return reason ?? new DOMException("This was aborted.", "AbortError");
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** A controller that also aborts when one of its parents does. Safari before 17.4 lacks `AbortSignal.any`. */
export class LinkedController extends AbortController {
  /** Lets go of the parents, which may live much longer. */
  readonly unlink: () => void;

  constructor(...parents: (AbortSignal | undefined)[]) {
    super();
    const links = parents.map((parent) => onAbort(parent, (reason) => this.abort(reason)));
    this.unlink = () => links.forEach((letGo) => letGo());
  }
}

/** The work's outcome, or the signal's reason as soon as it aborts: work may ignore a signal. */
export async function abortable<T, S extends AbortSignal | undefined>(
  signal: S,
  work: (signal: S) => T | Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  let letGo = () => {};
  const aborted = new Promise<never>((_, reject) => (letGo = onAbort(signal, reject)));
  try {
    return await Promise.race([aborted, (async () => work(signal))()]);
  } catch (error) {
    // Work that heeds the signal may have failed first, with an error of its own.
    throwIfAborted(signal);
    throw error;
  } finally {
    letGo();
  }
}

/** The longest time that timers take; they read a longer one as none at all. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await abortable(
      signal,
      () => new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS)))),
    );
  } finally {
    clearTimeout(timer);
  }
}

export interface Limits {
  signal?: AbortSignal;
  timeoutMs: number;
  /** The time in milliseconds since 1970. */
  clock?: () => number;
}

/** One limit for all that a call does, attempts and waits included: its caller's signal and a time. */
export class Deadline {
  /** Aborted, with the reason that the constructor was given, when either comes. */
  readonly signal: AbortSignal;
  /** Lets go of the timer and of the caller's signal. */
  readonly close: () => void;
  readonly #ends: number;
  readonly #clock: () => number;

  constructor(
    { signal, timeoutMs, clock = Date.now }: Limits,
    aborted: (reason: unknown) => unknown,
    expired: () => unknown,
  ) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(expired()), Math.min(timeoutMs, MAX_TIMER_MS));
    const letGo = onAbort(signal, (reason) => stop.abort(aborted(reason)));
    this.signal = stop.signal;
    this.close = () => {
      clearTimeout(timer);
      letGo();
    };
    this.#clock = clock;
    this.#ends = clock() + timeoutMs;
  }

  remainingMs(): number {
    return this.#ends - this.#clock();
  }

  /** The work's outcome, or the reason of the signal if that comes first. */
  race<T>(work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    return abortable(this.signal, work);
  }
}
