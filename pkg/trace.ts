/** What runs said and when, as a file that can be looked at, sent with a report, and played again. */
import { ToolgenError, type ErrorCode } from "./core/errors.js";
import type { RunEvent } from "./run.js";
import { isRecord } from "./util/is-record.js";
import { attempt, read as readOptions } from "./util/options.js";
import { plainJson } from "./util/plain-json.js";
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
  /** The longest wait between two events; without it there is no limit. */
  maxPauseMs?: number;
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
  return entries.map((entry) => `${plainJson(entry)}\n`).join("");
}

/** The events of a trace that was written. Errors: `bad_argument` for a text that is none. */
export async function* replay(text: string, given?: ReplayOptions): AsyncIterableIterator<RunEvent> {
  const { signal, speed = Infinity, maxPauseMs = Infinity } = readOptions(given);
  if (!(speed > 0)) throw new ToolgenError("bad_argument", `speed must be a number above 0, not ${speed}.`);
  if (!(maxPauseMs >= 0))
    throw new ToolgenError("bad_argument", `maxPauseMs must be a number from 0 on, not ${maxPauseMs}.`);
  const lines = attempt("The trace", () => text.split("\n").map((line) => line.trim()));
  const entries = attempt("The trace", () => lines.filter(Boolean).map(read));
  let before = 0;
  for (const { atMs, event } of entries) {
    throwIfAborted(signal);
    // A time that lies before another one's is no reason to wait for the same moment twice.
    const pauseMs = Math.min((atMs - before) / speed, maxPauseMs);
    if (pauseMs > 0) await sleep(pauseMs, signal);
    before = Math.max(before, atMs);
    yield event;
  }
}

function read(line: string): Traced {
  const entry: unknown = JSON.parse(line);
  if (!isRecord(entry) || !isRecord(entry.event) || typeof entry.event.type !== "string" || !isTime(entry.atMs))
    throw new ToolgenError("bad_argument", "A line of the trace is no event with its time.");
  const { event } = entry;
  // Errors stand in these places alone: what a tool answered may look like one.
  const holders: unknown[] = [event, ...(Array.isArray(event.steps) ? event.steps : [])];
  for (const holder of holders) {
    if (!isRecord(holder) || !isRecord(holder.error)) continue;
    const { error: code, message } = holder.error;
    if (typeof code === "string" && typeof message === "string")
      holder.error = new ToolgenError(code as ErrorCode, message);
  }
  return entry as unknown as Traced;
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
