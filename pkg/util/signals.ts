/** Work that ends when a signal aborts. Nothing here leaves a listener on a signal that lives on. */

/** Calls `listener` with the reason when the signal aborts, at once if it has; gives what ends the listening. */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  const heard = () => listener(signal!.reason);
  if (signal?.aborted) heard();
  else signal?.addEventListener("abort", heard, { once: true });
  return () => signal?.removeEventListener("abort", heard);
}

/**
 * A controller that aborts when its parent does, too. `AbortSignal.any` would do no more for one parent, and
 * Safari before 17.4 lacks it.
 */
export class LinkedController extends AbortController {
  /** Lets go of the parent, which may live much longer. */
  readonly unlink: () => void;

  constructor(parent: AbortSignal | undefined) {
    super();
    this.unlink = onAbort(parent, (reason) => this.abort(reason));
  }
}

/** What the work gives, or the signal's reason if that comes first: work may not heed a signal. */
export async function abortable<T>(signal: AbortSignal | undefined, work: () => T | Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  let letGo = () => {};
  const aborted = new Promise<never>((_, reject) => (letGo = onAbort(signal, reject)));
  try {
    return await Promise.race([aborted, (async () => work())()]);
  } finally {
    letGo();
  }
}

export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await abortable(signal, () => new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))));
  } finally {
    clearTimeout(timer);
  }
}
