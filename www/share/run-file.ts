/** A run as a file: the question, the documents of its tools, and what happened when. */
import type { Tool } from "toolgen";
import { writeTrace, type Traced } from "toolgen/trace";
import type { PlaceName } from "../place.ts";
import { isTool } from "./shared.ts";

export interface RunFile {
  /** What kind of file it is. */
  toolgen: "run";
  version: 1;
  question: string;
  place: PlaceName;
  /** When it was saved, as RFC 3339 writes it. */
  saved: string;
  tools: Tool[];
  /** As the package's trace writes it. */
  trace: string;
}

export interface Run {
  question: string;
  place: PlaceName;
  entries: readonly Traced[];
  find(name: string): Tool | undefined;
}

export function writeRun({ question, place, entries, find }: Run, now = new Date()): string {
  const tools = [...namesIn(entries)].flatMap((name) => find(name) ?? []);
  const trace = writeTrace(entries);
  const file: RunFile = { toolgen: "run", version: 1, question, place, saved: now.toISOString(), tools, trace };
  return JSON.stringify(file, null, 1);
}

/** Errors: a sentence for people. */
export function readRun(text: string): RunFile {
  let file: Partial<RunFile> | null = null;
  try {
    file = JSON.parse(text);
  } catch {
    // said below
  }
  if (file?.toolgen !== "run" || typeof file.question !== "string" || typeof file.trace !== "string")
    throw new Error("This file is no saved run. One is saved under “Share” beneath an answer.");
  if (file.version !== 1 || !Array.isArray(file.tools))
    throw new Error("This run was saved by a newer page. Load this page again, then open it.");
  return { ...(file as RunFile), tools: file.tools.filter(isTool) };
}

/** `toolgen-make-it-cosy.json` */
export function fileNameOf(question: string): string {
  const words = question.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `toolgen-${words.slice(0, 6).join("-") || "run"}.json`;
}

/** Of all tools that are ranked, chosen or called. */
function namesIn(entries: readonly Traced[]): Set<string> {
  return new Set(
    entries.flatMap(({ event }) => {
      if (event.type === "ranking") return event.tools.map(({ name }) => name);
      if (event.type === "call" || event.type === "ask") return [event.call.name];
      return event.type === "tool" ? [event.name] : [];
    }),
  );
}
