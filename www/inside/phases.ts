/** A run as a row of phases: what the time before each event was spent on, and by whom. */
import type { RunEvent } from "toolgen";
import type { Traced } from "toolgen/trace";

export type Actor = "reads" | "writes" | "page" | "person";

export interface Phase {
  actor: Actor;
  what: string;
  fromMs: number;
  toMs: number;
}

/** What was there before an event. */
interface Before {
  /** A person was asked something. */
  asked?: boolean;
  /** A tool is chosen, its call isn't written. */
  chosen?: boolean;
  /** A call was carried out. */
  observed?: boolean;
}

export function phasesOf(entries: readonly Traced[]): Phase[] {
  const phases: Phase[] = [];
  let from = 0;
  let before: Before = {};
  for (const { atMs, event } of entries) {
    const part = partOf(event, before);
    before = after(event, before);
    const last = phases.at(-1);
    if (last && last.what === part.what && last.toMs === from) last.toMs = atMs;
    else phases.push({ ...part, fromMs: from, toMs: atMs });
    from = atMs;
  }
  return phases.filter(({ fromMs, toMs }) => toMs > fromMs);
}

function after({ type }: RunEvent, { chosen, observed }: Before): Before {
  return {
    asked: type === "choose",
    chosen: type === "tool" || (chosen && type !== "call" && type !== "ask"),
    observed: observed || type === "observation",
  };
}

/** What ended with an event. */
function partOf({ type }: RunEvent, { asked, chosen, observed }: Before): Pick<Phase, "actor" | "what"> {
  if (asked) return { actor: "person", what: "a person chooses" };
  switch (type) {
    case "prefill":
    case "ranking":
    case "abstain":
    case "choose":
    case "answer":
    case "finish":
      if (chosen) return { actor: "reads", what: "reads the tool's document" };
      return { actor: "reads", what: observed ? "reads the result" : "reads the question" };
    case "look":
      return { actor: "reads", what: "reads the tool's document" };
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
    default:
      return type satisfies never;
  }
}
