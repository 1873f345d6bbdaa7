/** What follows when a request brings a tool's results: another call, if the question has asked for more, or their text. */
import type { RankedTool, ToolCall } from "../core/types.js";
import { LinkedController, throwIfAborted } from "../util/signals.js";
import { turnsFor } from "../turns.js";
import type { ChatQuestion, Done } from "./history.js";
import type { Conditions, ToolModel } from "./model.js";

/** The question of the results, and all calls that it has led to. */
export interface Following extends ChatQuestion {
  done: readonly Done[];
  conditions: Conditions;
}

/**
 * The question is run once more, with the results in place of the calls that were made, so nothing has to be kept between
 * requests. A run that makes other calls than those says nothing of this question; undefined then, and where it ends.
 */
export async function nextCall(
  model: ToolModel,
  { done, conditions, ...question }: Following,
  signal?: AbortSignal,
): Promise<{ call: ToolCall; ranking: RankedTool[] } | undefined> {
  const tools = [...(conditions.tools ?? model.tools.map(({ name }) => name))];
  const before = await turnsFor(model, question, { tools, signal });
  const stop = new LinkedController(signal);
  const left = [...done];
  let next: ToolCall | undefined;
  let ranking: RankedTool[] = [];
  const answer = (call: ToolCall) => {
    const made = left.shift();
    if (made && JSON.stringify(made.call) === JSON.stringify(call)) return parsed(made.text);
    if (!made) next = call;
    stop.abort();
    return undefined;
  };
  const functions = tools.map((name) => [name, (args: Record<string, unknown>) => answer({ name, arguments: args })]);
  const options = {
    ...{ tools, before, functions: Object.fromEntries(functions), maxSteps: done.length + 1, signal: stop.signal },
    // Whoever carries the call out asks for leave; a call that a result led to is not made.
    approve: (_: ToolCall, __: unknown, reason: string) => reason === "changes",
    choose: (candidates: RankedTool[]) => candidates.find(({ name }) => name === left[0]?.call.name)?.name ?? null,
  };
  try {
    for await (const event of model.run(question.query, options)) if (event.type === "ranking") ranking = event.tools;
  } catch (error) {
    throwIfAborted(signal);
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.unlink();
  }
  return next && { call: next, ranking };
}

/** A result as a function would give it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
