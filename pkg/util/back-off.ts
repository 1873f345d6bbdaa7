const FIRST_WAIT_MS = 500;

/**
 * The wait before the next attempt: exponential back-off with full jitter, so that clients that failed together
 * don't come back together.
 */
export function backOffMs(attempt: number, maxMs: number, random: () => number): number {
  return Math.round(random() * Math.min(maxMs, FIRST_WAIT_MS * 2 ** (attempt - 1)));
}
