/**
 * A Toolgen without a model, for the unit tests of apps: it answers from a table, and all else, from approvals to
 * retries, is what a page gets. Runs in Node.js, too.
 */
import { checkRequest } from "./check-request.js";
import { Client, type WorkerLike } from "./client.js";
import { messageOf, ToolgenError } from "./core/errors.js";
import { attempt, list, read } from "./util/options.js";
import type { AbstainReason, Arguments, Functions, RankedTool, Tool, ToolCall } from "./core/types.js";
import type { Asked, FromWorker, PastCall, Question, Reply, Request, RunStreamEvent, ToWorker } from "./protocol.js";
import { Toolgen } from "./toolgen.js";

export type { Asked } from "./protocol.js";

/** What the fake model does with a question: a call, several in a row, or none. */
export type FakeAnswer = FakeCall | readonly FakeCall[] | null;

export interface FakeCall {
  name: string;
  arguments?: Arguments;
  /** Required arguments that the question doesn't say. */
  missing?: readonly string[];
  /** Whether the model is sure of the tool; true by default. */
  sure?: boolean;
  /** Tools whose documents are looked at, since the first ranking leaves doubt; a second one follows. */
  looks?: readonly RankedTool[];
}

export interface FakeToolgenOptions {
  tools?: readonly Tool[];
  functions?: Functions;
  /**
   * By question, or of any question with what it was asked with: the clock, and the turns `before` it. A question without
   * an answer fits no tool.
   */
  answers?: Record<string, FakeAnswer> | ((question: string, asked: Asked) => FakeAnswer);
}

export function createFakeToolgen(given?: FakeToolgenOptions): Toolgen {
  const { tools = [], functions = {}, answers = {} } = read(given);
  const answerTo = (asked: Asked): readonly FakeCall[] => {
    const { text: question } = asked;
    const answer =
      typeof answers === "function"
        ? answers(question, asked)
        : Object.hasOwn(answers, question)
          ? answers[question]!
          : null;
    return answer === null ? [] : [answer].flat();
  };
  const all = attempt("The tools", () => structuredClone(list("tools", tools)));
  return new Toolgen(new Client(new FakeWorker(all, answerTo)), all, functions);
}

type Ranking = Extract<RunStreamEvent, { type: "ranking" }>;
type Messages = Generator<RunStreamEvent, void, Reply | undefined>;

