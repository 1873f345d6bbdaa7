/**
 * Stands in for the wasm module: the same surface, no model. A checkpoint is any file that starts
 * with "GGUF", and not one of an older release ("GGUF-old"). An adapter is any text that starts with "adapter "; what
 * follows is its name, and one whose name is "of another base" fits no checkpoint. A pack is JSON:
 * { tools, answers: { [question]: call, or calls }, adapter: the name of the one that it fits }. Some prompts of `complete` misbehave on purpose: "crash", "fail", "slow". A run keeps to the rules of the crate's
 * `agent/step.rs`, which has tests of its own, and `transcripts.test.ts` holds its streams to the real ones.
 */
import type { Conflict, DeviceChoice, Simd, StreamEvent, Tool, ToolCall, Unsure } from "../../pkg/core/types.ts";
import type { Asked, Reply, RunStreamEvent } from "../../pkg/protocol.ts";
import type { CheckpointReader as Reader, Device as AnyDevice, Engine, EngineStream } from "../../pkg/worker/wasm.ts";
import { FakeRun, prefill, written, type Beginning, type Planned, type Ranking } from "./fake-run.ts";

export type { Planned } from "./fake-run.ts";

interface Pack {
  tools: Tool[];
  /** null: no tool fits. */
  answers: Record<string, Planned | Planned[] | null>;
  adapter?: string;
}

/** What the tests look at: how many objects live and what was started; and how often a device is to be lost. */
export const log = {
  living: 0,
  started: [] as string[],
  /** Questions that came as objects. */
  asked: [] as Asked[],
  opened: [] as string[],
  /** Names of the adapters that were taken, and how many bytes of the checkpoint were there by then. */
  adapters: [] as [name: string, received: number][],
  losses: 0,
  gpuIsFull: false,
  gpuIsGone: false,
  replies: [] as Reply[],
  rows: [] as string[],
  taught: [] as unknown[],
  millisecondsPerStep: 0,
};

export async function start(_: URL): Promise<void> {}

export function simd(): Simd {
  return "strict";
}

export function memory_bytes(): number {
  return 100;
}

export function import_openapi(document: string) {
  mustBeText(document);
  if (!document.includes("openapi"))
    fail("openapi", "OpenAPI document: $ has neither `openapi` nor `swagger`: this is no OpenAPI document");
  const { tools } = JSON.parse(document);
  return { tools, narrowed: [], skipped: [{ path: "$.paths./x.get", reason: "no server" }] };
}

export function version(): string {
  return "fake";
}

function fail(code: string, message: string): never {
  throw Object.assign(new Error(message), { name: "ToolgenError", code });
}

class Living {
  constructor() {
    log.living += 1;
  }
  free(): void {
    log.living -= 1;
  }
}

export class Device extends Living implements AnyDevice {
  kind: "webgpu" | "cpu";
  static async open(choice: DeviceChoice): Promise<Device> {
    log.opened.push(choice);
    if (log.gpuIsGone && choice === "webgpu") fail("gpu", "This browser has no adapter.");
    return new Device(choice === "cpu" ? "cpu" : "webgpu");
  }
  constructor(kind: "webgpu" | "cpu") {
    super();
    this.kind = kind;
  }
}

