/** Reads a chat completion request, and refuses what is not supported. */
import { ToolgenError } from "../core/errors.js";
import { checkTools, turnUnder, type ChatTurn, type Read } from "./choose.js";
import { doneOf, questionOf, type Said } from "./history.js";
import type { ChatOptions, Conditions, ToolModel } from "./model.js";
import type { RequestTool } from "./request-tools.js";
import { IGNORED, REFUSED, type ChatCompletionRequest, type ChatMessage, type ChatToolChoice } from "./openai-types.js";

export function readRequest(model: ToolModel, request: ChatCompletionRequest, { unsure }: ChatOptions = {}): ChatTurn {
  if (typeof request !== "object" || request === null) throw bad("The request must be an object with messages.");
  checkParameters(request);
  const conditions = readConditions(model, request);
  const read = readMessages(request.messages);
  if (read.type === "results" && conditions.mode === "required")
    throw bad('tool_choice requires a call after a tool result, where there may be none to make; make it "auto".');
  return turnUnder({ ...conditions, unsure }, read);
}

function checkParameters(request: ChatCompletionRequest): void {
  const known = new Set<string>(["messages", "tools", "tool_choice", "stream", ...IGNORED]);
  for (const [name, value] of Object.entries(request)) {
    if (known.has(name) || value === undefined || value === null) continue;
    if (!Object.hasOwn(REFUSED, name)) throw bad(`${name} is not a supported parameter; leave it out.`);
    const neutral: readonly unknown[] = REFUSED[name as keyof typeof REFUSED];
    if (typeof value === "object" && Object.keys(value).length === 0) continue; // asks for nothing
    const values = Array.isArray(value) ? value : [typeof value === "object" && "type" in value ? value.type : value];
    if (!values.every((item) => neutral.includes(item))) {
      throw bad(`${name} is not supported with the value ${JSON.stringify(value)}; leave it out.`);
    }
  }
}

/** The tools that a request has the documents of. */
export function toolsOf(request: ChatCompletionRequest | null | undefined): RequestTool[] {
  const tools: readonly unknown[] = Array.isArray(request?.tools) ? request.tools : [];
  return tools.flatMap((tool) => {
    const { function: described } = (tool ?? {}) as { function?: Record<string, unknown> };
    // One that has a name alone means a tool that is there.
    if (typeof described?.name !== "string" || (!described.description && !described.parameters)) return [];
    const { name, description, parameters } = described;
    return [{ name, description: typeof description === "string" ? description : undefined, inputSchema: parameters }];
  });
}

function readConditions(model: ToolModel, { tools, tool_choice: choice }: ChatCompletionRequest): Conditions {
  if (tools !== undefined && !Array.isArray(tools)) throw bad("tools must be an array.");
  // Frameworks send an empty list where there is nothing to choose from: it restricts nothing.
  const names = tools?.length ? tools.map((tool, index) => nameOf(tool, `tools[${index}]`)) : undefined;
  checkTools(model, names, "tools");
  const conditions = readChoice(choice);
  if (!conditions.tools) return { ...conditions, tools: names };
  checkTools(model, conditions.tools, "tool_choice");
  const other = conditions.tools.find((name) => names && !names.includes(name));
  if (other !== undefined) throw bad(`tool_choice names ${JSON.stringify(other)}, which is not in tools.`);
  return conditions;
}

function readChoice(choice: ChatToolChoice | null = "auto"): Conditions {
  if (choice === null) return { mode: "auto" };
  if (choice === "none" || choice === "auto" || choice === "required") return { mode: choice };
  if (choice.type === "function") return { mode: "required", tools: [nameOf(choice, "tool_choice")] };
  if (choice.type === "allowed_tools") {
    const { mode, tools } = choice.allowed_tools ?? {};
    if ((mode === "auto" || mode === "required") && Array.isArray(tools)) {
      return { mode, tools: tools.map((tool, index) => nameOf(tool, `tool_choice.allowed_tools.tools[${index}]`)) };
    }
  }
  throw bad(
    `tool_choice can't be ${JSON.stringify(choice)}; it can be "none", "auto", "required", a function or allowed_tools.`,
  );
}

function nameOf(tool: unknown, place: string): string {
  const { type, function: described } = (tool ?? {}) as { type?: unknown; function?: { name?: unknown } };
  if (type === "function" && typeof described?.name === "string") return described.name;
  throw bad(`${place} must be { type: "function", function: { name } }; other kinds of tools are not supported.`);
}

function readMessages(messages: readonly ChatMessage[]): Read {
  if (!Array.isArray(messages)) throw bad("messages must be an array.");
  // Instructions are for models that write text; here they may stand anywhere.
  const turns = messages
    .map((message, index) => ({ ...message, index }))
    .filter(({ role }) => role !== "system" && role !== "developer");
  const last = turns.at(-1);
  if (last?.role === "user")
    return {
      type: "question",
      ...questionOf([...turns.slice(0, -1).flatMap(said), { role: "user", text: textOf(last.content, last.index) }]),
    };
  if (last?.role !== "tool") {
    throw bad(
      last
        ? `The last message is from ${last.role}; it must be from a user, or from a tool to finish.`
        : "messages has no question; add a user message.",
    );
  }
  const start = turns.findLastIndex(({ role }) => role !== "tool");
  const results = turns.slice(start + 1);
  const calls = idsOf(turns[start]?.tool_calls);
  const stray = results.find(({ tool_call_id: id }) => id === undefined || !calls.has(id));
  if (stray)
    throw bad(
      `messages[${stray.index}] answers the call ${JSON.stringify(stray.tool_call_id)}, which the previous message doesn't make.`,
    );
  const text = results.map(({ content, index }) => textOf(content === null ? "" : content, index)).join("\n");
  return { type: "results", text, following: doneOf(turns.flatMap(said)) };
}

/** Earlier messages: what can't be read of them is left out. */
function said({ role, content, tool_calls: calls, tool_call_id: id }: ChatMessage): Said[] {
  if (role !== "user" && role !== "assistant" && role !== "tool") return [];
  const parts = typeof content === "string" ? [{ text: content }] : Array.isArray(content) ? content : [];
  const text = parts.flatMap((part) => (typeof part?.text === "string" ? [part.text] : [])).join("\n");
  return [{ role, text, id, calls: Array.isArray(calls) ? calls.map(callOf) : [] }];
}

function callOf(call: unknown): { id: unknown; name: unknown; arguments: unknown } {
  const { id, function: called } = (call ?? {}) as { id?: unknown; function?: { name?: unknown; arguments?: unknown } };
  return { id, name: called?.name, arguments: called?.arguments };
}

function idsOf(calls: unknown): Set<unknown> {
  return new Set(Array.isArray(calls) ? calls.map((call) => call?.id) : []);
}

function textOf(content: ChatMessage["content"], index: number): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw bad(`messages[${index}].content must be text.`);
  return content
    .map((part) => {
      if (part?.type === "text" && typeof part.text === "string") return part.text;
      throw bad(
        `messages[${index}].content has a part of type ${JSON.stringify(part?.type)}; this model reads text only.`,
      );
    })
    .join("\n");
}

function bad(message: string): ToolgenError {
  return new ToolgenError("bad_request", message);
}