/** The worker's side of the protocol, with a table in the model's place. */
class FakeWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  #tools: Tool[];
  readonly #answerTo: (asked: Asked) => readonly FakeCall[];
  readonly #running = new Map<number, Messages>();

  constructor(tools: Tool[], answerTo: (asked: Asked) => readonly FakeCall[]) {
    this.#tools = tools;
    this.#answerTo = answerTo;
  }

  postMessage(message: ToWorker): void {
    // As between threads: copies, and later.
    const data = structuredClone(message);
    queueMicrotask(() => this.#take(data));
  }

  terminate(): void {
    this.#running.clear();
  }

  #take(message: ToWorker): void {
    const { id, type } = message;
    if (type === "cancel") return void this.#running.delete(id);
    if (type === "reply") return this.#goOn(id, message.reply);
    try {
      checkRequest(message);
      const value = this.#perform(message);
      if (value !== undefined) return this.#say({ id, type: "done", value: value as never });
      this.#running.set(id, this.#ask(message as Question));
      this.#goOn(id);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #say(message: FromWorker): void {
    this.onmessage?.({ data: structuredClone(message) } as MessageEvent<FromWorker>);
  }

  #fail(id: number, error: unknown): void {
    const code = error instanceof ToolgenError ? error.code : "backend";
    this.#say({ id, type: "error", code, message: messageOf(error) });
  }

  #goOn(id: number, reply?: Reply): void {
    const running = this.#running.get(id);
    try {
      for (let given = reply; running; given = undefined) {
        const { done, value: event } = running.next(given);
        if (done) break;
        this.#say({ id, type: "event", event });
        if (event.type === "choose" || event.type === "approve" || event.type === "execute") return;
      }
    } catch (error) {
      this.#running.delete(id);
      return this.#fail(id, error);
    }
    if (this.#running.delete(id)) this.#say({ id, type: "done" });
  }

  /** What isn't a question; undefined for one that is. */
  #perform(request: Request): unknown {
    switch (request.type) {
      case "register": {
        const fresh = request.tools.map(({ name }) => name);
        this.#tools = [...this.#tools.filter(({ name }) => !fresh.includes(name)), ...request.tools];
        return { added: request.tools, fresh, narrowed: [], skipped: [], conflicts: [] };
      }
      case "unregister":
        this.#tools = this.#tools.filter(({ name }) => !request.names.includes(name));
        return null;
      case "conflicts":
        return [];
      case "teach":
        return null;
      case "memory":
        return { wasmBytes: 0, checkpointBytes: 0 };
      case "device":
        return { kind: "cpu", simd: { kind: "strict" }, threads: { count: 1 }, startup: {} };
      case "load":
      case "export":
      case "openapi":
        throw new ToolgenError("unsupported", `A fake Toolgen has no model for ${request.type}.`);
      default:
        return undefined;
    }
  }

  *#ask(question: Question): Messages {
    if (question.type === "complete" || question.type === "completeArguments")
      throw new ToolgenError("unsupported", "A fake Toolgen writes no text.");
    const { text } = question.query;
    if (text.trim() === "") throw new ToolgenError("question_empty", "The question is empty.");
    const calls = this.#answerTo(question.query).filter(
      ({ name }) => !("tools" in question) || (question.tools?.includes(name) ?? true),
    );
    if (question.type === "run") return yield* this.#run(question, calls);
    let [call] = calls;
    if (question.type === "retrieve") return void (yield this.#ranking(call, question.topK));
    yield* this.#rank(call, question.topK);
    const likeliest = question.tools?.[0] ?? this.#tools[0]?.name;
    if (!call && question.required && likeliest !== undefined) call = { name: likeliest };
    if (!call) return void (yield { type: "abstain", reason: "no_tool" satisfies AbstainReason });
    yield* written(call, question.explain);
    const { missing = [] } = call;
    yield missing.length > 0
      ? { type: "ask", call: callOf(call), parameters: [...missing] }
      : { type: "call", call: callOf(call) };
  }

  *#run(
    { topK, maxSteps, unsure, explain }: Extract<Question, { type: "run" }>,
    planned: readonly FakeCall[],
  ): Messages {
    const calls: PastCall[] = [];
    for (let call of planned) {
      const ranking = yield* this.#rank(call, topK);
      if (!ranking.sure && unsure === "end") return void (yield { type: "end", reason: "unsure", calls });
      if (!ranking.sure && unsure === "ask") {
        const reply = yield { type: "choose", candidates: ranking.tools.slice(0, 3) };
        const tool = reply?.type === "choice" ? reply.tool : null;
        if (tool === null) return void (yield { type: "end", reason: calls.length > 0 ? "done" : "abstained", calls });
        if (tool !== call.name) call = { name: tool };
      }
      yield* written(call, explain);
      const { name, arguments: args = {}, missing = [] } = call;
      if (missing.length > 0)
        return void (yield {
          type: "end",
          reason: "asked",
          tool: name,
          arguments: args,
          parameters: [...missing],
          calls,
        });
      const made = callOf(call);
      yield { type: "call", call: made };
      if (this.#tools.find((tool) => tool.name === name)?.annotations?.readOnlyHint !== true) {
        const reply = yield { type: "approve", call: made, reason: "changes" };
        if (reply?.type !== "approval" || !reply.approved) {
          calls.push({ call: made, outcome: "denied" });
          return void (yield { type: "end", reason: "denied", calls });
        }
      }
      const reply = yield { type: "execute", call: made };
      calls.push({ call: made, outcome: reply?.type === "observation" ? "observed" : "failed" });
      if (reply?.type !== "observation") return void (yield { type: "end", reason: "failed", calls });
      if (calls.length >= maxSteps) return void (yield { type: "end", reason: "max_steps", calls });
    }
    if (planned.length === 0) {
      yield this.#ranking(undefined, topK);
      yield { type: "abstain", reason: "no_tool" };
    }
    yield { type: "end", reason: planned.length === 0 ? "abstained" : "done", calls };
  }

  *#rank(call: FakeCall | undefined, topK: number): Generator<RunStreamEvent, Ranking, Reply | undefined> {
    const ranking = this.#ranking(call, topK);
    if (call?.looks) {
      yield this.#ranking({ ...call, sure: false }, topK);
      for (const look of call.looks) yield { type: "look", ...look };
    }
    yield ranking;
    return ranking;
  }

  #ranking(call: FakeCall | undefined, topK: number): Ranking {
    const best = call?.name;
    const sure = call !== undefined && call.sure !== false;
    const probability = sure ? 0.99 : 0.5;
    if (best !== undefined && !this.#tools.some(({ name }) => name === best))
      throw new ToolgenError("bad_tool", `The fake answer names ${best}, which is not registered.`);
    const others = this.#tools.filter(({ name }) => name !== best);
    const rest = best === undefined ? 0 : 1 - probability;
    const tools: RankedTool[] = others.map(({ name }, i) => ({ name, probability: rest / 2 ** (i + 1) }));
    if (best !== undefined) tools.unshift({ name: best, probability });
    return { type: "ranking", tools: tools.slice(0, topK), abstain: best === undefined ? 1 : 0, sure };
  }
}

function callOf({ name, arguments: args = {} }: FakeCall): ToolCall {
  return { name, arguments: args };
}

function* written({ name, arguments: args = {} }: FakeCall, explain = false): Messages {
  yield { type: "tool", name };
  const json = JSON.stringify(args);
  if (!explain) return void (yield { type: "arguments", text: json });
  // Names and marks follow from the schema; values are chosen.
  for (const [text] of json.matchAll(/"(?:\\.|[^"\\])*":?|[{}[\],]+|[^{}[\],"]+/g)) {
    const forced = /[{}[\],:]$/.test(text);
    const alternatives = forced ? [] : [{ text, probability: 1 }];
    yield { type: "arguments", text, tokens: [{ text, forced, allowed: forced ? 1 : 2, alternatives }] };
  }
}
