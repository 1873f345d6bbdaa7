import type { Client } from "./client.js";
import { ToolgenError } from "./errors.js";
import { run, type RunEvent, type RunOptions } from "./run.js";
import type { DeviceReport, Functions, Memory, RankedTool, StreamEvent, Token, Tool, ToolCall } from "./types.js";

export interface AskOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has. */
  topK?: number;
}

/** A model with its tools, living in a worker. Made by `load()`. */
export class Toolgen {
  /** The documents of all tools that can be called. */
  readonly tools: readonly Tool[];
  readonly #client: Client;
  readonly #functions: Functions;

  /** @internal */
  constructor(client: Client, tools: Tool[], functions: Functions) {
    this.#client = client;
    this.#functions = functions;
    this.tools = tools;
  }

  /** The tools that fit a question best, best first. */
  async retrieve(query: string, { topK = 5, signal }: AskOptions = {}): Promise<RankedTool[]> {
    let ranking: RankedTool[] = [];
    const onEvent = (event: StreamEvent) => {
      if (event.type === "ranking") ranking = event.tools;
    };
    await this.#client.ask({ type: "retrieve", query, topK }, { signal, onEvent });
    return ranking;
  }

  /** Chooses a tool and writes its arguments; null when no tool fits. Nothing is carried out. */
  async call(
    query: string,
    { topK = 5, signal, onEvent }: AskOptions & { onEvent?: (event: StreamEvent) => void } = {},
  ): Promise<(ToolCall & { ranking: RankedTool[] }) | null> {
    let ranking: RankedTool[] = [];
    let call: ToolCall | null | undefined;
    for await (const event of this.#client.stream({ type: "call", query, topK }, signal)) {
      if (event.type === "ranking") ranking = event.tools;
      if (event.type === "call") call = event.call;
      if (event.type === "abstain") call = null;
      onEvent?.(event);
    }
    if (call === undefined) throw new ToolgenError("backend", "The model ended without a call.");
    return call && { ...call, ranking };
  }

  /** Calls a tool and carries it out: by its function, else by its `http` description. */
  run(query: string, options: RunOptions = {}): AsyncIterableIterator<RunEvent> {
    const functions = { ...this.#functions, ...options.functions };
    return run(this.#client, this.tools, query, { ...options, functions });
  }

  /** Continues a raw prompt with free text, greedily. For tests and benchmarks. */
  async *complete(prompt: string, { maxTokens = 128, signal }: { maxTokens?: number; signal?: AbortSignal } = {}): AsyncIterableIterator<Token> {
    for await (const event of this.#client.stream({ type: "complete", prompt, maxTokens }, signal)) {
      if (event.type === "token") yield { id: event.id, text: event.text };
    }
  }

  /** Where the model computes. It may change when a GPU is lost. */
  device(): Promise<DeviceReport> {
    return this.#client.ask({ type: "device" });
  }

  memory(): Promise<Memory> {
    return this.#client.ask({ type: "memory" });
  }

  /** Frees the model. What is pending rejects; `load()` can be called again. */
  dispose(): void {
    this.#client.end("disposed", "This Toolgen was disposed of. Load a new one.");
  }
}
