/** Questions that follow on each other, and answers to what a tool still needs. */
import { problemIn } from "./check-arguments.js";
import { ToolgenError } from "./core/errors.js";
import { attempt, list, read } from "./util/options.js";
import type { Arguments, StreamEvent, Tool, ToolCall } from "./core/types.js";
import { summarise } from "./observation/summarise.js";
import type { Turn } from "./question.js";
import type { RunEvent, RunOptions } from "./run.js";
import { turnsFor } from "./turns.js";
import { isRecord } from "./util/is-record.js";
import { placeOf } from "./util/place-of.js";

export interface ConversationOptions {
  /** How many turns are remembered, the last ones; 8 by default. */
  turns?: number;
  /** The turns of an earlier conversation, from `export()`. */
  history?: readonly Turn[];
}

/** What a conversation needs of a `Toolgen`. */
export interface Runs {
  readonly tools: readonly Tool[];
  callEvents(query: string, options?: Pick<RunOptions, "tools" | "now" | "signal">): AsyncIterable<StreamEvent>;
  run(query: string, options?: RunOptions): AsyncIterable<RunEvent>;
  carryOut(call: ToolCall, options?: RunOptions): AsyncIterable<RunEvent>;
}

type Asked = Extract<RunEvent, { type: "ask" }>;

export class Conversation {
  readonly #toolgen: Runs;
  readonly #most: number;
  #turns: Turn[];
  /** Of these the last run's question was understood. */
  #before: readonly Turn[] = [];
  /** What the last run asked for, and of which question. */
  #asked?: Asked & { query: string };
  /** Another object each time that the conversation begins anew. */
  #begun = {};

  /** @internal */
  constructor(toolgen: Runs, given?: ConversationOptions) {
    const { turns = 8, history = [] } = read(given);
    if (!Number.isInteger(turns) || turns < 1)
      throw new ToolgenError("bad_argument", "turns must be a whole number from 1.");
    this.#toolgen = toolgen;
    this.#most = turns;
    this.#turns = attempt("The history", () => structuredClone(list("history", history))).slice(-turns);
    Object.freeze(this);
  }

  /** What the last run asked for; `run()` takes the answer as a sentence, `answer()` as values. */
  get asked(): Asked | undefined {
    if (!this.#asked) return undefined;
    const { query: _, ...asked } = this.#asked;
    return asked;
  }

  /** The turns that the last run's question was understood from; none where it was clear by itself. */
  get before(): Turn[] {
    return structuredClone([...this.#before]);
  }

  /**
   * As `Toolgen.run()`, understood from the turns before where it isn't clear by itself: "and in Bergen?", or the answer to
   * what was asked for.
   */
  async *run(query: string, given?: Omit<RunOptions, "before">): AsyncIterableIterator<RunEvent> {
    const options = read(given);
    const asked = this.#asked;
    this.#asked = undefined;
    yield* this.#follow(query, this.#understood(query, asked !== undefined, options), asked, this.#turns);
  }

  /**
   * Carries the call out that lacked something, with values for it, as from a form: by their names as the `ask` event
   * has them, or in objects as the schema does. Errors: `bad_argument` for a value that doesn't fit the schema; then it
   * can be answered again, as after an abort.
   */
  async *answer(values: Arguments, options?: RunOptions): AsyncIterableIterator<RunEvent> {
    const asked = this.#asked;
    if (!asked) throw new ToolgenError("bad_argument", "There is nothing to answer: no run has asked for arguments.");
    if (!isRecord(values)) throw new ToolgenError("bad_argument", "The values must be an object.");
    const { name } = asked.call;
    const schema = this.#toolgen.tools.find((tool) => tool.name === name)?.parameters;
    const places = new Map(asked.parameters.map((parameter) => [parameter.name, placeOf(parameter.name, schema)]));
    const args = attempt("The values", () =>
      merged(structuredClone(asked.call.arguments), structuredClone(values), places),
    );
    const problem = problemIn(schema, args);
    if (problem) throw new ToolgenError("bad_argument", `${name} can't be called: ${problem}.`);
    this.#asked = undefined;
    const turns = this.#turns;
    // The turn that lacked something is completed.
    this.#turns = turns.slice(0, -1);
    yield* this.#follow(asked.query, this.#toolgen.carryOut({ name, arguments: args }, options), asked, turns);
  }

  /** The turns so far, as JSON: for `conversation({ history })`. */
  export(): Turn[] {
    return structuredClone(this.#turns);
  }

  /** Begins anew. */
  forget(): void {
    this.#begun = {};
    this.#turns = [];
    this.#before = [];
    this.#asked = undefined;
  }

  async *#understood(query: string, isAnswer: boolean, options: RunOptions): AsyncIterableIterator<RunEvent> {
    const { tools, now, signal } = options;
    const before = await turnsFor(this.#toolgen, { query, turns: this.#turns, isAnswer }, { tools, now, signal });
    this.#before = before;
    yield* this.#toolgen.run(query, { ...options, before });
  }

  /** Where nothing comes of an answer, as after an abort, what it answered and the `turns` before it stand as they did. */
  async *#follow(
    query: string,
    events: AsyncIterable<RunEvent>,
    answered: (Asked & { query: string }) | undefined,
    turns: Turn[],
  ): AsyncIterableIterator<RunEvent> {
    const begun = this.#begun;
    const since = this.#turns;
    let asked: Asked | undefined;
    let isOpen = true;
    try {
      for await (const event of events) {
        if (event.type === "ask") asked = event;
        if (event.type === "observation" || event.type === "finish") isOpen = false;
        if (event.type === "finish" && begun === this.#begun) {
          const { call, observation } = event;
          this.#asked = asked && { ...asked, query };
          if (asked) this.#remember({ query, call: asked.call });
          else if (call) this.#remember({ query, call, ...(observation && { observation: summarise(observation) }) });
        }
        yield event;
      }
    } finally {
      const isLast = begun === this.#begun && since === this.#turns && !this.#asked;
      if (isOpen && isLast) [this.#asked, this.#turns] = [answered, turns];
    }
  }

  #remember(turn: Turn): void {
    this.#turns = [...this.#turns, structuredClone(turn)].slice(-this.#most);
  }
}

/** `to.mail` is in an object where that is what was asked for. */
function merged(target: Arguments, values: Arguments, places: ReadonlyMap<string, readonly string[]>): Arguments {
  for (const [name, value] of Object.entries(values)) {
    const path = [...(places.get(name) ?? [name])];
    const last = path.pop()!;
    let inner = target;
    for (const step of path) {
      if (!Object.hasOwn(inner, step) || !isRecord(inner[step])) define(inner, step, {});
      inner = inner[step] as Arguments;
    }
    const before = Object.hasOwn(inner, last) ? inner[last] : undefined;
    define(inner, last, isRecord(before) && isRecord(value) ? merged(before, value, new Map()) : value);
  }
  return target;
}

/** As fromEntries does: a name like "__proto__" is one like any other. */
function define(object: Arguments, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
