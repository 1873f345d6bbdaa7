/** Reads a call of the AI SDK: refuses what would change the answer, and warns of what has no effect. */
import type { LanguageModel } from "ai";
import { ToolgenError } from "../core/errors.js";
import { checkTools, turnUnder, type ChatTurn, type Read } from "./choose.js";
import { doneOf, questionOf, type Said } from "./history.js";
import type { ChatOptions, Conditions, ToolModel } from "./model.js";
import type { RequestTool } from "./request-tools.js";

/** `ai` doesn't export the interface by name. */
export type Model = Extract<LanguageModel, { specificationVersion: "v4" }>;
export type Options = Parameters<Model["doGenerate"]>[0];
export type Generated = Awaited<ReturnType<Model["doGenerate"]>>;
export type Warning = Generated["warnings"][number];

type Message = Options["prompt"][number];
type Result = Extract<Extract<Message, { role: "tool" }>["content"][number], { type: "tool-result" }>["output"];

const WITHOUT_EFFECT = [
  "frequencyPenalty",
  "maxOutputTokens",
  "presencePenalty",
  "seed",
  "temperature",
  "topK",
  "topP",
] as const satisfies (keyof Options)[];

export function readOptions(
  model: ToolModel,
  options: Options,
  { unsure }: ChatOptions,
): { turn: ChatTurn; warnings: Warning[] } {
  const warnings: Warning[] = WITHOUT_EFFECT.filter((name) => options[name] !== undefined).map((feature) => ({
    type: "unsupported",
    feature,
  }));
  if (options.reasoning && options.reasoning !== "provider-default" && options.reasoning !== "none")
    warnings.push({ type: "unsupported", feature: "reasoning" });
  if (options.responseFormat && options.responseFormat.type !== "text")
    throw bad("responseFormat can't be json: this model only writes tool calls, so give it a tool with that schema.");
  if (options.stopSequences?.length) throw bad("stopSequences is not supported; leave it out.");

  const conditions = readConditions(model, options);
  const read = readPrompt(options.prompt);
  if (read.type === "results" && conditions.mode === "required")
    throw bad(
      'toolChoice requires a call after a tool result, where there may be none to make; make it "auto", or stop after one step.',
    );
  if (!conditions.tools && conditions.mode !== "none" && read.type === "question")
    throw bad("There are no tools; pass those of toolgen.tools that may be called.");
  const given: Conditions = conditions.tools ? { ...conditions, unsure } : { mode: "none" };
  return { turn: turnUnder(given, read), warnings };
}

/** The tools that a request has the documents of. */
export function toolsOf({ tools = [] }: Options): RequestTool[] {
  return tools.filter((tool) => tool.type === "function");
}

function readConditions(model: ToolModel, { tools, toolChoice = { type: "auto" } }: Options): Conditions {
  const names = tools?.map((tool) => {
    if (tool.type === "function") return tool.name;
    throw bad(`The tool ${tool.id} is executed by another provider; this model has only those in toolgen.tools.`);
  });
  if (!names?.length) return { mode: toolChoice.type === "tool" ? "required" : toolChoice.type };
  checkTools(model, names, "tools");
  if (toolChoice.type !== "tool") return { mode: toolChoice.type, tools: names };
  if (names.includes(toolChoice.toolName)) return { mode: "required", tools: [toolChoice.toolName] };
  throw bad(`toolChoice names ${JSON.stringify(toolChoice.toolName)}, which is not in tools.`);
}

function readPrompt(prompt: readonly Message[]): Read {
  const place = prompt.findLastIndex(({ role }) => role !== "system");
  const last = prompt[place];
  if (last?.role === "user") {
    const texts = last.content.map((part) => {
      if (part.type === "text") return part.text;
      throw bad(`The last user message has a part of type ${part.type}; this model reads text only.`);
    });
    const asked: Said = { role: "user", text: texts.join("\n") };
    return { type: "question", ...questionOf([...prompt.slice(0, place).flatMap(said), asked]) };
  }
  if (last?.role !== "tool")
    throw bad(
      last
        ? "The last message is from the assistant, so there is no question."
        : "The prompt has no question; add a user message.",
    );
  // A step's results may come as several messages.
  const start = prompt.findLastIndex(({ role }) => role !== "tool" && role !== "system");
  const results = prompt
    .slice(start + 1)
    .flatMap((message) => (message.role === "tool" ? message.content : []))
    .filter((part) => part.type === "tool-result");
  if (results.length === 0) throw bad("The last message has no tool result.");
  const text = results.map(({ output }) => textOf(output)).join("\n");
  // After one that failed nothing more is called.
  const isDone = results.every(({ output }) => output.type === "text" || output.type === "json");
  return { type: "results", text, following: isDone ? doneOf(prompt.flatMap(said)) : undefined };
}

/** Earlier messages: what can't be read of them is left out. */
function said(message: Message): Said[] {
  if (message.role === "system") return [];
  if (message.role === "tool") {
    return message.content.flatMap((part) => {
      if (part.type !== "tool-result" || part.output.type === "content") return [];
      return [{ role: "tool" as const, id: part.toolCallId, text: textOf(part.output) }];
    });
  }
  const text = message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  if (message.role === "user") return [{ role: "user", text }];
  const calls = message.content.flatMap((part) =>
    part.type === "tool-call" ? [{ id: part.toolCallId, name: part.toolName, arguments: part.input }] : [],
  );
  return [{ role: "assistant", text, calls }];
}

function textOf(output: Result): string {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return typeof output.value === "string" ? output.value : JSON.stringify(output.value);
    case "execution-denied":
      return output.reason ?? "The call was not approved.";
    case "content":
      return output.value
        .map((part) => {
          if (part.type === "text") return part.text;
          throw bad(`A tool result has a part of type ${part.type}; this model passes on text only.`);
        })
        .join("\n");
  }
}

function bad(message: string): ToolgenError {
  return new ToolgenError("bad_request", message);
}
