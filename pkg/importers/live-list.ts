/** A list of tools that is read again whenever its owner says that it changed. */
import type { ToolgenError } from "../core/errors.js";
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

/** Reads once at a time: a burst of changes, or one while reading, is one more reading. */
export async function liveList(
  read: (signal?: AbortSignal) => Promise<Listed>,
  { signal, onListChanged, subscribe }: Options,
): Promise<LiveList> {
  let listed: Listed | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  const refresh = async () => {
    again = true;
    if (running || !listed) return;
    running = true;
    while (again && !stopped) {
      again = false;
      const [error, next] = await read().then(
        (next) => [null, next] as const,
        (error: ToolgenError) => [error, null] as const,
      );
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
