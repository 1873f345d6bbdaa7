import type { Client } from "./client.js";
import { ToolgenError } from "./core/errors.js";
import type {
  Conflict,
  DeviceReport,
  Example,
  Functions,
  JsonSchema,
  Memory,
  RankedTool,
  StreamEvent,
  Token,
  Tool,
  ToolCall,
} from "./core/types.js";
import type { ToolDefinition } from "./infer.js";
import type { Narrowed, OpenApiImport, Problem, RowProgress } from "./protocol.js";
import { asked, type QuestionOptions } from "./question.js";
import { documentsOf } from "./registry.js";
import { run, type RunEvent, type RunOptions } from "./run.js";

export interface AskOptions extends QuestionOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has. */
  topK?: number;
}

export interface CallOptions extends AskOptions {
  /** Names of the tools to choose from; all by default. */
  tools?: readonly string[];
  onEvent?: (event: StreamEvent) => void;
}

/** A tool and its arguments, to be carried out if nothing is `missing`. */
export interface CallResult extends ToolCall {
  /**
   * Required arguments that the question doesn't say (`to.mail` is in an object), and that `arguments` doesn't have.
   * Empty when the call is complete. Else ask for them, and pass the answer on as a question with this one `before` it.
   */
  missing: string[];
  ranking: RankedTool[];
}

export interface RowOptions {
  signal?: AbortSignal;
  onProgress?: (progress: RowProgress) => void;
}

export interface RegisterOptions extends RowOptions {
  /** The similarity from which tools are reported as conflicts; 0.9 by default. */
  conflictsFrom?: number;
}

export interface Registration {
  /** Names of the tools that can be called now. */
  added: string[];
  /** Tools that can be called without some part of their schema: an alternative or an optional one that can't be held. */
  narrowed: Narrowed[];
  /** Tools that were left out because the argument grammar doesn't support their schema. */
  skipped: Problem[];
  /** Pairs of tools that the model may confuse, of which at least one is new. */
  conflicts: Conflict[];
}

