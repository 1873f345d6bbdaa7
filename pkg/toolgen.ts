import type { Client } from "./client.js";
import type { Conversation, ConversationOptions } from "./conversation.js";
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
import { attempt, list, read } from "./util/options.js";
import type { StandardSchema, ToolDefinition } from "./infer.js";
import type { Narrowed, Problem, Question, RowProgress } from "./protocol.js";
import { asked, type QuestionOptions } from "./question.js";
import { documentsOf } from "./registry.js";
import { carryOutCall, run, type Registered, type RunEvent, type RunOptions } from "./run.js";

export interface AskOptions extends QuestionOptions {
  signal?: AbortSignal;
  /** How many tools the ranking has; 5 by default. */
  topK?: number;
}

export interface CallOptions extends AskOptions {
  /** Names of the tools to choose from; all by default. */
  tools?: readonly string[];
  /**
   * Whether the likeliest tool is called even where none fits; false by default. With one of `tools` it is called always,
   * as a form that the question fills in. What the question doesn't say is `missing` nevertheless.
   */
  required?: boolean;
  /** Whether `arguments` events have their `tokens`; false by default. */
  explain?: boolean;
  onEvent?: (event: StreamEvent) => void;
}

export interface CompletionOptions extends QuestionOptions {
  signal?: AbortSignal;
  /** The most that is written; 128 by default. */
  maxTokens?: number;
}

/** What a question leads to. */
export interface CallResult {
  /** The tool and its arguments, to be carried out if nothing is `missing`; null where no tool fits. */
  call: ToolCall | null;
  /** Whether the tool is likely enough to carry the call out without asking. */
  sure: boolean;
  /**
   * Required arguments that the question doesn't say (`to.mail` is in an object), and that `arguments` doesn't have.
   * Empty when the call is complete. Else ask for them, and pass the answer on as a question with this one `before` it.
   */
  missing: string[];
  /** The likeliest tools, also where none fits. Empty for a question that isn't in English. */
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
  /** Tools may come and go while a run goes on. */
  readonly #registered: Registered;
  #tools: readonly Tool[];

