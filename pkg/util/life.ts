/**
 * Browsers end a worker without a word, a shared one together with the tab that started it. A lock that it holds as long
 * as it lives tells: whoever waits for it gets it then. Without Web Locks nothing is told.
 */

/** In a worker: says at once that it lives, and the name of a lock of its own once it has it. */
export function holdLife(say: (lock: string) => void): void {
  say("");
  const lock = `toolgen worker ${Math.random()}`;
  const held = () => {
    say(lock);
    return new Promise<never>(() => {});
  };
  navigator.locks?.request(lock, held).catch(() => {}); // denied, as in a sandboxed frame
}

/** In a page: calls `ended` when whoever holds the lock is no more, unless the signal aborts before. */
export function onEndOfLife(lock: string, ended: () => void, signal: AbortSignal): void {
  navigator.locks.request(lock, { signal }, ended).catch(() => {});
}

/** What a worker says of itself, unasked. */
export interface Alive {
  /** The name of its lock; empty as long as it has none. */
  alive: string;
}
