/** Our agent as one tool of the page, for the agents of browsers and other scripts. */
import { checkTool } from "../check-tool.js";
import { messageOf, ToolgenError } from "../core/errors.js";
import type { RunEvent, RunOptions } from "../run.js";
import { isSignal, read } from "../util/options.js";
import { abortable, onAbort } from "../util/signals.js";
import { modelContext, type ModelContextTool } from "./model-context.js";

/** A `Toolgen`, or anything else that runs questions as it does. */
export interface PageAgent {
  run(question: string, options: RunOptions): AsyncIterable<RunEvent>;
}

export interface ProvideOptions {
  /** "ask_agent" by default. */
  name?: string;
  title?: string;
  /** What the agent can do, for the model that chooses it: say which tools it has. */
  description: string;
  /** True only if none of the agent's tools changes anything. */
  readOnlyHint?: boolean;
  /** Aborting it removes the tool, as `remove()` does. */
  signal?: AbortSignal;
  /** How each question is run. Without `approve`, tools that may change something are refused. */
  run?: Omit<RunOptions, "signal">;
}

export interface Provided {
  readonly name: string;
  /** False where the browser has no WebMCP; then nothing was done. */
  readonly registered: boolean;
  /** Removes the tool. A question in progress is still answered. */
  remove(): void;
}

const INPUT_SCHEMA = {
  type: "object",
  properties: { question: { type: "string", description: "What to do or find out, in a sentence." } },
  required: ["question"],
  additionalProperties: false,
};

/**
 * Registers the agent with the page. Its result holds the `tool` that was called, its `arguments` and
 * its `result`; where no tool fits, `tool` is null. Failures reject with their message.
 * Errors: `bad_tool` (invalid name or description, or the page already has the name), `unsupported`
 * (the browser doesn't let this page register tools), `aborted`.
 */
export async function provideToPage(agent: PageAgent, options: ProvideOptions): Promise<Provided> {
  const { name = "ask_agent", title, description, readOnlyHint = false, signal, run } = read(options);
  checkTool({ name, description, inputSchema: INPUT_SCHEMA });
  const context = modelContext();
  if (!context) return { name, registered: false, remove() {} };
  const lifetime = new AbortController();
  const remove = () => {
    if (lifetime.signal.aborted) return;
    letGo();
    lifetime.abort();
    try {
      context.unregisterTool?.(name);
    } catch {
      // The signal has done it already.
    }
  };
  const tool: ModelContextTool = {
    name,
    description,
    inputSchema: INPUT_SCHEMA,
    // Answers come from other people's services.
    annotations: { readOnlyHint, untrustedContentHint: true },
    execute: (input, given) =>
      answer(agent, input, { ...run, signal: isSignal(given?.signal) ? given.signal : undefined }),
  };
  if (title !== undefined) tool.title = title;
  if (signal?.aborted) throw aborted(signal);
  const letGo = onAbort(signal, remove);
  try {
    await abortable(lifetime.signal, (signal) => context.registerTool(tool, { signal }));
  } catch (cause) {
    const wasAborted = lifetime.signal.aborted;
    letGo();
    if (wasAborted && signal?.aborted) throw aborted(signal);
    const allowed = !["NotAllowedError", "SecurityError"].includes((cause as Error | null)?.name ?? "");
    const message = allowed
      ? `The page did not accept the tool ${name}; it may already have one of that name`
      : "The browser doesn't let this page register tools";
    throw new ToolgenError(allowed ? "bad_tool" : "unsupported", `${message}: ${messageOf(cause)}`, { cause });
  }
  return { name, registered: true, remove };
}

async function answer(agent: PageAgent, input: unknown, options: RunOptions): Promise<unknown> {
  const { question } = (input ?? {}) as { question?: unknown };
  if (typeof question !== "string" || question.trim() === "")
    throw new ToolgenError("bad_argument", 'The argument "question" must be a non-empty string.');
  for await (const event of agent.run(question, options)) {
    if (event.type === "ask")
      throw new ToolgenError(
        "bad_argument",
        `The question is missing ${event.parameters.map(({ name }) => name).join(", ")} for ${event.call.name}.`,
      );
    if (event.type !== "finish") continue;
    const error = event.steps.at(-1)?.error;
    if (error) throw error;
    if (event.reason === "unsure") {
      const names = event.ranking.slice(0, 3).map(({ name }) => name);
      return { tool: null, message: `It isn't clear which tool is meant: ${names.join(", ")}, or none.` };
    }
    if (event.call === null) return { tool: null, message: "None of the tools here fits this question." };
    return { tool: event.call.name, arguments: event.call.arguments, result: event.observation?.result ?? null };
  }
  throw new ToolgenError("backend", "The agent ended without an answer.");
}

function aborted(signal: AbortSignal): ToolgenError {
  return new ToolgenError("aborted", "Providing the agent to the page was aborted.", { cause: signal.reason });
}