  /** @internal */
  constructor(client: Client, tools: Tool[], functions: Functions) {
    this.#client = client;
    this.#functions = Object.assign(Object.create(null), functions);
    this.#registered = { tools: () => this.#tools, functions: this.#functions, ended: client.ended };
    this.#tools = Object.freeze(tools);
    // Frameworks that wrap objects in proxies, as Vue's ref() does, leave it as it is.
    Object.freeze(this);
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
  async register<const S extends readonly (JsonSchema | StandardSchema)[]>(
    definitions: { readonly [I in keyof S]: ToolDefinition<S[I]> },
    options?: RegisterOptions,
  ): Promise<Registration> {
    const { conflictsFrom = DEFAULT_MIN_SIMILARITY, signal, onProgress } = read(options);
    const { tools, functions, examples } = documentsOf(list("tools", definitions));
    const asking = this.#client.ask({ type: "register", tools, conflictsFrom }, { signal, onProgress });
    // An abort may come when the worker has just added them.
    asking.catch(() => signal?.aborted && this.#restore(tools));
    const { added, fresh, ...registration } = await asking;
    const all = new Map(this.#tools.map((tool) => [tool.name, tool]));
    for (const tool of added) {
      all.set(tool.name, tool);
      if (functions[tool.name]) this.#functions[tool.name] = functions[tool.name]!;
      else delete this.#functions[tool.name];
    }
    this.#tools = Object.freeze([...all.values()]);
    // What a tool was taught stays with it while its document does.
    const lessons = examples.filter(({ tool }) => fresh.includes(tool!));
    if (lessons.length > 0) await this.teach(lessons, { signal });
    return { added: added.map(({ name }) => name), ...registration };
  }

  /** Has the worker mean by these names what the page does. */
  #restore(tools: readonly Tool[]): void {
    const names = new Set(tools.map(({ name }) => name));
    const before = this.#tools.filter(({ name }) => names.delete(name));
    const asking = [
      this.#client.ask({ type: "unregister", names: [...names] }),
      this.#client.ask({ type: "register", tools: before, conflictsFrom: 1 }),
    ];
    void Promise.allSettled(asking); // it may be gone
  }

  /**
   * The operations of an OpenAPI 3.0, 3.1 or Swagger 2 document as tools for `register()`: an object or JSON.
   * `baseUrl` takes the place of its server; the path of a relative one follows it. `fixed` gives values to parameters
   * that no question has, keys or a tenant: these stand in the request and are no arguments. `skipped` names operations
   * by their place in the document. Errors: `openapi`.
   */
  async fromOpenApi(
    document: object | string,
    options?: { baseUrl?: string; fixed?: Record<string, string>; signal?: AbortSignal },
  ): Promise<{ tools: ToolDefinition[]; narrowed: Narrowed[]; skipped: Problem[] }> {
    const { baseUrl, fixed, signal } = read(options);
    const text = typeof document === "string" ? document : attempt("The document", () => JSON.stringify(document));
    const imported = await this.#client.ask({ type: "openapi", document: text, baseUrl, fixed }, { signal });
    const { tools, narrowed, skipped } = imported;
    return {
      tools: tools.map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema })),
      narrowed,
      skipped: skipped.map(({ path, reason }) => ({ name: path, code: "openapi", message: reason })),
    };
  }

  /** Removes tools; unknown names are ignored. */
  async unregister(names: readonly string[], options?: { signal?: AbortSignal }): Promise<void> {
    const gone = list("names", names);
    await this.#client.ask({ type: "unregister", names: gone }, read(options));
    this.#tools = Object.freeze(this.#tools.filter(({ name }) => !gone.includes(name)));
    for (const name of gone) delete this.#functions[name];
  }

  /** Pairs of tools that the model may confuse, most similar first. */
  async conflicts(options?: { from?: number; signal?: AbortSignal }): Promise<Conflict[]> {
    const { from = DEFAULT_MIN_SIMILARITY, signal } = read(options);
    return this.#client.ask({ type: "conflicts", from }, { signal });
  }

  /** Learns from a few examples: the tools' rows change, the model doesn't. `exportPack()` saves them. */
  async teach(examples: readonly Example[], options?: RowOptions): Promise<void> {
    const { signal, onProgress } = read(options);
    await this.#client.ask({ type: "teach", examples: list("examples", examples) }, { signal, onProgress });
  }

  /** All tools with their rows as a pack, for `load({ pack })` with this checkpoint. Functions are not included. */
  async exportPack(options?: { signal?: AbortSignal }): Promise<Uint8Array> {
    return this.#client.ask({ type: "export" }, read(options));
  }

  /** The tools that fit a question best, best first. */
  async retrieve(query: string, given?: AskOptions): Promise<RankedTool[]> {
    const { topK = 5, signal, ...options } = read(given);
    let ranking: RankedTool[] = [];
    for await (const event of this.#client.stream({ type: "retrieve", query: asked(query, options), topK }, signal)) {
      if (event.type === "ranking") ranking = event.tools;
    }
    return ranking;
  }

  /**
   * Chooses a tool and writes its arguments. Nothing is carried out, and nothing is made up: look at `missing` and at
   * `sure` before you carry the call out.
   */
  async call(query: string, given?: CallOptions): Promise<CallResult> {
    const { onEvent, ...options } = read(given);
    const result: CallResult = { call: null, sure: false, missing: [], ranking: [] };
    let last: StreamEvent | undefined;
    for await (last of this.callEvents(query, options)) {
      if (last.type === "ranking") ({ tools: result.ranking, sure: result.sure } = last);
      onEvent?.(last);
    }
    if (last?.type === "abstain") return { ...result, sure: false };
    if (last?.type !== "call" && last?.type !== "ask")
      throw new ToolgenError("backend", "The model ended without a call.");
    return { ...result, call: last.call, missing: last.type === "ask" ? last.parameters : [] };
  }

  /**
   * What `call()` does, as it happens: the last event is `call`, `ask` when the question doesn't say all that the tool
   * requires, or `abstain` when no tool fits. Leaving the loop early cancels the call.
   */
  async *callEvents(query: string, given?: Omit<CallOptions, "onEvent">): AsyncIterableIterator<StreamEvent> {
    const { topK = 5, tools, required, explain, signal, ...options } = read(given);
    const names = tools && list("tools", tools);
    const question = { type: "call", query: asked(query, options), topK, tools: names, required, explain } as const;
    yield* this.#client.stream(question, signal);
  }

  /** Calls tools and carries them out: each by its function, else by its `http` description. */
  run(query: string, options?: RunOptions): AsyncIterableIterator<RunEvent> {
    return run(this.#client, this.#registered, query, options);
  }

  /**
   * Carries a call out that is complete, as a run does: after `approve()`, by its function or over HTTP. The events are a
   * run's from `call` on.
   */
  carryOut(call: ToolCall, options?: RunOptions): AsyncIterableIterator<RunEvent> {
    return carryOutCall(this.#registered, call, options);
  }

  /** Questions that follow on each other, and answers to what a tool still needs. */
  async conversation(options?: ConversationOptions): Promise<Conversation> {
    // Loaded by those who need it.
    const { Conversation } = await import("./conversation.js");
    return new Conversation(this, options);
  }

  /** Continues a raw prompt with free text, greedily. For tests and benchmarks. */
  async *complete(
    prompt: string,
    options?: { maxTokens?: number; signal?: AbortSignal },
  ): AsyncIterableIterator<Token> {
    const { maxTokens = 128, signal } = read(options);
    yield* this.#tokens({ type: "complete", prompt, maxTokens }, signal);
  }

  /**
   * What the model writes as a tool's arguments where no grammar holds it: `call()` reads the same before it writes them. The
   * text may be no JSON, or break the tool's schema; it is to be looked at, not to be carried out. Leaving the loop early
   * cancels it.
   */
  async *completeArguments(query: string, tool: string, given?: CompletionOptions): AsyncIterableIterator<Token> {
    const { maxTokens = 128, signal, ...options } = read(given);
    yield* this.#tokens({ type: "completeArguments", query: asked(query, options), tool, maxTokens }, signal);
  }

  async *#tokens(question: Question, signal?: AbortSignal): AsyncIterableIterator<Token> {
    for await (const event of this.#client.converse(question, signal)) {
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

  /** Frees the model, rejects what is pending and aborts what is being carried out; `load()` can be called again. */
  dispose(): void {
    this.#client.end("disposed", "This Toolgen was disposed of. Load a new one.");
  }
}
