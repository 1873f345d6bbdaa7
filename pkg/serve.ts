/** The worker's side of the protocol: one engine, and one question computed at a time. */
import type { EngineStream, WasmModule } from "./engine.js";
import { messageOf, ToolgenError } from "./errors.js";
import { loadEngine, type Files, type Loaded } from "./load-engine.js";
import type { FromWorker, Port, Question, Request, ToWorker } from "./protocol.js";
import type { DeviceReport, Memory, Tool } from "./types.js";

type Numbered<T> = { id: number } & T;

/** A device that is lost twice within so many milliseconds is given up. */
const TOO_OFTEN = 60_000;

export function serve(port: Port<ToWorker, FromWorker>, wasm: WasmModule, wasmUrl: URL): void {
  let files: Files | undefined;
  let loaded: Loaded | undefined;
  /** When the device was last lost, and why it is the processor that goes on. */
  let lostAt = -Infinity;
  let givenUp: string | undefined;
  let busy = false;
  let running: number | undefined;
  const waiting: Numbered<Question>[] = [];

  port.onmessage = ({ data }) => {
    if (data.type === "load") void answer(data.id, load(data));
    else if (data.type === "memory") void answer(data.id, memory());
    else if (data.type === "device") void answer(data.id, device());
    else if (data.type === "cancel") cancel(data.id);
    else {
      waiting.push(data);
      void work();
    }
  };

  async function answer(id: number, value: Promise<Tool[] | Memory | DeviceReport>): Promise<void> {
    try {
      port.postMessage({ id, type: "done", value: await value });
    } catch (error) {
      port.postMessage({ id, type: "error", ...describe(error) });
    }
  }

  async function load(request: Numbered<Extract<Request, { type: "load" }>>): Promise<Tool[]> {
    const { id, checkpoint, pack, device = "auto" } = request;
    files = { checkpoint, pack, device, wasm: request.wasm ? new URL(request.wasm) : wasmUrl };
    loaded = await loadEngine(wasm, files, (progress) => {
      port.postMessage({ id, type: "progress", progress });
    });
    files.pack = loaded.pack;
    return loaded.engine.tools();
  }

  async function memory(): Promise<Memory> {
    return { wasmBytes: wasm.memory_bytes(), checkpointBytes: loaded?.checkpointBytes ?? 0 };
  }

  async function device(): Promise<DeviceReport> {
    if (!loaded) throw new ToolgenError("no_pack", "The model is not loaded yet.");
    const { kind, description, reason, counters } = loaded.device;
    return { kind, description, reason: reason ?? loaded.reason ?? givenUp, counters };
  }

  /** Loads the model again after its device was lost, and goes on with the stream where it was. */
  async function recover(stream: EngineStream, reason: string): Promise<EngineStream> {
    const now = performance.now();
    if (now - lostAt < TOO_OFTEN) {
      files!.device = "cpu";
      givenUp = reason;
    }
    lostAt = now;
    const lost = loaded!;
    loaded = await loadEngine(wasm, files!, () => {});
    const resumed = loaded.engine.resume(stream);
    lost.engine.free();
    lost.device.free();
    return resumed;
  }

  function cancel(id: number): void {
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
      stream = ask(loaded?.engine, question);
      for (;;) {
        await gap.pass();
        if (running !== id) break;
        try {
          const event = await stream.next();
          if (!event) break;
          port.postMessage({ id, type: "event", event });
        } catch (error) {
          const { code, message } = describe(error);
          if (code !== "device_lost") throw error;
          stream = await recover(stream, message);
        }
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

function ask(engine: Loaded["engine"] | undefined, question: Question): EngineStream {
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
