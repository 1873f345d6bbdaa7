/** A planned way through the rules of the crate's `agent/step.rs`, which has tests of its own. */
import { isDeepStrictEqual } from "node:util";

import type { StreamEvent, Tool, ToolCall, Unsure } from "../../pkg/core/types.ts";
import type { End, PastCall, Reply, RunStreamEvent } from "../../pkg/protocol.ts";

/**
 * `asked: false`: text from elsewhere led to the call; `sure: false`: the model is not sure of it; `lacks`: the question
 * doesn't hold these arguments.
 */
export type Planned = ToolCall & { asked?: boolean; sure?: boolean; lacks?: string[] };

export type Ranking = Extract<StreamEvent, { type: "ranking" }>;
export type Beginning = [...StreamEvent[], Ranking];

export class FakeRun {
  readonly #plan: Planned[];
  readonly #tools: Tool[];
  readonly #maxSteps: number;
  readonly #unsure: Unsure;
  readonly #before: (planned?: Planned) => Beginning;
  readonly #calls: PastCall[] = [];
  #call!: ToolCall;
  constructor(
    plan: readonly Planned[],
    tools: Tool[],
    maxSteps: number,
    unsure: Unsure,
    before: (planned?: Planned) => Beginning,
  ) {
    this.#plan = [...plan];
    this.#tools = tools;
    this.#maxSteps = maxSteps;
    this.#unsure = unsure;
    this.#before = before;
  }
  next(): RunStreamEvent[] {
    const planned = this.#plan.shift();
    const last = this.#calls.at(-1);
    if (!planned) {
      if (!last) return [...this.#before(), { type: "abstain", reason: "no_tool" }, this.#end("abstained")];
      return [...this.#before(), this.#end(last.outcome === "observed" ? "done" : "failed")];
    }
    const before = this.#before(planned);
    if (planned.sure !== false || this.#unsure === "call") return [...before, ...this.#write(planned)];
    if (this.#unsure === "end") return [...before, this.#end("unsure")];
    this.#plan.unshift(planned);
    const candidates = (before.at(-1) as Ranking).tools.slice(0, 3);
    return [...before, { type: "choose", candidates }];
  }
  #write({ name, arguments: args, asked = true, lacks }: Planned): RunStreamEvent[] {
    const last = this.#calls.at(-1);
    // After a call, the tool is chosen once more without the text that came from elsewhere.
    const chosen: RunStreamEvent[] = [...(last ? prefill() : []), { type: "tool", name }];
    const call = (this.#call = { name, arguments: args });
    const asks = { type: "end", reason: "asked", tool: name, arguments: args, calls: this.#calls } as const;
    if (lacks) return [...chosen, ...written(call, lacks), { ...asks, parameters: lacks }];
    const earlier = this.#calls.find((past) => isDeepStrictEqual(past.call, call));
    if (earlier)
      return [...chosen, ...written(call), this.#end(earlier.outcome === "observed" ? "repeated" : "failed")];
    const told: RunStreamEvent[] = [...chosen, ...written(call), { type: "call", call }];
    const readOnly = this.#tools.find((tool) => tool.name === name)?.annotations?.readOnlyHint === true;
    if (!asked || !readOnly) return [...told, { type: "approve", call, reason: asked ? "changes" : "not_asked" }];
    return [...told, { type: "execute", call }];
  }
  take(reply: Reply): RunStreamEvent[] {
    const call = this.#call;
    if (reply.type === "choice") {
      const planned = this.#plan.shift()!;
      // What its arguments would be is planned for one tool only.
      return reply.tool === null
        ? [this.#end(this.#calls.length > 0 ? "done" : "abstained")]
        : this.#write({ ...planned, name: reply.tool });
    }
    if (reply.type === "approval") {
      if (reply.approved) return [{ type: "execute", call }];
      this.#calls.push({ call, outcome: "denied" });
      return [this.#end("denied")];
    }
    const failed = reply.type === "failure";
    this.#calls.push({ call, outcome: failed ? "failed" : "observed" });
    if (this.#calls.filter(({ outcome }) => outcome === "failed").length > 1) return [this.#end("failed")];
    if (this.#calls.length >= this.#maxSteps) return [this.#end(failed ? "failed" : "max_steps")];
    return this.next();
  }
  #end(reason: Exclude<End["reason"], "asked">): RunStreamEvent {
    return { type: "end", reason, calls: this.#calls };
  }
}

export function prefill(): StreamEvent[] {
  return [1, 2].map((done) => ({ type: "prefill", done, total: 2 }));
}

/** The tool's document is read, then its arguments are written: null where something is lacking. */
export function written(call: ToolCall, lacks: string[] = []): StreamEvent[] {
  const lacking = lacks.map((name) => [name, null]);
  const parts = JSON.stringify({ ...call.arguments, ...Object.fromEntries(lacking) }).match(/.{1,4}/gsu)!;
  return [...prefill(), ...parts.map((text): StreamEvent => ({ type: "arguments", text }))];
}
