/** The worker's side of the protocol: one engine, and one question computed at a time. */
import type { Engine, EngineStream, WasmModule } from "./engine.js";
import { messageOf, ToolgenError } from "./errors.js";
import { loadEngine } from "./load-engine.js";
import type { FromWorker, Port, Question, Request, ToWorker } from "./protocol.js";
import type { Memory, Progress, Tool } from "./types.js";

type Numbered<T> = { id: number } & T;

export function serve(port: Port<ToWorker, FromWorker>, wasm: WasmModule, wasmUrl: URL): void {
  let engine: Engine | undefined;
  let checkpointBytes = 0;
  let busy = false;
  let running: number | undefined;
  const waiting: Numbered<Question>[] = [];
  const loading = new Map<number, AbortController>();

  port.onmessage = ({ data }) => {
    if (data.type === "load") void answer(data.id, load(data));
    else if (data.type === "memory") void answer(data.id, memory());
    else if (data.type === "cancel") cancel(data.id);
    else {
      waiting.push(data);
      void work();
    }
  };

  async function answer(id: number, value: Promise<Tool[] | Memory>): Promise<void> {
    try {
      port.postMessage({ id, type: "done", value: await value });
    } catch (error) {
      port.postMessage({ id, type: "error", ...describe(error) });
    }
  }

  async function load(request: Numbered<Extract<Request, { type: "load" }>>): Promise<Tool[]> {
    const { id } = request;
    const files = { ...request, wasm: request.wasm ? new URL(request.wasm) : wasmUrl };
    const report = (progress: Progress) => port.postMessage({ id, type: "progress", progress });
    const stop = new AbortController();
    loading.set(id, stop);
    try {
      const { cache, stallMs } = request;
      ({ engine, checkpointBytes } = await loadEngine(wasm, files, report, { cache, stallMs, signal: stop.signal }));
      return engine.tools();
    } finally {
      loading.delete(id);
    }
  }

  async function memory(): Promise<Memory> {
    return { wasmBytes: wasm.memory_bytes(), checkpointBytes };
  }

  function cancel(id: number): void {
    loading.get(id)?.abort();
    const place = waiting.findIndex((question) => question.id === id);
    if (place >= 0) waiting.splice(place, 1);
    else if (running === id) running = undefined;
  }

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let question; (question = waiting.shift()); ) await compute(question);
    busy = false;
  }

  async function compute(question: Numbered<Question>): Promise<void> {
    const { id } = question;
    const gap = new MessageGap();
    running = id;
    let stream: EngineStream | undefined;
    try {
      stream = ask(engine, question);
      for (;;) {
        await gap.pass();
        if (running !== id) break;
        const event = await stream.next();
        if (!event) break;
        port.postMessage({ id, type: "event", event });
      }
      stream.free();
      port.postMessage({ id, type: "done" });
    } catch (error) {
      const description = describe(error);
      // After a crash the module's memory is not to be trusted: the page ends this worker.
      if (description.code !== "crashed") stream?.free();
      port.postMessage({ id, type: "error", ...description });
    } finally {
      gap.close();
    }
  }
}

function ask(engine: Engine | undefined, question: Question): EngineStream {
  if (!engine) throw new ToolgenError("no_pack", "The model is not loaded yet.");
  switch (question.type) {
    case "retrieve":
      return engine.retrieve(question.query, question.topK);
    case "call":
      return engine.call(question.query, question.topK);
    case "complete":
      return engine.complete(question.prompt, question.maxTokens);
  }
}

/** An error as plain data: structured cloning drops the fields of a class of ours. */
function describe(error: unknown): { code: string; message: string } {
  if (error instanceof WebAssembly.RuntimeError) {
    return { code: "crashed", message: `The model crashed (${error.message}). Load it again.` };
  }
  const { code } = (error ?? {}) as { code?: unknown };
  return { code: typeof code === "string" ? code : "backend", message: messageOf(error) };
}

/** A pause in which messages that have arrived are handled; awaiting a promise is none. */
class MessageGap {
  readonly #channel = new MessageChannel();

  pass(): Promise<void> {
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
