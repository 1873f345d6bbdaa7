/** Answers a question with calls: the model decides in its worker, the page carries out. */
import type { Client } from "./client.js";
import { messageOf, ToolgenError } from "./core/errors.js";
import { attempt, read } from "./util/options.js";
import type {
  Arguments,
  Functions,
  JsonSchema,
  LocalFunction,
  RankedTool,
  StreamEvent,
  Tool,
  ToolCall,
  Unsure,
} from "./core/types.js";
import type { ExecuteEvent, HttpOptions } from "./http/execute.js";
import { withoutBytes } from "./observation/base64.js";
import { summarise, type Observation } from "./observation/summarise.js";
import type { ApprovalReason, End, FinishReason, Reply } from "./protocol.js";
import { asked, type QuestionOptions } from "./question.js";
import { isRecord } from "./util/is-record.js";
import { kindOf } from "./util/kind-of.js";
import { abortable, Deadline, LinkedController } from "./util/signals.js";

/** The options of `HttpOptions` apply to HTTP tools, `timeoutMs` and `signal` to functions too. */
export interface RunOptions extends HttpOptions, QuestionOptions {
  /** How many tools the ranking has; 5 by default. */
  topK?: number;
  /** Whether `arguments` events have their `tokens`; false by default. */
  explain?: boolean;
  /** How many calls may be carried out; 4 by default. */
  maxSteps?: number;
  /** Names of the tools to choose from; all by default. */
  tools?: string[];
  /** What is done where the model is not sure of a tool; `ask` by default. */
  unsure?: Unsure;
  /**
   * Called with up to three tools where the model is not sure (`ask`), likeliest first: the name of the one that is meant,
   * or null where none is. Without it the run ends (`unsure`), and nothing is carried out.
   */
  choose?: (candidates: RankedTool[]) => string | null | Promise<string | null>;
  /** Functions that carry out tools in the page, by tool name; they take precedence over a tool's `http`. */
  functions?: Functions;
  /**
   * Called before any tool that isn't marked `readOnlyHint: true` (`changes`), and before any that the
   * question alone doesn't lead to (`not_asked`); without it such calls are refused.
   */
  approve?: (call: ToolCall, tool: Tool, reason: ApprovalReason) => boolean | Promise<boolean>;
  /** How much of an observation the model reads, in characters; 600 by default. */
  observationChars?: number;
}

/** A call that was carried out, or was to be. */
export interface Step {
  call: ToolCall;
  observation?: Observation;
  error?: ToolgenError;
}

export type RunEvent =
  | Exclude<StreamEvent, { type: "ask" }>
  | ExecuteEvent
  /** The model is not sure which of these is meant; `choose()` is asked. */
  | { type: "choose"; candidates: RankedTool[] }
  | { type: "observation"; observation: Observation }
  /** The tool failed. The model may correct its call once; its own failures are thrown. */
  | { type: "error"; error: ToolgenError }
  /**
   * The question doesn't say these required arguments (`to.mail` is in an object); nothing is made up, and nothing
   * carried out. `call` has those that it says: put it `before` the answer, which is the next question.
   */
  | { type: "ask"; call: ToolCall; parameters: { name: string; schema: JsonSchema }[] }
  /** The results as text for people, and step by step. */
  | { type: "answer"; text: string; steps: Step[] }
  /** The end. `call` and `observation` are the last step's; `call` is null when no tool fits. */
  | {
      type: "finish";
      reason: FinishReason;
      ranking: RankedTool[];
      call: ToolCall | null;
      observation?: Observation;
      steps: Step[];
    };

/** The tools as they are at the moment, and the functions of those that have one. */
export interface Registered {
  tools(): readonly Tool[];
  functions: Functions;
  /** Aborted once the model is no more: nothing is carried out after it. */
  ended: AbortSignal;
}

