/** A run as a row of phases: what the time before each event was spent on, and by whom. */
import type { RunEvent } from "toolgen";

export interface Timed {
  /** Since the run began, in milliseconds. */
  atMs: number;
  event: RunEvent;
}

export type Actor = "reads" | "writes" | "page" | "person";

export interface Phase {
  actor: Actor;
  what: string;
  fromMs: number;
  toMs: number;
}

export function phasesOf(entries: readonly Timed[]): Phase[] {
  const phases: Phase[] = [];
  let [from, asked, observed] = [0, false, false];
  for (const { atMs, event } of entries) {
    const part = partOf(event, observed, asked);
    asked = event.type === "choose";
    observed ||= event.type === "observation";
    if (part) {
      const last = phases.at(-1);
      if (last && last.what === part.what && last.toMs === from) last.toMs = atMs;
      else phases.push({ ...part, fromMs: from, toMs: atMs });
    }
    from = atMs;
  }
  return phases.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** What ended with an event. */
function partOf(event: RunEvent, observed: boolean, asked: boolean): Pick<Phase, "actor" | "what"> | undefined {
  if (asked) return { actor: "person", what: "a person chooses" };
  switch (event.type) {
    case "prefill":
    case "ranking":
    case "abstain":
    case "choose":
      return { actor: "reads", what: observed ? "reads the result" : "reads the question" };
    case "look":
      return { actor: "reads", what: "reads a tool's document" };
    case "tool":
      return { actor: "writes", what: "chooses the tool" };
    case "arguments":
    case "call":
    case "ask":
      return { actor: "writes", what: "writes arguments" };
    case "request":
    case "observation":
    case "error":
      return { actor: "page", what: "the page carries out" };
    case "retry":
      return { actor: "page", what: "the page waits" };
    case "answer":
    case "finish":
      return { actor: "reads", what: "reads the result" };
    default:
      event satisfies never;
  }
}
