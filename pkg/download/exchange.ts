/** One HTTP exchange that may stall, break or be aborted. */
import { messageOf, ToolgenError } from "../core/errors.js";
import { retryAfterMs } from "../http/retry-after.js";
import { backOffMs } from "../util/back-off.js";
import { LinkedController, MAX_TIMER_MS, sleep, throwIfAborted } from "../util/signals.js";

/** How requests are made, and how patiently. */
export interface Network {
  fetch: typeof globalThis.fetch;
  /** Aborts everything; its reason is what is thrown. */
  signal?: AbortSignal;
  /** A server that sends nothing for this long is given up, and asked again. */
  stallMs: number;
  /** How often in a row an exchange may fail before the download does. */
  retries: number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** How long a load waits. */
export interface Patience {
  signal?: AbortSignal;
  stallMs?: number;
}

export const STALL_MS = 30_000;

/** The page's own network, with retries for a download in parts. */
export function ownNetwork({ signal, stallMs = STALL_MS }: Patience): Network {
  const fetch: Network["fetch"] = (url, init) => globalThis.fetch(url, init);
  return { fetch, sleep, random: Math.random, signal, stallMs, retries: 5 };
}

/** An exchange that failed in a way that another attempt may mend: a TypeError, as those are that `fetch` throws itself. */
export class Interrupted extends TypeError {
  /** What the server asked for. */
  readonly retryAfterMs: number;
  /** There was no answer at all. */
  unanswered = false;
  status?: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);
const MAX_WAIT_MS = 30_000;

export class Exchange {
  readonly response: Response;
  readonly #watch: Watch;
  readonly #reader?: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(response: Response, watch: Watch) {
    this.response = response;
    this.#watch = watch;
    this.#reader = response.body?.getReader();
  }

  /** Resolves with the headers; `close()` must follow. Throws `Interrupted`, or `download` for a status that won't change. */
  static async open(url: string, init: RequestInit, network: Network): Promise<Exchange> {
    const watch = new Watch(network);
    try {
      const answer = watch.limit(network.fetch(url, { ...init, signal: watch.signal }));
      const response = await answer.catch((error) => {
        if (error instanceof Interrupted) error.unanswered = true;
        throw error;
      });
      const { status } = response;
      if (BUSY.has(status)) {
        const asked = retryAfterMs(response.headers.get("retry-after"), Date.now());
        throw Object.assign(new Interrupted(`HTTP status ${status}`, asked), { status });
      }
      // 203: a proxy says that it stands between.
      if (![200, 203, 206].includes(status)) {
        const length =
          status === 416 ? /^bytes \*\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] : undefined;
        const hint =
          status === 416 ? ` (the server's file ends earlier${length ? `: it has ${length} bytes` : ""})` : "";
        throw new ToolgenError("download", `${url} could not be fetched: HTTP status ${status}${hint}.`, {
          url,
          status,
        });
      }
      return new Exchange(response, watch);
    } catch (error) {
      watch.end();
      throw error;
    }
  }

  /** The next bytes as they come; undefined at the end. Time between two calls is the caller's and never a stall. */
  async read(): Promise<Uint8Array | undefined> {
    return this.#reader && (await this.#watch.limit(this.#reader.read())).value;
  }

  close(): void {
    this.#watch.end();
    this.#reader?.cancel().catch(() => {});
  }
}

/** Tries until an attempt isn't interrupted; for requests that start over each time. */
export async function withRetries<T>(url: string, network: Network, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      await waitToRetry(url, failures, error, network);
    }
  }
}

/** Waits before the next attempt, longer each time; throws when the error is final or `retries` are used up. */
export async function waitToRetry(url: string, failures: number, error: unknown, network: Network): Promise<void> {
  if (!(error instanceof Interrupted)) throw error;
  if (failures > network.retries) {
    const message = `${url} could not be fetched: ${error.message} (attempt ${failures}, the last).`;
    throw new ToolgenError("download", message, { url, status: error.status, cause: error });
  }
  const backOff = backOffMs(failures, MAX_WAIT_MS, network.random);
  await network.sleep(Math.min(Math.max(backOff, error.retryAfterMs), MAX_WAIT_MS), network.signal);
}

/** Ends the request when the caller aborts or when one step takes too long, and tells the two apart. */
export class Watch {
  readonly #network: Network;
  readonly #stop: LinkedController;
  #stalled = false;

  constructor(network: Network) {
    this.#network = network;
    throwIfAborted(network.signal);
    this.#stop = new LinkedController(network.signal);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Gives a step up when nothing comes for `stallMs`. */
  async limit<T>(step: Promise<T>): Promise<T> {
    const { signal, stallMs } = this.#network;
    const expire = () => {
      this.#stalled = true;
      this.#stop.abort();
    };
    const timer = setTimeout(expire, Math.min(stallMs, MAX_TIMER_MS));
    try {
      return await step;
    } catch (error) {
      throwIfAborted(signal);
      throw new Interrupted(this.#stalled ? `no data for ${stallMs} ms` : reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#stop.unlink();
    this.#stop.abort();
  }
}

/** "fetch failed" alone says little where the cause is known. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown } | undefined)?.cause;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