export async function* run(
  client: Client,
  registered: Registered,
  query: string,
  given?: RunOptions,
): AsyncGenerator<RunEvent, void, void> {
  const { signal, ...rest } = read(given);
  const { topK = 5, maxSteps = 4, tools, explain, choose } = rest;
  const unsure = rest.unsure === "call" || choose ? (rest.unsure ?? "ask") : "end";
  const question = { type: "run", query: asked(query, rest), topK, maxSteps, tools, unsure, explain } as const;
  const conversation = client.converse(question, signal);
  const stop = new LinkedController(signal, registered.ended);
  const options = { ...rest, signal: stop.signal };
  const steps: Step[] = [];
  let ranking: RankedTool[] | undefined;
  let approved: Executor | undefined;
  let ended = false;
  let reply: Reply | undefined;
  try {
    for (;;) {
      const { done, value: event } = await conversation.next(reply);
      reply = undefined;
      if (done) break;
      switch (event.type) {
        case "token": // of free text alone
        case "ask": // of a call alone; a run ends with what it asks for
          continue;
        case "ranking":
          // Documents that were looked at may have changed it.
          if (steps.length === 0) ranking = event.tools;
          break;
        case "choose": {
          const names = event.candidates.map(({ name }) => name);
          yield event;
          reply = { type: "choice", tool: await chosen(event.candidates, names, options) };
          continue;
        }
        case "approve": {
          const answer = await approval(event.call, event.reason, registered, options);
          if (answer instanceof ToolgenError) {
            steps.push({ call: event.call, error: answer });
            yield { type: "error", error: answer };
          } else approved = answer;
          reply = { type: "approval", approved: !!approved };
          continue;
        }
        case "execute": {
          const step = { call: event.call };
          steps.push(step);
          reply = yield* carryOut(step, registered, options, approved);
          approved = undefined;
          continue;
        }
        case "end": {
          ended = true;
          if (event.reason === "asked") yield ask(event, registered.tools());
          yield* ending(event.reason, steps, ranking ?? [], event.calls.at(-1)?.call);
          continue;
        }
      }
      yield event;
    }
  } finally {
    stop.unlink();
    await conversation.return();
  }
  if (!ended) throw new ToolgenError("backend", "The model stopped without an end event.");
}

/** Carries out one call that is complete, as a run does its calls. */
export async function* carryOutCall(
  registered: Registered,
  givenCall: ToolCall,
  given?: RunOptions,
): AsyncGenerator<RunEvent, void, void> {
  const { signal, ...rest } = read(given);
  const call = attempt("The call", () => structuredClone(givenCall));
  if (!isRecord(call) || !isRecord(call.arguments))
    throw new ToolgenError("bad_argument", "A call is an object with a name and arguments.");
  yield { type: "call", call: structuredClone(call) };
  const step: Step = { call };
  const stop = new LinkedController(signal, registered.ended);
  const options = { ...rest, signal: stop.signal };
  try {
    const isHarmless = executorOf(call, registered, options).tool.annotations?.readOnlyHint === true;
    const answer = isHarmless ? undefined : await approval(call, "changes", registered, options);
    const refused = answer instanceof ToolgenError;
    if (refused) yield { type: "error", error: (step.error = answer) };
    else yield* carryOut(step, registered, options, answer);
    const reason = refused ? "denied" : step.error ? "failed" : "done";
    yield* ending(reason, [step], []);
  } finally {
    stop.unlink();
  }
}

/** What a run ends with. */
function* ending(reason: FinishReason, steps: Step[], ranking: RankedTool[], call?: ToolCall): Generator<RunEvent> {
  const text = steps.flatMap(({ observation }) => (observation ? [textOf(observation)] : [])).join("\n");
  if (steps.some(({ observation }) => observation)) yield { type: "answer", text, steps };
  const last = steps.at(-1);
  yield { type: "finish", reason, ranking, call: call ?? last?.call ?? null, observation: last?.observation, steps };
}

/** Carries a call out, as it was approved if it was asked for, and tells the model what came of it. */
async function* carryOut(
  step: Step,
  registered: Registered,
  options: RunOptions,
  approved?: Executor,
): AsyncGenerator<RunEvent, Reply, void> {
  const { signal, observationChars: maxChars = 600 } = options;
  try {
    const found = executorOf(step.call, registered, options);
    const isMeant = approved ? found.tool === approved.tool : found.tool.annotations?.readOnlyHint === true;
    if (!isMeant) {
      const message = `The tool ${found.tool.name} was replaced before it was carried out.`;
      throw new ToolgenError("not_approved", message);
    }
    const { tool, local } = approved ?? found;
    const args = structuredClone(step.call.arguments);
    const observation: Observation = local
      ? await callFunction(local, tool, args, options)
      : yield* overHttp(tool, args, registered.tools(), options);
    step.observation = observation;
    yield { type: "observation", observation };
    return { type: "observation", text: summarise(observation, { maxChars }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ToolgenError)) throw error;
    step.error = error;
    yield { type: "error", error };
    return { type: "failure", message: error.message };
  }
}

