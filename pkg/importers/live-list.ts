/** A list of tools that is read again whenever its owner says that it changed. */
import type { ToolgenError } from "../core/errors.js";
import { sleep } from "../util/signals.js";
import type { ImportedTool, ListChanged } from "./types.js";

export interface Listed {
  tools: ImportedTool[];
  skipped: ToolgenError[];
}

export interface LiveList {
  current(): Listed;
  stop(): void;
}

interface Options {
  signal?: AbortSignal;
  onListChanged?: ListChanged;
  /** Starts telling of changes; gives what ends that. Called only if there is an `onListChanged`. */
  subscribe(changed: () => void): () => void;
}

/** Some owners say that it changed whenever it is read: between readings that follow on each other are growing pauses. */
const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 60_000;
/** After as long without a reading the next one comes at once. */
const QUIET_MS = 5000;

/** Reads once at a time: a burst of changes, or one while reading, is one more reading. */
export async function liveList(
  read: (signal?: AbortSignal) => Promise<Listed>,
  { signal, onListChanged, subscribe }: Options,
): Promise<LiveList> {
  let listed: Listed | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  let pauseMs = 0;
  let readAt = -Infinity;
  const refresh = async () => {
    again = true;
    if (running || !listed) return;
    running = true;
    if (performance.now() - readAt > QUIET_MS) pauseMs = 0;
    while (again && !stopped) {
      if (pauseMs > 0) await sleep(pauseMs);
      if (stopped) break;
      again = false;
      pauseMs = Math.min(pauseMs * 2 || FIRST_PAUSE_MS, MOST_PAUSE_MS);
      const [error, next] = await read().then(
        (next) => [null, next] as const,
        (error: ToolgenError) => [error, null] as const,
      );
      readAt = performance.now();
      if (stopped) break;
      listed = next ?? listed;
      // On its own, as a listener of an event is: what it throws must not end this loop.
      queueMicrotask(() => onListChanged?.(error, next && next.tools));
    }
    running = false;
  };
  const unsubscribe = onListChanged && subscribe(() => void refresh());
  const stop = () => {
    stopped = true;
    unsubscribe?.();
  };
  try {
    listed = await read(signal);
  } catch (error) {
    stop();
    throw error;
  }
  if (again) void refresh();
  return { current: () => listed!, stop };
}
