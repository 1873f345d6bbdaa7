/** When a request is sent again, and how long to wait before. */
import type { ToolgenError } from "../core/errors.js";
import type { Tool } from "../core/types.js";

export interface RetryOptions {
  /** How often a request that failed in passing is sent again; 2 when absent. */
  retries?: number;
  /** Waits; rejects when the signal is aborted. For tests. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The time in milliseconds since 1970. For tests. */
  now?: () => number;
  /** A number from 0 up to, but not including, 1. For tests. */
  random?: () => number;
}

const PASSING = new Set([429, 502, 503, 504]);
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** A server that asks for more is taken at its word: the call fails, with that time in the error. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Whether sending the request twice does no more than sending it once. */
export function mayRepeat({ annotations }: Tool, method: string): boolean {
  if (annotations?.idempotentHint === true) return true;
  return (method === "GET" || method === "HEAD") && annotations?.readOnlyHint !== false;
}

/**
 * How long to wait before the next attempt; undefined when there is no sense in one. A refusal for
 * want of CORS can't be told from a dropped connection, so it is tried again as well.
 */
export function waitBefore(attempt: number, error: ToolgenError, remainingMs: number, random: () => number): number | undefined {
  const passing = error.code === "network_or_cors" || (error.code === "http_status" && PASSING.has(error.status!));
  if (!passing) return undefined;
  const asked = error.retryAfterMs;
  if (asked !== undefined && asked > LONGEST_RETRY_AFTER_MS) return undefined;
  const waitMs = asked ?? backOffMs(attempt, random);
  return waitMs < remainingMs ? waitMs : undefined;
}

/** Exponential back-off with full jitter: clients that failed together don't come back together. */
function backOffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)));
}

/**
 * The time that a `Retry-After` header asks for, in milliseconds; undefined when there is none that
 * can be read. Across origins a page sees the header only if the server exposes it
 * (`Access-Control-Expose-Headers`). Of HTTP's three forms of a date only the one that servers may
 * send is read.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
