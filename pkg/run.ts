/** One step of an agent: the model chooses a tool and writes its arguments, the page carries it out. */
import type { Client } from "./client.js";
import { Deadline } from "./deadline.js";
import { messageOf, ToolgenError } from "./errors.js";
import { executeInSteps, type ExecuteEvent, type HttpOptions } from "./execute.js";
import type { Observation } from "./observation.js";
import { originsOf } from "./origins.js";
import type { Arguments, Functions, LocalFunction, RankedTool, StreamEvent, Tool, ToolCall } from "./types.js";

/** The options of `HttpOptions` hold for tools over HTTP, `timeoutMs` and `signal` for functions too. */
export interface RunOptions extends HttpOptions {
  /** How many tools the ranking has. */
  topK?: number;
  /** Names of the tools that may be carried out; all when absent. */
  tools?: string[];
  /** Functions that carry out tools in the page, by tool name; they go before a tool's `http`. */
  functions?: Functions;
  /** Asked before any tool that isn't marked `readOnlyHint: true`; without it such tools are refused. */
  approve?: (call: ToolCall, tool: Tool) => boolean | Promise<boolean>;
}

export type RunEvent =
  | Exclude<StreamEvent, { type: "token" }>
  | ExecuteEvent
  | { type: "observation"; observation: Observation }
  /** The tool could not be carried out. The model's own failures are thrown. */
  | { type: "error"; error: ToolgenError }
  /** The end. `call` is null when no tool fits. */
  | { type: "finish"; ranking: RankedTool[]; call: ToolCall | null; observation?: Observation };

export async function* run(client: Client, tools: readonly Tool[], query: string, options: RunOptions): AsyncGenerator<RunEvent, void, void> {
  const { signal, topK = 5 } = options;
  let ranking: RankedTool[] = [];
  let call: ToolCall | null | undefined;
  for await (const event of client.stream({ type: "call", query, topK }, signal)) {
    if (event.type === "token") continue;
    if (event.type === "ranking") ranking = event.tools;
    if (event.type === "call") call = event.call;
    if (event.type === "abstain") call = null;
    yield event;
  }
  if (call === undefined) throw new ToolgenError("backend", "The model ended without a call.");
  if (call === null) return yield { type: "finish", ranking, call };

  let observation: Observation | undefined;
  try {
    const tool = find(tools, call);
    await permit(call, tool, options);
    const local = own(options.functions, tool.name);
    if (local) {
      observation = await callFunction(local, tool, call.arguments, options);
    } else {
      observation = yield* executeInSteps(tool, call.arguments, { ...options, origins: options.origins ?? originsOf(tools) });
    }
    yield { type: "observation", observation };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ToolgenError)) throw error;
    yield { type: "error", error };
  }
  yield { type: "finish", ranking, call, observation };
}

function find(tools: readonly Tool[], call: ToolCall): Tool {
  const tool = tools.find(({ name }) => name === call.name);
  if (!tool) throw new ToolgenError("bad_tool", `The pack has no tool ${call.name}.`);
  return tool;
}

async function permit(call: ToolCall, tool: Tool, { tools, approve }: RunOptions): Promise<void> {
  if (tools && !tools.includes(tool.name)) throw new ToolgenError("not_approved", `The tool ${tool.name} is not among those allowed here.`);
  if (tool.annotations?.readOnlyHint === true || (await approve?.(call, tool)) === true) return;
  const how = approve ? "was not approved" : "may change something and there is no approve() to ask";
  throw new ToolgenError("not_approved", `The tool ${tool.name} ${how}.`);
}

async function callFunction(run: LocalFunction, tool: Tool, args: Arguments, { signal, timeoutMs = 10_000 }: RunOptions): Promise<Observation> {
  const expired = () => new ToolgenError("timeout", `The function of ${tool.name} took longer than ${timeoutMs} ms.`);
  const deadline = new Deadline({ signal, timeoutMs }, (reason) => reason, expired);
  try {
    const body = await deadline.race((signal) => run(args, { signal }));
    return { result: isRecord(body) ? body : { result: body }, body };
  } catch (cause) {
    deadline.signal.throwIfAborted();
    throw new ToolgenError("function_failed", messageOf(cause), { cause });
  } finally {
    deadline.close();
  }
}

function own(functions: Functions | undefined, name: string): LocalFunction | undefined {
  return functions && Object.hasOwn(functions, name) ? functions[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
