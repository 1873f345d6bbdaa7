/** A model that answers from a table, in the steps of the real one. */
import type { CallOptions, ToolModel } from "../../pkg/adapters/model.ts";
import type { RunEvent, RunOptions } from "../../pkg/run.ts";
import type { StreamEvent, Tool, ToolCall } from "../../pkg/core/types.ts";

type Answer = ToolCall | null | Error;

export class FakeModel implements ToolModel {
  readonly tools: Tool[] = ["get_weather", "get_time", "send"].map((name) => ({ name, description: name, parameters: { type: "object" } }));
  readonly asked: { query: string; tools?: readonly string[] }[] = [];
  /** Signals that were aborted while a call was going on. */
  aborted = 0;
  disposed = 0;
  answers: Record<string, Answer> = {
    "Weather in Oslo?": { name: "get_weather", arguments: { city: "Oslo", days: 2 } },
    "What time is it?": { name: "get_time", arguments: {} },
    "Hello": null,
    "crash": new Error("The model crashed."),
  };
  /** Until `release()` a call stays after its tool event. */
  held = false;
  release = () => {};

  async call(query: string, { signal, onEvent, tools }: CallOptions = {}) {
    signal?.throwIfAborted();
    this.asked.push({ query, tools });
    const answer = this.answers[query];
    const ranking = [{ name: "get_weather", probability: 0.75 }, { name: "get_time", probability: 0.25 }];
    const tell = async (event: StreamEvent) => {
      await this.#pause(signal);
      onEvent?.(event);
    };
    await tell({ type: "prefill", done: 1, total: 1 });
    if (answer instanceof Error) throw answer;
    await tell({ type: "ranking", tools: ranking, abstain: 0 });
    if (!answer) {
      await tell({ type: "abstain" });
      return null;
    }
    await tell({ type: "tool", name: answer.name });
    if (this.held) await this.#pause(signal, new Promise((resolve) => (this.release = resolve)));
    const json = JSON.stringify(answer.arguments).replaceAll(":", ": ");
    for (let start = 0; start < json.length; start += 5) await tell({ type: "arguments", text: json.slice(start, start + 5) });
    await tell({ type: "call", call: answer });
    return { ...answer, ranking };
  }

  async *run(query: string, { signal }: RunOptions = {}): AsyncGenerator<RunEvent, void, void> {
    const events: RunEvent[] = [];
    const call = await this.call(query, { signal, onEvent: (event) => events.push(event as RunEvent) });
    yield* events;
    const observation = call ? { result: { done: call.name }, body: null } : undefined;
    if (observation) yield { type: "observation", observation };
    yield { type: "finish", reason: call ? "done" : "abstained", ranking: [], call: call ?? null, observation, steps: call ? [{ call, observation }] : [] };
  }

  async retrieve() {
    return [];
  }

  dispose(): void {
    this.disposed += 1;
  }

  async #pause(signal?: AbortSignal, until: Promise<void> = new Promise((resolve) => setImmediate(resolve))): Promise<void> {
    let abort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        this.aborted += 1;
        reject(signal!.reason);
      };
    });
    signal?.addEventListener("abort", abort);
    try {
      await Promise.race([until, aborted]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}
