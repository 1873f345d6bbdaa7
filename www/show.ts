/** Every event of a run has its place in the question's card. */
import { ToolgenError, type Arguments, type RunEvent } from "toolgen";
import type { Turn } from "./answer/turn.ts";
import type { Result } from "./result.ts";

export interface Shown {
  result: Result;
  /** Milliseconds since the question was asked. */
  elapsed(): number;
  /** A form has values for what was missing. */
  answer(values: Arguments): void;
}

export function show(event: RunEvent, turn: Turn, { result, elapsed, answer }: Shown): void {
  switch (event.type) {
    case "prefill":
      return turn.reading(event.done, event.total);
    case "ranking":
      // The last of the first step counts: looks at documents may have changed it.
      if (result.calls.length === 0) result.ranking = event.tools;
      return turn.ranking(event.tools, event.abstain);
    case "look":
      return turn.look(event.name, event.probability);
    case "choose":
      return; // the run's option of this name asks the person
    case "abstain":
      result.abstained = true;
      return say(turn.abstained(event.reason));
    case "tool":
      result.timings.toolMs ??= elapsed();
      return turn.tool(event.name);
    case "arguments":
      turn.argumentsDelta(event.text);
      return event.tokens?.forEach((token) => turn.token(token));
    case "call":
      result.call = event.call;
      result.calls.push(event.call);
      result.timings.callMs ??= elapsed();
      turn.timings(result.timings);
      return turn.call(event.call);
    case "ask":
      result.missing = event.parameters.map(({ name }) => name);
      return say(turn.ask(event.call, event.parameters, answer));
    case "request":
      result.request = event.request;
      return turn.request(event.request);
    case "retry":
      return turn.retry(event.waitMs, event.reason);
    case "observation":
      result.answer = event.observation;
      delete result.error; // it was mended
      return say(turn.observation(event.observation));
    case "error":
      result.error = described(event.error);
      return say(turn.error(event.error));
    case "answer":
      return; // its steps were shown one by one
    case "finish": {
      turn.finish();
      if (event.reason === "abstained" && !result.abstained) {
        result.abstained = true; // said the person
        return say(turn.none("Then none of the tools here does that."));
      }
      const note = noteOn(event.reason);
      return note === undefined ? undefined : say(turn.note(note));
    }
    default:
      event satisfies never;
  }

  function say(text: string): void {
    result.said.push(text);
  }
}

/** Why a run ended, where the steps don't show it. */
function noteOn(reason: Extract<RunEvent, { type: "finish" }>["reason"]): string | undefined {
  switch (reason) {
    case "done":
    case "asked":
    case "denied":
    case "failed":
    case "abstained":
      return undefined;
    case "unsure":
      return "The model is not sure what is meant, so nothing was done.";
    case "max_steps":
      return "There may be more to do; ask for it in another question.";
    case "repeated":
      return "The model would have repeated itself, so it stopped here.";
    case "no_room":
      return "The conversation is too long for this small model to go on. Begin a new one.";
    default:
      return reason satisfies never;
  }
}

export function described(error: unknown): { code: string; message: string } {
  const code = error instanceof ToolgenError ? error.code : "unexpected";
  return { code, message: error instanceof Error ? error.message : String(error) };
}
