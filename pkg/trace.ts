/** What runs said and when, as a file that can be looked at, sent with a report, and played again. */
import { ToolgenError, type ErrorCode } from "./core/errors.js";
import { attempt, read as readOptions } from "./util/options.js";
import { summarise } from "./observation/summarise.js";
import type { RunEvent } from "./run.js";
import { isRecord } from "./util/is-record.js";
import { sleep, throwIfAborted } from "./util/signals.js";

export interface Traced {
  /** Since the trace began, in milliseconds. */
  atMs: number;
  event: RunEvent;
}

export interface ReplayOptions {
  signal?: AbortSignal;
  /** 1 takes as long as it took, 2 half of that; without it nothing is waited for. */
  speed?: number;
}

/** Passes a run's events on, and notes each with its time in `entries`. */
export async function* trace(
  events: AsyncIterable<RunEvent>,
  entries: Traced[],
  now = () => performance.now(),
): AsyncIterableIterator<RunEvent> {
  const began = now();
  for await (const event of events) {
    entries.push({ atMs: Math.round(now() - began), event });
    yield event;
  }
}

/** The entries as JSON, a line each. Of errors it has the code and the message, of bytes their number. */
export function writeTrace(entries: readonly Traced[]): string {
  return entries.map((entry) => `${lineOf(entry)}\n`).join("");
}

/** A result that JSON can't hold, as one that contains itself, is told as the model reads it. */
function lineOf(entry: Traced): string {
  try {
    return JSON.stringify(entry, plain);
  } catch {
    return JSON.stringify(entry, (key, value) =>
      key === "result" || key === "body" ? JSON.parse(summarise({ result: {}, body: value })) : plain(key, value),
    );
  }
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof ToolgenError) return { error: value.code, message: value.message };
  if (typeof value === "bigint") return String(value);
  return ArrayBuffer.isView(value) ? `[${value.byteLength} bytes]` : value;
}

/** The events of a trace that was written. Errors: `bad_argument` for a text that is none. */
export async function* replay(text: string, given?: ReplayOptions): AsyncIterableIterator<RunEvent> {
  const { signal, speed = Infinity } = readOptions(given);
  const entries = attempt("The trace", () => text.split("\n").filter(Boolean).map(read));
  let before = 0;
  for (const { atMs, event } of entries) {
    throwIfAborted(signal);
    if (atMs > before && speed < Infinity) await sleep((atMs - before) / speed, signal);
    before = atMs;
    yield event;
  }
}

function read(line: string): Traced {
  const entry: unknown = JSON.parse(line, (key, value) =>
    key === "error" &&
    isRecord(value) &&
    typeof value.error === "string" &&
    typeof value.message === "string" &&
    Object.keys(value).length === 2
      ? new ToolgenError(value.error as ErrorCode, value.message)
      : value,
  );
  if (
    isRecord(entry) &&
    typeof entry.atMs === "number" &&
    isRecord(entry.event) &&
    typeof entry.event.type === "string"
  )
    return entry as unknown as Traced;
  throw new ToolgenError("bad_argument", "A line of the trace is no event with its time.");
}
