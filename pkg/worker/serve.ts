/** The worker's side of the protocol: one engine, and one question or task computed at a time. */
import { checkRequest } from "../check-request.js";
import { messageOf, ToolgenError, type ErrorCode } from "../core/errors.js";
import type { DeviceReport, Memory, Progress, Tool } from "../core/types.js";
import type {
  Answers,
  Failure,
  FromWorker,
  Port,
  Question,
  Request,
  RowProgress,
  RunStreamEvent,
  Task,
  ToWorker,
} from "../protocol.js";
import { isRecord } from "../util/is-record.js";
import { boundAdapter } from "./adapter.js";
import { GPU_FAILURES, loadEngine, type Files, type Loaded, type LoadEngineOptions } from "./load-engine.js";
import { isFull, TOO_LITTLE_MEMORY } from "./memory.js";
import type { Modules } from "./modules.js";
import { perform } from "./registry.js";
import type { Engine, EngineStream, WasmModule } from "./wasm.js";

type Numbered<T> = { id: number } & T;
/** A question, a task, or a run that has its reply and goes on. */
type Job = Numbered<Question | Task | { type: "resume"; stream: EngineStream }>;

const TASKS: ReadonlySet<string> = new Set<Task["type"]>([
  "register",
  "unregister",
  "conflicts",
  "teach",
  "export",
  "openapi",
]);

const WANT_REPLIES: ReadonlySet<string> = new Set<RunStreamEvent["type"]>(["choose", "approve", "execute"]);

/** A device that is lost twice within this time is given up. */
const LOSS_WINDOW_MS = 60_000;

export function serve(port: Port<ToWorker, FromWorker>, wasm: WasmModule, modules: Modules): void {
  let files: Files | undefined;
  let options: LoadEngineOptions = {};
  let loaded: Loaded | undefined;
  let whyOneThread: string | undefined;
  /** When the device was last lost, and why it is the processor that goes on. */
  let lostAt = -Infinity;
  let givenUp: string | undefined;
  let busy = false;
  let running: number | undefined;
  const waiting: Job[] = [];
  /** Runs that wait for a reply of the page. */
  const parked = new Map<number, EngineStream>();
  const loading = new Map<number, AbortController>();
  boundAdapter();

  port.onmessage = ({ data }) => {
    if (!isRecord(data) || typeof data.id !== "number") return; // nobody waits for an answer
    try {
      if (data.type !== "cancel" && data.type !== "reply") checkRequest(data);
    } catch (error) {
      return fail(data.id, error);
    }
    if (data.type === "load") void answer(data.id, load(data));
    else if (data.type === "memory") void answer(data.id, memory());
    else if (data.type === "device") void answer(data.id, device());
    else if (data.type === "cancel") cancel(data.id);
    else if (data.type === "reply") resume(data);
    else {
      waiting.push(data);
      void work();
    }
  };

  async function answer(id: number, value: Promise<Answers[keyof Answers]>): Promise<void> {
    try {
      port.postMessage({ id, type: "done", value: await value });
    } catch (error) {
      fail(id, error);
    }
  }

  function fail(id: number, error: unknown): void {
    port.postMessage({ id, type: "error", ...describe(error) });
  }

  async function load(request: Numbered<Extract<Request, { type: "load" }>>): Promise<Tool[]> {
    const { id, checkpoint, adapter, pack, device = "auto", cache, stallMs, shards, threads } = request;
    const built = request.wasm ? { strict: new URL(request.wasm) } : modules;
    files = { checkpoint, adapter, pack, device, modules: built, threads };
    whyOneThread = request.whyOneThread;
    options = { cache, stallMs, shards };
    const report = (progress: Progress) => port.postMessage({ id, type: "progress", progress });
    const stop = new AbortController();
    loading.set(id, stop);
    try {
      loaded = await loadEngine(wasm, files, report, { ...options, signal: stop.signal });
      return loaded.engine.tools();
    } finally {
      loading.delete(id);
    }
  }

  async function memory(): Promise<Memory> {
    return { wasmBytes: wasm.memory_bytes(), checkpointBytes: loaded?.checkpointBytes ?? 0 };
  }

  async function device(): Promise<DeviceReport> {
    const { device, reason, whyStrict, startup } = ready(loaded);
    const { kind, description, counters } = device;
    const simd = { kind: wasm.simd(), reason: whyStrict };
    const threads = { count: 1 + (wasm.helpers?.() ?? 0), reason: whyOneThread };
    return { kind, description, reason: device.reason ?? reason ?? givenUp, counters, simd, threads, startup };
  }

  /**
   * Loads the model again if its device was lost, with the tools as they are now, on the processor if the GPU
   * doesn't come back; parked runs move along. Throws any other error.
   */
  async function recoverFrom(error: unknown): Promise<void> {
    const { code, message } = describe(error);
    if (code !== "device_lost") throw error;
    const now = performance.now();
    if (now - lostAt < LOSS_WINDOW_MS) {
      files!.device = "cpu";
      givenUp = message;
    }
    lostAt = now;
    const lost = loaded!;
    const pack = lost.engine.tools().length > 0 ? lost.engine.pack_bytes() : undefined;
    const open = () => loadEngine(wasm, { ...files!, pack }, () => {}, options);
    loaded = await open().catch((error) => {
      if (files!.device === "cpu" || !GPU_FAILURES.includes(describe(error).code)) throw error;
      files!.device = "cpu";
      givenUp = messageOf(error);
      return open();
    });
    for (const [id, stream] of parked) parked.set(id, loaded.engine.resume(stream));
    for (const job of waiting) if (job.type === "resume") job.stream = loaded.engine.resume(job.stream);
    lost.engine.free();
    lost.device.free();
  }

  function cancel(id: number): void {
    loading.get(id)?.abort();
    parked.get(id)?.free();
    parked.delete(id);
    const place = waiting.findIndex((job) => job.id === id);
    if (place >= 0) {
      const [job] = waiting.splice(place, 1);
      if (job!.type === "resume") job!.stream.free();
    } else if (running === id) running = undefined;
  }

  function resume({ id, reply }: Extract<ToWorker, { type: "reply" }>): void {
    const stream = parked.get(id);
    if (!stream) return; // it was cancelled
    parked.delete(id);
    try {
      stream.reply(reply);
    } catch (error) {
      stream.free();
      return fail(id, error);
    }
    waiting.unshift({ id, type: "resume", stream });
    void work();
  }

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      for (let job; (job = waiting.shift()); ) await compute(job);
    } finally {
      busy = false;
    }
  }

  async function compute(job: Job): Promise<void> {
    const { id } = job;
    const gap = new MessageGap();
    running = id;
    let stream: EngineStream | undefined;
    try {
      if (isTask(job)) {
        const yieldToMessages = async () => {
          await gap.yieldToMessages();
          return running === id;
        };
        const report = (progress: RowProgress) => port.postMessage({ id, type: "progress", progress });
        const task = () => perform(ready(loaded).engine, wasm, job, { yieldToMessages, report });
        const value = await task().catch(async (error) => {
          await recoverFrom(error);
          return task();
        });
        return port.postMessage({ id, type: "done", value });
      }
      stream = job.type === "resume" ? job.stream : ask(ready(loaded).engine, job);
      for (;;) {
        await gap.yieldToMessages();
        if (running !== id) break;
        let event;
        try {
          event = await stream.next();
        } catch (error) {
          await recoverFrom(error);
          stream = loaded!.engine.resume(stream);
          continue;
        }
        if (!event) break;
        const wantsReply = WANT_REPLIES.has(event.type);
        if (wantsReply) parked.set(id, stream);
        port.postMessage({ id, type: "event", event });
        if (wantsReply) return;
      }
      stream.free();
      port.postMessage({ id, type: "done" });
    } catch (error) {
      parked.delete(id);
      // After a crash the module's memory is not to be trusted: the page ends this worker.
      if (describe(error).code !== "crashed") stream?.free();
      fail(id, error);
    } finally {
      gap.close();
    }
  }
}

