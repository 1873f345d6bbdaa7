/** One question put to the model under the conditions that chat interfaces know. */
import { ToolgenError } from "../core/errors.js";
import type { RankedTool, StreamEvent, ToolCall } from "../core/types.js";
import { turnsFor } from "../turns.js";
import { askFor, askWhich, type ChatQuestion } from "./history.js";
import type { Conditions, ToolModel } from "./model.js";
import { nextCall, type Following } from "./next-call.js";

/** What the last message asks for: a call; or, with a tool's results, another one if there is one to make, else their text. */
export type ChatTurn =
  | (Exclude<Read, { type: "results" }> & { conditions: Conditions })
  | { type: "results"; text: string; following?: Following };

/** The same, as messages say it. */
export type Read =
  | ({ type: "question" } & ChatQuestion)
  | { type: "results"; text: string; following?: Omit<Following, "conditions"> };

export function turnUnder(conditions: Conditions, read: Read): ChatTurn {
  if (read.type === "question") return { ...read, conditions };
  const { text, following } = read;
  if (!following || conditions.mode === "none") return { type: "results", text };
  return {
    type: "results",
    text: following.done.map((step) => step.text).join("\n"),
    following: { ...following, conditions },
  };
}

/** Any number of `arguments` after one `tool` and before a `call`; or an `ask`, a `refusal` or an `answer` alone. */
export type ChoiceEvent =
  | { type: "tool"; name: string }
  /** `text` continues the JSON of the arguments. */
  | { type: "arguments"; text: string }
  | { type: "call"; call: ToolCall; ranking: RankedTool[] }
  /** The question doesn't say all that the tool requires, or which of several tools is meant; the text asks for it. */
  | { type: "ask"; text: string; ranking: RankedTool[] }
  | { type: "refusal"; reason: string; ranking: RankedTool[] }
  /** Nothing is to be called, or nothing more; then the text is that of the results. */
  | { type: "answer"; text: string };

/** Refuses conditions that name a tool which the model doesn't have, or none at all. */
export function checkTools(model: ToolModel, names: readonly string[] | undefined, parameter: string): void {
  if (!names) return;
  if (names.length === 0)
    throw new ToolgenError("bad_request", `${parameter} is empty; leave it out, or name tools of the model.`);
  const known = new Set(model.tools.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new ToolgenError(
    "bad_request",
    `${parameter} has ${JSON.stringify(unknown)}, which is not a tool of this model; toolgen.tools has their names.`,
  );
}

export async function* respond(
  model: ToolModel,
  turn: ChatTurn,
  signal?: AbortSignal,
): AsyncGenerator<ChoiceEvent, void, void> {
  if (turn.type === "question") return yield* choose(model, turn, turn.conditions, signal);
  const next = turn.following && (await nextCall(model, turn.following, signal));
  if (!next) return yield { type: "answer", text: turn.text };
  yield { type: "tool", name: next.call.name };
  yield { type: "arguments", text: JSON.stringify(next.call.arguments) };
  yield { type: "call", ...next };
}

/**
 * The model's choice, event by event. A tool that isn't allowed is never reported: the call is
 * stopped and refused, or is a `no_tool` error where one is required. Nor is a call that lacks a required argument:
 * only its end tells, so nothing of a call is reported before that.
 */
async function* choose(
  model: ToolModel,
  question: ChatQuestion,
  { tools: given, mode, unsure: wanted = "ask" }: Conditions,
  signal?: AbortSignal,
): AsyncGenerator<ChoiceEvent, void, void> {
  if (mode === "none") {
    return yield { type: "answer", text: "No tool may be called, and this model answers only by calling tools." };
  }
  let ranking: RankedTool[] = [];
  const { query, chosen } = question;
  const allows = (name: string) => !given || given.includes(name);
  if (chosen === null) return yield refuse("None of these tools, then.");
  if (chosen !== undefined && !allows(chosen)) return yield refuse(notAmong(chosen, given!));
  // Who has chosen is not asked again.
  const tools = chosen === undefined ? given : [chosen];
  const unsure = chosen === undefined ? wanted : "call";
  const before = await turnsFor(model, question, { tools, signal });
  const parts: ChoiceEvent[] = [];
  let last: StreamEvent | undefined;
  let open = false;
  for await (last of model.callEvents(query, { tools, required: mode === "required", before, signal })) {
    if (last.type === "ranking") {
      ranking = last.tools;
      const [first] = ranking;
      open = !last.sure && first !== undefined && first.probability >= last.abstain;
      continue;
    }
    // A look may lead to a second ranking.
    const settled = !["prefill", "look", "abstain"].includes(last.type);
    if (settled && open && mode === "auto" && unsure !== "call") return yield doubt(ranking);
    if (last.type === "tool" && !allows(last.name)) return yield refuse(notAmong(last.name, given!));
    else if (last.type === "arguments") parts.push({ type: "arguments", text: last.text });
  }
  if (last?.type === "abstain") return yield refuse("No tool fits the question.");
  if (last?.type !== "call" && last?.type !== "ask")
    throw new ToolgenError("backend", "The model ended without a call.");
  const { call } = last;
  if (!allows(call.name)) return yield refuse(notAmong(call.name, given!));
  if (last.type === "ask") {
    const text = askFor(call, last.parameters);
    if (mode === "required") return yield refuse(text);
    return yield { type: "ask", text, ranking };
  }
  yield { type: "tool", name: call.name };
  if (parts.length === 0) parts.push({ type: "arguments", text: JSON.stringify(call.arguments) });
  yield* parts;
  yield { type: "call", call, ranking };

  function doubt(ranking: RankedTool[]): ChoiceEvent {
    const text = askWhich(ranking);
    return unsure === "ask" ? { type: "ask", text, ranking } : { type: "refusal", reason: text, ranking };
  }

  function refuse(reason: string): ChoiceEvent {
    if (mode === "required")
      throw new ToolgenError("no_tool", `A call is required, but the model made none. ${reason}`);
    return { type: "refusal", reason, ranking };
  }
}

function notAmong(name: string, tools: readonly string[]): string {
  return tools.length === 1
    ? `The model chose ${name}, not ${tools[0]}.`
    : `The model chose ${name}, which is not among the tools of the request.`;
}