const DEFAULT_MIN_SIMILARITY = 0.9;

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
   * Adds tools at run time; a tool replaces the one of its name. Its row is computed from its document
   * once, and stored in this browser. Errors: `bad_tool` for a malformed definition; nothing is added then,
   * nor after an abort.
   */
  async register<const S extends readonly JsonSchema[]>(
    definitions: { readonly [I in keyof S]: ToolDefinition<S[I]> },
    options: RegisterOptions = {},
  ): Promise<Registration> {
    const { conflictsFrom: minSimilarity = DEFAULT_MIN_SIMILARITY, signal, onProgress } = options;
    const { tools, functions } = documentsOf(definitions);
    const { added, ...registration } = await this.#client.ask(
      { type: "register", tools, minSimilarity },
      { signal, onProgress },
    );
    const all = new Map(this.#tools.map((tool) => [tool.name, tool]));
    for (const tool of added) {
      all.set(tool.name, tool);
      if (functions[tool.name]) this.#functions[tool.name] = functions[tool.name]!;
      else delete this.#functions[tool.name];
    }
    this.#tools = [...all.values()];
    return { added: added.map(({ name }) => name), ...registration };
  }

  /**
   * The operations of an OpenAPI 3.0, 3.1 or Swagger 2 document as tools for `register()`: an object or JSON.
   * `baseUrl` takes the place of its server; the path of a relative one follows it. `fixed` gives values to
   * parameters that no question has, keys or a tenant: these stand in the request and are no arguments. Errors: `openapi`.
   */
  async fromOpenApi(
    document: object | string,
    { baseUrl, fixed, signal }: { baseUrl?: string; fixed?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Omit<OpenApiImport, "tools"> & { tools: ToolDefinition[] }> {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    const { tools, ...rest } = await this.#client.ask({ type: "openapi", document: text, baseUrl, fixed }, { signal });
    return { tools: tools.map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema })), ...rest };
  }

  /** Removes tools; unknown names are ignored. */
  async unregister(names: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#client.ask({ type: "unregister", names: [...names] }, { signal });
    this.#tools = this.#tools.filter(({ name }) => !names.includes(name));
    for (const name of names) delete this.#functions[name];
  }

  /** Pairs of tools that the model may confuse, most similar first. */
  conflicts({
    from: minSimilarity = DEFAULT_MIN_SIMILARITY,
    signal,
  }: {
    from?: number;
    signal?: AbortSignal;
  } = {}): Promise<Conflict[]> {
    return this.#client.ask({ type: "conflicts", minSimilarity }, { signal });
  }

  /** Learns from a few examples: the tools' rows change, the model doesn't. `exportPack()` saves them. */
  async teach(examples: readonly Example[], { signal, onProgress }: RowOptions = {}): Promise<void> {
    await this.#client.ask(
      { type: "teach", examples: examples.map(({ query, tool }) => ({ query, tool })) },
      { signal, onProgress },
    );
  }

  /** All tools with their rows as a pack, for `load({ pack })` with this checkpoint. Functions are not included. */
  exportPack({ signal }: { signal?: AbortSignal } = {}): Promise<Uint8Array> {
    return this.#client.ask({ type: "export" }, { signal });
  }

  /** The tools that fit a question best, best first. */
  async retrieve(query: string, { topK = 5, signal, ...options }: AskOptions = {}): Promise<RankedTool[]> {
    let ranking: RankedTool[] = [];
    for await (const event of this.#client.stream({ type: "retrieve", query: asked(query, options), topK }, signal)) {
      if (event.type === "ranking") ranking = event.tools;
    }
    return ranking;
  }

  /**
   * Chooses a tool and writes its arguments; null when no tool fits. Nothing is carried out, and nothing is made up:
   * look at `missing` before you carry the call out.
   */
  async call(query: string, { onEvent, ...options }: CallOptions = {}): Promise<CallResult | null> {
    let ranking: RankedTool[] = [];
    let last: StreamEvent | undefined;
    for await (last of this.callEvents(query, options)) {
      if (last.type === "ranking") ranking = last.tools;
      onEvent?.(last);
    }
    if (last?.type === "abstain") return null;
    if (last?.type !== "call" && last?.type !== "ask")
      throw new ToolgenError("backend", "The model ended without a call.");
    return { ...last.call, missing: last.type === "ask" ? last.parameters : [], ranking };
  }

  /**
   * What `call()` does, as it happens: the last event is `call`, `ask` when the question doesn't say all that the tool
   * requires, or `abstain` when no tool fits. Leaving the loop early cancels the call.
   */
  callEvents(
    query: string,
    { topK = 5, tools, signal, ...options }: Omit<CallOptions, "onEvent"> = {},
  ): AsyncIterableIterator<StreamEvent> {
    return this.#client.stream(
      { type: "call", query: asked(query, options), topK, tools: tools && [...tools] },
      signal,
    );
  }

  /** Calls tools and carries them out: each by its function, else by its `http` description. */
  run(query: string, options: RunOptions = {}): AsyncIterableIterator<RunEvent> {
    const functions = { ...this.#functions, ...options.functions };
    return run(this.#client, this.#tools, query, { ...options, functions });
  }

  /** Continues a raw prompt with free text, greedily. For tests and benchmarks. */
  async *complete(
    prompt: string,
    { maxTokens = 128, signal }: { maxTokens?: number; signal?: AbortSignal } = {},
  ): AsyncIterableIterator<Token> {
    for await (const event of this.#client.stream({ type: "complete", prompt, maxTokens }, signal)) {
      if (event.type === "token") yield { id: event.id, text: event.text };
    }
  }

  /** The device that the model computes on. It may change when a GPU is lost. */
  device(): Promise<DeviceReport> {
    return this.#client.ask({ type: "device" });
  }

  memory(): Promise<Memory> {
    return this.#client.ask({ type: "memory" });
  }

  /** Frees the model and rejects what is pending; `load()` can be called again. */
  dispose(): void {
    this.#client.end("disposed", "This Toolgen was disposed of. Load a new one.");
  }
}
