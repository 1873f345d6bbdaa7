import type { JsonSchema, StreamEvent, Tool, Unsure } from "../core/types.js";
import type { Turn } from "../question.js";
import type { Problem } from "../protocol.js";
import type { RunEvent, RunOptions } from "../run.js";
import type { ToolDefinition } from "../infer.js";

export interface CallOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has. */
  topK?: number;
  /**
   * Names of the tools to choose from. A model that can't restrict its choice ignores this, so callers
   * check what comes back.
   */
  tools?: readonly string[];
  /** Whether one of them is called even where none fits; a model that can't ignores this, too. */
  required?: boolean;
  /** The turns before the question, the oldest first. */
  before?: readonly Turn[];
}

/** What the adapters of chat interfaces can be told. */
export interface ChatOptions {
  /**
   * Where the model is not sure of a tool: `ask` answers with the names of those that may be meant, `call` calls the
   * likeliest that fits, `end` refuses. `ask` by default; where the request requires a call, the likeliest is called.
   */
  unsure?: Unsure;
}

/** What a request says of its tools. */
export interface Conditions extends ChatOptions {
  /** Names of the tools that may be called; all when absent. */
  tools?: readonly string[];
  /** `required` has the likeliest tool called; it is an error where that can't be, since an argument is missing. */
  mode: "none" | "auto" | "required";
}

/** What the adapters need of a model. `Toolgen` has it, and so can anything that stands in for one. */
export interface ToolModel {
  readonly tools: readonly Pick<Tool, "name">[];
  /**
   * Chooses a tool and writes its arguments; the last event is `call`, `ask` when the question doesn't say all that the
   * tool requires, or `abstain` when no tool fits.
   */
  callEvents(query: string, options?: CallOptions): AsyncIterable<StreamEvent>;
  /** Adds tools that a request brings; without it a request can only name those that are there. */
  register?(
    tools: readonly ToolDefinition<JsonSchema>[],
    options?: { signal?: AbortSignal },
  ): Promise<{ skipped: readonly Problem[] }>;
  /** Calls a tool and carries it out. */
  run(query: string, options?: RunOptions): AsyncIterable<RunEvent>;
}
