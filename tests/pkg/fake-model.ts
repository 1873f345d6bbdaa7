/** A model that answers from a table, in the steps of the real one. */
import type { CallOptions, ToolModel } from "../../pkg/adapters/model.ts";
import type { StreamEvent, Tool, ToolCall } from "../../pkg/core/types.ts";
import type { Turn } from "../../pkg/question.ts";
import type { RunEvent, RunOptions } from "../../pkg/run.ts";
import { abortable, onAbort } from "../../pkg/util/signals.ts";

/** `lacks`: the question doesn't say these arguments. */
type Answer = (ToolCall & { lacks?: string[] }) | null | Error;

export class FakeModel implements ToolModel {
  readonly tools: Tool[] = ["get_weather", "get_time", "send"].map((name) => ({
    name,
    description: name,
    parameters: { type: "object" },
  }));
  readonly asked: { query: string; tools?: readonly string[] }[] = [];
  /** Calls that did not come to their end: they failed, their signal aborted or their loop was left. */
  aborted = 0;
  disposed = 0;
  /** Whether it calls a tool that is required, also where none fits. */
  obeys = true;
  /** Of each question. */
  readonly before: (readonly Turn[] | undefined)[] = [];
  sure = true;
  answers: Record<string, Answer> = {
    "Weather in Oslo?": { name: "get_weather", arguments: { city: "Oslo", days: 2 } },
    "What time is it?": { name: "get_time", arguments: {} },
    "How is the weather?": { name: "get_weather", arguments: { days: 2 }, lacks: ["city"] },
    "Hello": null,
    "crash": new Error("The model crashed."),
  };
  /** Until `release()` a call stays after its tool event. */
  held = false;
  release = () => {};

  async *callEvents(
    query: string,
    { signal, tools, before, required }: CallOptions = {},
  ): AsyncGenerator<StreamEvent, void, void> {
    signal?.throwIfAborted();
    this.asked.push({ query, tools });
    this.before.push(before);
    let ended = false;
    const end = () => {
      if (!ended) this.aborted += 1;
      ended = true;
    };
    const letGo = onAbort(signal, end);
    try {
      for (const event of this.#eventsOf(query, this.obeys && required ? (tools?.[0] ?? "get_weather") : undefined)) {
        await abortable(signal, () => new Promise(setImmediate));
        yield event;
        if (event.type === "tool" && this.held)
          await abortable(signal, () => new Promise<void>((resolve) => (this.release = resolve)));
      }
      ended = true;
    } finally {
      letGo();
      end();
    }
  }

  *#eventsOf(query: string, required?: string): Generator<StreamEvent> {
    yield { type: "prefill", done: 1, total: 1 };
    const answer = this.answers[query] ?? (required === undefined ? null : { name: required, arguments: {} });
    if (answer instanceof Error) throw answer;
    yield {
      type: "ranking",
      tools: [
        { name: "get_weather", probability: 0.75 },
        { name: "get_time", probability: 0.25 },
      ],
      abstain: 0,
      sure: this.sure,
    };
    if (!answer) return yield { type: "abstain", reason: "no_tool" };
    const { lacks, ...call } = answer;
    yield { type: "tool", name: call.name };
    for (const text of JSON.stringify({ ...call.arguments, ...(lacks && { [lacks[0]!]: null }) })
      .replaceAll(":", ": ")
      .match(/.{1,5}/gsu)!)
      yield { type: "arguments", text };
    yield lacks ? { type: "ask", call, parameters: lacks } : { type: "call", call };
  }

  async *run(query: string, { signal }: RunOptions = {}): AsyncGenerator<RunEvent, void, void> {
    let call: ToolCall | null = null;
    let reason: "abstained" | "asked" = "abstained";
    for await (const event of this.callEvents(query, { signal })) {
      if (event.type === "call") ({ call } = event);
      if (event.type === "ask") {
        reason = "asked";
        yield { ...event, parameters: event.parameters.map((name) => ({ name, schema: {} })) };
      } else yield event as RunEvent;
    }
    const observation = call ? { result: { done: call.name }, body: null } : undefined;
    if (observation) yield { type: "observation", observation };
    yield {
      type: "finish",
      reason: call ? "done" : reason,
      ranking: [],
      call,
      observation,
      steps: call ? [{ call, observation }] : [],
    };
  }

  dispose(): void {
    this.disposed += 1;
  }
}
