/** One run at a time as a state that can be watched. */
import { ToolgenError } from "../core/errors.js";
import type { Arguments, ToolCall } from "../core/types.js";
import type { Observation } from "../observation/summarise.js";
import type { FinishReason } from "../protocol.js";
import type { RunEvent, RunOptions } from "../run.js";
import { onAbort } from "../util/signals.js";
import type { ToolModel } from "./model.js";
import { errorOf } from "./shared-model.js";

export type RunState =
  | { status: "idle"; query?: undefined; events: readonly RunEvent[] }
  | { status: "running"; query: string; events: readonly RunEvent[] }
  /** `call` is null when no tool fits, and when there is an `ask`: the question doesn't say all that a tool requires. */
  | {
      status: "done";
      query: string;
      events: readonly RunEvent[];
      call: ToolCall | null;
      /** How it ended: `unsure` where the model is not sure of a tool, and there is no `choose()`. */
      reason: FinishReason;
      observation?: Observation;
      ask?: Extract<RunEvent, { type: "ask" }>;
    }
  /** The model failed, or, when there is a `call`, the tool did. */
  | { status: "error"; query: string; events: readonly RunEvent[]; error: Error; call?: ToolCall };

export const NO_RUN: RunState = Object.freeze({ status: "idle", events: Object.freeze([]) as readonly RunEvent[] });

/** A `Toolgen`, which has no `answer()`, or a `Conversation`. */
export interface Answering extends Pick<ToolModel, "run"> {
  answer?(values: Arguments, options?: RunOptions): AsyncIterable<RunEvent>;
}

export class Runner {
  readonly #listeners = new Set<() => void>();
  #state: RunState = NO_RUN;
  #running?: AbortController;

  readonly state = (): RunState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Ends the run, if there is one, and forgets its events. */
  readonly stop = (): void => {
    this.#running?.abort();
    this.#running = undefined;
    this.#set(NO_RUN);
  };

  /** Starts a run; one that is still going on is ended. An aborted signal is like `stop()`. */
  run(model: Pick<ToolModel, "run"> | undefined, query: string, options?: RunOptions): Promise<void> {
    return this.#follow(query, options, (given) => ready(model).run(query, given));
  }

  /** Answers what the last run of a conversation asked for, as `run()` asks a question. */
  answer(model: Answering | undefined, values: Arguments, options?: RunOptions): Promise<void> {
    return this.#follow(this.#state.query ?? "", options, (given) => {
      const { answer } = ready(model);
      if (answer) return answer.call(model, values, given);
      throw new ToolgenError("bad_request", "Only a conversation can be answered; pass one to useRun().");
    });
  }

  async #follow(
    query: string,
    { signal, ...options }: RunOptions = {},
    start: (options: RunOptions) => AsyncIterable<RunEvent>,
  ): Promise<void> {
    this.stop();
    if (signal?.aborted) return;
    const running = new AbortController();
    this.#running = running;
    const current = () => this.#running === running;
    const letGo = onAbort(signal, () => current() && this.stop());
    let events: readonly RunEvent[] = [];
    this.#set({ status: "running", query, events });
    try {
      for await (const event of start({ ...options, signal: running.signal })) {
        if (!current()) return;
        events = [...events, event];
        this.#set(stateAfter(event, query, events));
      }
      if (current() && this.#state.status === "running")
        throw new ToolgenError("backend", "The model ended without a finish event.");
    } catch (error) {
      if (current()) this.#set({ status: "error", query, events, error: errorOf(error) });
    } finally {
      letGo();
      if (current()) this.#running = undefined;
    }
  }

  #set(state: RunState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function ready<M>(model: M | undefined): M {
  if (model) return model;
  throw new ToolgenError("no_pack", "The model is not loaded yet; run a question once it is ready.");
}

function stateAfter(event: RunEvent, query: string, events: readonly RunEvent[]): RunState {
  if (event.type !== "finish") return { status: "running", query, events };
  const { call, observation, reason } = event;
  // An earlier error may have been mended.
  const error = event.steps.at(-1)?.error;
  if (error) return { status: "error", query, events, error, call: call ?? undefined };
  const ask = events.find((event) => event.type === "ask");
  return { status: "done", query, events, call, reason, observation, ask };
}
