/**
 * Stands in for the wasm module: the same surface, no model. A checkpoint is any file that starts
 * with "GGUF"; a pack is JSON: { tools, answers: { [question]: call } }. Some prompts of
 * `complete` misbehave on purpose: "crash", "fail", "slow".
 */
import type { CheckpointReader as Reader, Device as AnyDevice, Engine, EngineStream } from "../../pkg/engine.ts";
import type { DeviceChoice, StreamEvent, Tool, ToolCall } from "../../pkg/types.ts";

interface Pack {
  tools: Tool[];
  /** null: no tool fits. */
  answers: Record<string, ToolCall | null>;
}

/** What the tests look at: how many objects live and what was started; and how often a device is to be lost. */
export const log = { living: 0, started: [] as string[], opened: [] as string[], losses: 0, gpuIsFull: false, millisecondsPerStep: 0 };

export default async function init(_: { module_or_path: unknown }): Promise<void> {}

export function memory_bytes(): number {
  return 100;
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
  constructor(total: number, device: AnyDevice) {
    super();
    this.#total = total;
    this.#device = device;
  }
  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#bytes.length < 4) this.#bytes.push(...chunk.subarray(0, 4));
  }
  async finish(): Promise<Engine> {
    this.free();
    if (String.fromCharCode(...this.#bytes.slice(0, 4)) !== "GGUF") fail("gguf", "This is no GGUF file.");
    if (this.#received !== this.#total) fail("gguf", `The file ends after ${this.#received} of ${this.#total} bytes.`);
    if (log.gpuIsFull && this.#device.kind === "webgpu") fail("gpu", "The device could not make 7 bytes.");
    return new FakeEngine();
  }
}

class FakeEngine extends Living implements Engine {
  #pack?: Pack;
  load_pack(bytes: Uint8Array): void {
    try {
      this.#pack = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      fail("pack", "This is no pack.");
    }
  }
  tools(): Tool[] {
    return this.#pack!.tools;
  }
  retrieve(query: string, topK: number): EngineStream {
    return this.#start(query, [...prefill(), this.#ranking(query, topK)]);
  }
  call(query: string, topK: number): EngineStream {
    if (this.#pack!.answers[query] === null) return this.#start(query, [...prefill(), this.#ranking(query, topK), { type: "abstain" }]);
    const call = this.#answer(query);
    const text = JSON.stringify(call.arguments);
    const deltas = text.match(/.{1,4}/gsu)!.map((text): StreamEvent => ({ type: "arguments", text }));
    return this.#start(query, [...prefill(), this.#ranking(query, topK), { type: "tool", name: call.name }, ...deltas, { type: "call", call }]);
  }
  complete(prompt: string, maxTokens: number): EngineStream {
    if (prompt === "fail") fail("backend", "The backend failed.");
    const tokens = Array.from({ length: maxTokens }, (_, id): StreamEvent => ({ type: "token", id, text: `t${id}` }));
    return this.#start(prompt, [...prefill(), ...tokens]);
  }
  resume(stream: EngineStream): EngineStream {
    const { events, question } = stream as FakeStream;
    stream.free();
    return new FakeStream(events, question);
  }
  #answer(query: string): ToolCall {
    return this.#pack!.answers[query] ?? { name: this.#pack!.tools[0]!.name, arguments: {} };
  }
  #ranking(query: string, topK: number): StreamEvent {
    const best = this.#answer(query).name;
    const names = [best, ...this.tools().map(({ name }) => name).filter((name) => name !== best)];
    return { type: "ranking", tools: names.slice(0, topK).map((name, i) => ({ name, probability: 0.9 * 0.1 ** i })), abstain: 0.001 };
  }
  #start(question: string, events: StreamEvent[]): EngineStream {
    if (question === "") fail("question_empty", "The question is empty.");
    log.started.push(question);
    return new FakeStream(events, question);
  }
}

class FakeStream extends Living implements EngineStream {
  readonly events: StreamEvent[];
  readonly question: string;
  constructor(events: StreamEvent[], question: string) {
    super();
    this.events = events;
    this.question = question;
  }
  async next(): Promise<StreamEvent | undefined> {
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

function prefill(): StreamEvent[] {
  return [0, 1, 2].map((done) => ({ type: "prefill", done, total: 2 }));
}