async function* overHttp(
  tool: Tool,
  args: Arguments,
  tools: readonly Tool[],
  options: RunOptions,
): AsyncGenerator<RunEvent, Observation, void> {
  // Loaded with the first such call: many pages have only functions.
  const { executeInSteps, originsOf } = await import("./http.js").catch((cause) => {
    throw new ToolgenError("download", `The part for HTTP could not be loaded: ${messageOf(cause)}.`, {
      cause,
    });
  });
  return yield* executeInSteps(tool, args, { ...options, origins: options.origins ?? originsOf(tools) });
}

/** What carries a call out: its tool, by this function if there is one. */
interface Executor {
  tool: Tool;
  local?: LocalFunction;
}

function executorOf({ name }: ToolCall, { tools, functions }: Registered, options: RunOptions): Executor {
  const tool = tools().find((tool) => tool.name === name);
  if (!tool) throw new ToolgenError("bad_tool", `The tool ${name} is no longer registered.`);
  return { tool, local: own(options.functions, name) ?? own(functions, name) };
}

async function chosen(
  candidates: RankedTool[],
  names: readonly string[],
  { choose, signal }: RunOptions,
): Promise<string | null> {
  // A person may take long to answer.
  const tool = (await abortable(signal, () => choose!(candidates))) ?? null;
  if (tool === null || names.includes(tool)) return tool;
  throw new ToolgenError(
    "bad_argument",
    `choose() returned ${String(tool)}; it must be null or one of ${names.join(", ")}.`,
  );
}

/** What may carry the call out, and nothing else; or why it is refused. */
async function approval(
  call: ToolCall,
  reason: ApprovalReason,
  registered: Registered,
  options: RunOptions,
): Promise<Executor | ToolgenError> {
  const { name } = call;
  const { approve, signal } = options;
  if (approve) {
    const executor = executorOf(call, registered, options);
    const answer = await abortable(signal, () => approve(structuredClone(call), executor.tool, reason));
    if (answer === true) return executor;
  }
  const why = reason === "changes" ? "may change something" : "was not asked for by the question";
  return new ToolgenError(
    "not_approved",
    `The tool ${name} ${approve ? "was not approved" : `${why}, and no approve() was given`}.`,
  );
}

async function callFunction(
  run: LocalFunction,
  tool: Tool,
  args: Arguments,
  { signal, timeoutMs = 10_000 }: RunOptions,
): Promise<Observation> {
  const expired = () => new ToolgenError("timeout", `The function of ${tool.name} took longer than ${timeoutMs} ms.`);
  const deadline = new Deadline({ signal, timeoutMs }, (reason) => reason, expired);
  try {
    const body = await deadline.race((signal) => run(args, { signal }));
    if (isUnread(body)) throw new Error(`It gave what isn't read: give await response.json().`);
    return { result: isRecord(body) ? body : { result: body }, body };
  } catch (cause) {
    deadline.signal.throwIfAborted();
    // Those of importers name what is at fault.
    if (cause instanceof ToolgenError) throw cause;
    throw new ToolgenError("function_failed", messageOf(cause), { cause });
  } finally {
    deadline.close();
  }
}

/** A response, a stream or a generator: as a value, all of them say `{}`. */
function isUnread(body: unknown): boolean {
  return body instanceof Response || (isRecord(body) && Symbol.asyncIterator in body);
}

function ask(end: Extract<End, { reason: "asked" }>, tools: readonly Tool[]): RunEvent {
  const schema = tools.find(({ name }) => name === end.tool)?.parameters;
  const inside = (name: string) =>
    schema?.properties?.[name] ??
    name.split(".").reduce<JsonSchema | undefined>((schema, part) => schema?.properties?.[part], schema) ??
    {};
  return {
    type: "ask",
    call: { name: end.tool, arguments: end.arguments },
    parameters: end.parameters.map((name) => ({ name, schema: inside(name) })),
  };
}

/** Labels and values, "temperature: 21, wind: 3". */
function textOf({ result, body }: Observation): string {
  const show = (value: unknown) =>
    typeof value === "object" ? summarise({ result: {}, body: value }, { maxChars: 200 }) : withoutBytes(String(value));
  try {
    const labels = Object.entries(result).map(([label, value]) =>
      label === "result" ? show(value) : `${label}: ${show(value)}`,
    );
    return labels.length > 0 ? labels.join(", ") : show(body);
  } catch {
    return summarise({ result: {}, body: result }, { maxChars: 200 }); // a getter has thrown
  }
}

function own(functions: Functions | undefined, name: string): LocalFunction | undefined {
  const local = attempt("functions", () => (functions && Object.hasOwn(functions, name) ? functions[name] : undefined));
  if (local == null || typeof local === "function") return local;
  throw new ToolgenError("bad_argument", `The function of ${name} is ${kindOf(local)}.`);
}