export class CheckpointReader extends Living implements Reader {
  #bytes: number[] = [];
  #received = 0;
  readonly #total: number;
  readonly #device: AnyDevice;
  #adapter?: string;
  constructor(total: number, device: AnyDevice) {
    super();
    this.#total = total;
    this.#device = device;
  }
  adapt(bytes: Uint8Array): void {
    const [, name] = /^adapter (.*)$/.exec(new TextDecoder().decode(bytes)) ?? [];
    if (name === undefined) fail("adapter", "adapter: file: this is none");
    this.#adapter = name;
    log.adapters.push([name, this.#received]);
  }
  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#bytes.length < 8) this.#bytes.push(...chunk.subarray(0, 8));
  }
  async finish(): Promise<Engine> {
    this.free();
    if (String.fromCharCode(...this.#bytes.slice(0, 4)) !== "GGUF") fail("gguf", "checkpoint: this is no GGUF file");
    if (String.fromCharCode(...this.#bytes.slice(0, 8)) === "GGUF-old")
      fail("checkpoint", "checkpoint: metadata `toolgen.version`: is not 2");
    if (this.#received !== this.#total)
      fail("gguf", `checkpoint: the file ends after ${this.#received} of ${this.#total} bytes.`);
    if (log.gpuIsFull && this.#device.kind === "webgpu") fail("gpu", "The device could not make 7 bytes.");
    if (this.#adapter === "of another base") fail("base_mismatch", "adapter: made for another checkpoint");
    return new FakeEngine(this.#adapter);
  }
}

class PreparedTool extends Living {
  readonly tool: Tool;
  readonly left_out: string[];
  constructor(tool: Tool) {
    super();
    this.tool = tool;
    this.left_out = tool.parameters["contains"] ? ["parameters: has `contains`"] : [];
  }
}

class FakeEngine extends Living implements Engine {
  #pack: Pack;
  readonly #adapter?: string;
  constructor(adapter?: string) {
    super();
    this.#adapter = adapter;
    this.#pack = { tools: [], answers: {}, adapter };
  }
  load_pack(bytes: Uint8Array): void {
    try {
      this.#pack = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      fail("pack", "This is no pack.");
    }
    if (this.#pack.adapter !== this.#adapter) fail("base_mismatch", "tool pack: made for another model");
  }
  tools(): Tool[] {
    return this.#pack.tools;
  }
  prepare(tool: Tool): PreparedTool {
    if (tool.parameters["not"]) fail("schema", `tool \`${tool.name}\`: parameters: has the keyword not`);
    return new PreparedTool(tool);
  }
  document_key({ tool }: PreparedTool): string {
    return tool.description;
  }
  async document_row({ tool }: PreparedTool): Promise<Float32Array> {
    if (log.millisecondsPerStep > 0) await new Promise((resolve) => setTimeout(resolve, log.millisecondsPerStep));
    log.rows.push(tool.name);
    return Float32Array.of(tool.description.length, 1);
  }
  has_row({ tool }: PreparedTool): boolean {
    return this.#pack.tools.some(({ name, description }) => name === tool.name && description === tool.description);
  }
  update_tools(prepared: PreparedTool[]): void {
    this.#take(prepared);
  }
  add_tools(prepared: PreparedTool[], rows: Float32Array): void {
    if (rows.length !== 2 * prepared.length) fail("pack", "There is a row too few.");
    this.#take(prepared);
  }
  #take(prepared: PreparedTool[]): void {
    const tools = prepared.map(({ tool }) => tool);
    for (const tool of prepared) tool.free();
    const all = new Map([...this.#pack.tools, ...tools].map((tool) => [tool.name, tool]));
    this.#pack.tools = [...all.values()];
  }
  remove_tools(names: string[]): void {
    mustBeText(...names);
    this.#pack.tools = this.#pack.tools.filter(({ name }) => !names.includes(name));
  }
  /** Tools whose descriptions begin with the same word are alike. */
  similar(names: string[] | undefined, least: number): Conflict[] {
    const word = ({ description }: Tool) => description.split(" ")[0];
    const pairs = this.#pack.tools.flatMap((a, i) =>
      this.#pack.tools
        .slice(i + 1)
        .filter((b) => word(a) === word(b))
        .map((b): Conflict => ({ tools: [a.name, b.name], similarity: 0.95 })),
    );
    return pairs.filter(
      ({ tools, similarity }) => similarity >= least && (!names || tools.some((name) => names.includes(name))),
    );
  }
  async example(question: string): Promise<object> {
    mustBeText(question);
    return { state: question.length };
  }
  teach(examples: unknown[]): void {
    log.taught.push(...examples);
  }
  pack_bytes(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify(this.#pack));
  }
  run(asked: Asked | string, topK: number, maxSteps: number, names?: string[], unsure: Unsure = "call"): EngineStream {
    const query = textOf(asked);
    const planned = this.#pack.answers[query];
    const plan =
      planned === undefined
        ? [this.#answer(query)]
        : planned === null
          ? []
          : Array.isArray(planned)
            ? planned
            : [planned];
    const unknown = names?.find((name) => !this.tools().some((tool) => tool.name === name));
    if (unknown) fail("bad_option", `option \`tools\`: there is no tool \`${unknown}\``);
    const stream = this.#start(query, []);
    const before = (planned?: Planned): Beginning => [...prefill(), this.#ranking(query, topK, planned)];
    stream.run(new FakeRun(plan, this.tools(), maxSteps, unsure, before));
    return stream;
  }
  retrieve(asked: Asked | string, topK: number): EngineStream {
    const query = textOf(asked);
    return this.#start(query, [...prefill(), this.#ranking(query, topK)]);
  }
  call(asked: Asked | string, topK: number): EngineStream {
    const query = textOf(asked);
    const planned = this.#pack.answers[query];
    if (planned === null)
      return this.#start(query, [...prefill(), this.#ranking(query, topK), { type: "abstain", reason: "no_tool" }]);
    const call = this.#answer(query);
    const events = [...prefill(), this.#ranking(query, topK), { type: "tool", name: call.name } as const];
    const { lacks } = [planned].flat()[0] ?? {};
    if (!lacks) return this.#start(query, [...events, ...written(call), { type: "call", call }]);
    return this.#start(query, [...events, ...written(call, lacks), { type: "ask", call, parameters: lacks }]);
  }
  complete(prompt: string, maxTokens: number): EngineStream {
    mustBeText(prompt);
    if (prompt === "fail") fail("backend", "The backend failed.");
    const tokens = Array.from({ length: maxTokens }, (_, id) => ({ type: "token" as const, id, text: `t${id}` }));
    return this.#start(prompt, [...prefill(), ...tokens]);
  }
  complete_arguments(asked: Asked | string, tool: string, maxTokens: number): EngineStream {
    const query = textOf(asked);
    mustBeText(tool);
    if (!this.tools().some(({ name }) => name === tool))
      fail("bad_option", `option \`tool\`: there is no tool \`${tool}\``);
    const tokens = Array.from({ length: maxTokens }, (_, id) => ({ type: "token" as const, id, text: `{${tool}` }));
    return this.#start(query, [...prefill(), ...tokens]);
  }
  resume(stream: EngineStream): EngineStream {
    const { events, question, planned } = stream as FakeStream;
    stream.free();
    return new FakeStream(events, question, planned);
  }
  #answer(query: string): ToolCall {
    const planned = this.#pack.answers[query];
    const { name, arguments: args } = (Array.isArray(planned) ? planned[0] : planned) ?? {
      name: this.#pack.tools[0]!.name,
      arguments: {},
    };
    return { name, arguments: args };
  }
  #ranking(query: string, topK: number, planned?: Planned): Ranking {
    const { sure = true } = planned ?? [this.#pack.answers[query]].flat()[0] ?? {};
    const best = (planned ?? this.#answer(query)).name;
    const names = [
      best,
      ...this.tools()
        .map(({ name }) => name)
        .filter((name) => name !== best),
    ];
    return {
      type: "ranking",
      tools: names.slice(0, topK).map((name, i) => ({ name, probability: (sure ? 0.9 : 0.6) * 0.1 ** i })),
      abstain: 0.001,
      sure,
    };
  }
  #start(question: string, events: RunStreamEvent[]): FakeStream {
    if (question === "") fail("question_empty", "The question is empty.");
    log.started.push(question);
    return new FakeStream(events, question);
  }
}

class FakeStream extends Living implements EngineStream {
  readonly events: RunStreamEvent[];
  readonly question: string;
  planned?: FakeRun;
  constructor(events: RunStreamEvent[], question: string, planned?: FakeRun) {
    super();
    this.events = events;
    this.question = question;
    this.planned = planned;
  }
  run(run: FakeRun): void {
    this.planned = run;
    this.events.push(...run.next());
  }
  reply(reply: Reply): void {
    log.replies.push(reply);
    if (!this.planned) fail("backend", "There was a reply to no question.");
    this.events.push(...this.planned.take(reply));
  }
  async next(): Promise<RunStreamEvent | undefined> {
    // The real module blocks while it computes; so does this one.
    const end = performance.now() + (this.question === "slow" ? 5 : log.millisecondsPerStep);
    while (performance.now() < end);
    if (this.question === "crash" && this.events.length < 5) throw new WebAssembly.RuntimeError("unreachable");
    if (log.losses > 0 && this.events.length < 5) {
      log.losses -= 1;
      fail("device_lost", "The device was lost.");
    }
    return this.events.shift();
  }
}

/** The real module reads its memory where a text is none, and dies. */
function mustBeText(...values: unknown[]): void {
  if (!values.every((value) => typeof value === "string")) throw new WebAssembly.RuntimeError("out of bounds");
}

function textOf(asked: Asked | string): string {
  mustBeText(typeof asked === "string" ? asked : asked.text);
  if (typeof asked === "string") return asked;
  log.asked.push(asked);
  return asked.text;
}
