/** When a request is sent again, and how long to wait before. */
import type { ToolgenError } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import { backOffMs } from "../util/back-off.js";

export interface RetryOptions {
  /** How often a request that failed transiently is sent again; 2 by default. */
  retries?: number;
  /** Waits; rejects when the signal is aborted. For tests. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The time in milliseconds since 1970. For tests. */
  clock?: () => number;
  /** A number from 0 up to, but not including, 1. For tests. */
  random?: () => number;
}

const TRANSIENT = new Set([429, 502, 503, 504]);
const MAX_WAIT_MS = 8_000;
/** A server that asks for more is not waited for: the call fails, with that time in the error. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Whether sending the request twice does no more than sending it once. */
export function mayRepeat({ annotations }: Tool, method: string): boolean {
  if (annotations?.idempotentHint === true) return true;
  return (method === "GET" || method === "HEAD") && annotations?.readOnlyHint !== false;
}

/**
 * How long to wait before the next attempt; undefined when there should be none. A missing CORS
 * header can't be told from a dropped connection, so it is retried as well.
 */
export function waitBefore(
  attempt: number,
  error: ToolgenError,
  remainingMs: number,
  random: () => number,
): number | undefined {
  const transient = error.code === "network_or_cors" || (error.code === "http_status" && TRANSIENT.has(error.status!));
  if (!transient) return undefined;
  const asked = error.retryAfterMs;
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) return undefined;
  const waitMs = asked ?? backOffMs(attempt, MAX_WAIT_MS, random);
  return waitMs < remainingMs ? waitMs : undefined;
}
