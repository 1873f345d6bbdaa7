import type { RunEvent, RunOptions } from "../run.js";
import type { RankedTool, StreamEvent, Tool, ToolCall } from "../core/types.js";

export interface CallOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has. */
  topK?: number;
  /**
   * Names to choose among. A model that can't narrow its choice ignores this, so whoever gives
   * names looks at what comes back.
   */
  tools?: readonly string[];
  onEvent?: (event: StreamEvent) => void;
}

/** What the adapters need of a model. `Toolgen` has it, and so can anything that stands in for one. */
export interface ToolModel {
  readonly tools: readonly Pick<Tool, "name">[];
  /** Chooses a tool and writes its arguments; null when no tool fits. */
  call(query: string, options?: CallOptions): Promise<(ToolCall & { ranking: RankedTool[] }) | null>;
  /** Calls a tool and carries it out. */
  run(query: string, options?: RunOptions): AsyncIterable<RunEvent>;
  /** The tools that fit a question best, best first. */
  retrieve(query: string, options?: { signal?: AbortSignal; topK?: number }): Promise<RankedTool[]>;
}
