/** One writer for each model among all tabs, by Web Locks. */

import { reasonOf, throwIfAborted } from "../util/signals.js";

/** The part of `LockManager` that is used. */
export interface Locks {
  request(name: string, options: { mode: LockMode; signal?: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/**
 * Waits for the lock and gives the function that lets go of it. Without Web Locks there is nothing to wait for:
 * tabs then may fetch the same bytes, but can't damage them, since a file is named by its content.
 */
export async function acquire(
  model: string,
  mode: LockMode,
  { locks, signal }: { locks?: Locks; signal?: AbortSignal },
): Promise<() => void> {
  throwIfAborted(signal);
  if (!locks) return () => {};
  return new Promise((resolve, reject) => {
    const held = () => new Promise<void>((release) => resolve(release));
    locks.request(`toolgen:${model}`, { mode, signal }, held).catch((error: unknown) => {
      if (signal?.aborted) reject(reasonOf(signal));
      // Denied, as in a sandboxed frame: the same as absent.
      else if ((error as DOMException).name === "SecurityError") resolve(() => {});
      else reject(error);
    });
  });
}

export function webLocks(): Locks | undefined {
  return globalThis.navigator?.locks;
}