function isTask(job: Job): job is Numbered<Task> {
  return TASKS.has(job.type);
}

function ready(loaded: Loaded | undefined): Loaded {
  if (!loaded) throw new ToolgenError("no_pack", "The model is not loaded yet.");
  return loaded;
}

function ask(engine: Engine, question: Question): EngineStream {
  switch (question.type) {
    case "retrieve":
      return engine.retrieve(question.query, question.topK);
    case "call": {
      const { query, topK, tools, explain, required } = question;
      return engine.call(query, topK, tools, explain, required);
    }
    case "run": {
      const { query, topK, maxSteps, tools, unsure, explain } = question;
      return engine.run(query, topK, maxSteps, tools, unsure, explain);
    }
    case "complete":
      return engine.complete(question.prompt, question.maxTokens);
    case "completeArguments":
      return engine.complete_arguments(question.query, question.tool, question.maxTokens);
  }
}

function describe(error: unknown): Failure {
  if (error instanceof WebAssembly.RuntimeError) {
    const message = isFull() ? TOO_LITTLE_MEMORY : `The model crashed (${error.message}). Load it again.`;
    return { code: "crashed", message };
  }
  // The module's errors are none of our class, but have a code as well; a DOMException has a number there.
  const { code, url, status } = (error ?? {}) as Partial<ToolgenError>;
  return { code: typeof code === "string" ? code : "backend", message: messageOf(error), details: { url, status } };
}

/** Pauses in which messages that have arrived are handled: awaiting a promise alone lets none in. */
class MessageGap {
  readonly #channel = new MessageChannel();

  yieldToMessages(): Promise<void> {
    const { port1, port2 } = this.#channel;
    return new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
  }

  close(): void {
    this.#channel.port1.close();
  }
}
