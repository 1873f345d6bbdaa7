import type { Client } from "./client.js";
import { ToolgenError } from "./core/errors.js";
import type { ToolDefinition } from "./infer.js";
import type { OpenApiImport, Problem, RowProgress } from "./protocol.js";
import { documentsOf } from "./registry.js";
import { run, type RunEvent, type RunOptions } from "./run.js";
import type { Conflict, DeviceReport, Example, Functions, JsonSchema, Memory, RankedTool, StreamEvent, Token, Tool, ToolCall } from "./core/types.js";

export interface AskOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has. */
  topK?: number;
}

export interface CallOptions extends AskOptions {
  /** Names of the tools to choose among; all when absent. */
  tools?: readonly string[];
  onEvent?: (event: StreamEvent) => void;
}

export interface RowOptions {
  signal?: AbortSignal;
  onProgress?: (progress: RowProgress) => void;
}

export interface RegisterOptions extends RowOptions {
  /** From which similarity on tools are reported as conflicts; 0.9 when absent. */
  conflictsFrom?: number;
}

export interface Registration {
  /** Names of the tools that can be called now. */
  added: string[];
  /** Tools that were left out because their schema can't be held. */
  skipped: Problem[];
  /** Tools that look alike, of which one at least is new. */
  conflicts: Conflict[];
}

const CONFLICT = 0.9;

/** A model with its tools, living in a worker. Made by `load()`. */
export class Toolgen {
  readonly #client: Client;
  readonly #functions: Functions;
  #tools: readonly Tool[];

  /** @internal */
  constructor(client: Client, tools: Tool[], functions: Functions) {
    this.#client = client;
    this.#functions = { ...functions };
    this.#tools = tools;
  }

  /** The documents of all tools that can be called. */
  get tools(): readonly Tool[] {
    return this.#tools;
  }

  /**
   * Adds tools while the page runs; one takes the place of its namesake. A tool's row is computed from
   * its document, once: it is kept in this browser. Errors: `bad_tool` for a malformed definition; then,
   * and when aborted, nothing is added.
   */
  async register<const S extends readonly JsonSchema[]>(definitions: { readonly [I in keyof S]: ToolDefinition<S[I]> }, options: RegisterOptions = {}): Promise<Registration> {
    const { conflictsFrom: atLeast = CONFLICT, signal, onProgress } = options;
    const { tools, functions } = documentsOf(definitions);
    const { tools: all, ...registration } = await this.#client.ask({ type: "register", tools, atLeast }, { signal, onProgress });
    for (const name of registration.added) {
      if (functions[name]) this.#functions[name] = functions[name];
      else delete this.#functions[name];
    }
    this.#tools = all;
    return registration;
  }

  /**
   * The operations of an OpenAPI 3.0, 3.1 or Swagger 2 document as tools for `register()`: an object or JSON.
   * `baseUrl` stands for servers that the document doesn't name. Errors: `openapi`.
   */
  async fromOpenApi(document: object | string, { baseUrl, signal }: { baseUrl?: string; signal?: AbortSignal } = {}): Promise<{ tools: ToolDefinition[]; skipped: OpenApiImport["skipped"] }> {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    const { tools, skipped } = await this.#client.ask({ type: "openapi", document: text, baseUrl }, { signal });
    return { tools: tools.map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema })), skipped };
  }

  /** Takes tools away; names that there are none of are passed over. */
  async unregister(names: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#tools = await this.#client.ask({ type: "unregister", names: [...names] }, { signal });
    for (const name of names) delete this.#functions[name];
  }

  /** Pairs of tools that look alike to the model, most alike first. */
  conflicts({ from: atLeast = CONFLICT, signal }: { from?: number; signal?: AbortSignal } = {}): Promise<Conflict[]> {
    return this.#client.ask({ type: "conflicts", atLeast }, { signal });
  }

  /** Learns from a handful of examples: rows of tools move, the model stays as it is. `exportPack()` keeps it. */
  async teach(examples: readonly Example[], { signal, onProgress }: RowOptions = {}): Promise<void> {
    await this.#client.ask({ type: "teach", examples: examples.map(({ query, tool }) => ({ query, tool })) }, { signal, onProgress });
  }

  /** All tools with their rows as a pack, for `load({ pack })` on this checkpoint. Functions aren't in it. */
  exportPack({ signal }: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    return this.#client.ask({ type: "export" }, { signal });
  }

  /** The tools that fit a question best, best first. */
  async retrieve(query: string, { topK = 5, signal }: AskOptions = {}): Promise<RankedTool[]> {
    let ranking: RankedTool[] = [];
    for await (const event of this.#client.stream({ type: "retrieve", query, topK }, signal)) {
      if (event.type === "ranking") ranking = event.tools;
    }
    return ranking;
  }

  /** Chooses a tool and writes its arguments; null when no tool fits. Nothing is carried out. */
  async call(query: string, { onEvent, ...options }: CallOptions = {}): Promise<(ToolCall & { ranking: RankedTool[] }) | null> {
    let ranking: RankedTool[] = [];
    let last: StreamEvent | undefined;
    for await (last of this.callEvents(query, options)) {
      if (last.type === "ranking") ranking = last.tools;
      onEvent?.(last);
    }
    if (last?.type === "abstain") return null;
    if (last?.type !== "call") throw new ToolgenError("backend", "The model ended without a call.");
    return { ...last.call, ranking };
  }

  /**
   * What `call()` does, as it happens: the last event is `call`, or `abstain` when no tool fits. Leaving the loop
   * early cancels the call.
   */
  callEvents(query: string, { topK = 5, tools, signal }: Omit<CallOptions, "onEvent"> = {}): AsyncIterableIterator<StreamEvent> {
    return this.#client.stream({ type: "call", query, topK, tools: tools && [...tools] }, signal);
  }

  /** Calls tools and carries them out: each by its function, else by its `http` description. */
  run(query: string, options: RunOptions = {}): AsyncIterableIterator<RunEvent> {
    const functions = { ...this.#functions, ...options.functions };
    return run(this.#client, this.#tools, query, { ...options, functions });
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
