/** The page's side of the protocol: every request settles exactly once. */
import { ToolgenError, type ErrorCode } from "./core/errors.js";
import type { FromWorker, OpenApiImport, Port, Question, Registered, Reply, Request, RowProgress, RunStreamEvent, Task, ToWorker } from "./protocol.js";
import type { Conflict, DeviceReport, Memory, Progress, StreamEvent, Tool } from "./core/types.js";

/** The part of `Worker` that is used. */
export interface WorkerLike extends Port<FromWorker, ToWorker> {
  onerror?: ((event: ErrorEvent) => void) | null;
  onmessageerror?: ((event: MessageEvent) => void) | null;
  terminate(): void;
}

interface Options<P = any, E = any> {
  signal?: AbortSignal;
  onEvent?: (event: E) => void;
  onProgress?: (progress: P) => void;
}

interface Pending extends Options {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

export class Client {
  readonly #worker: WorkerLike;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #end?: ToolgenError;

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => this.end("crashed", `The worker failed: ${event.message || "its file could not be loaded"}.`);
    worker.onmessageerror = () => this.end("crashed", "The worker sent a message that cannot be read.");
  }

  ask(request: Extract<Request, { type: "load" }>, options: Options<Progress>): Promise<Tool[]>;
  ask(request: { type: "memory" }, options?: Options): Promise<Memory>;
  ask(request: { type: "device" }, options?: Options): Promise<DeviceReport>;
  ask(request: Extract<Task, { type: "register" }>, options: Options<RowProgress>): Promise<Registered>;
  ask(request: Extract<Task, { type: "unregister" }>, options: Options): Promise<Tool[]>;
  ask(request: Extract<Task, { type: "conflicts" }>, options: Options): Promise<Conflict[]>;
  ask(request: Extract<Task, { type: "teach" }>, options: Options<RowProgress>): Promise<void>;
  ask(request: Extract<Task, { type: "export" }>, options: Options): Promise<Uint8Array>;
  ask(request: Extract<Task, { type: "openapi" }>, options: Options): Promise<OpenApiImport>;
  ask(request: Question, options: Options<any, RunStreamEvent>, id?: number): Promise<void>;
  ask(request: Request, options: Options<any, any> = {}, id: number = ++this.#lastId): Promise<any> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#end) return Promise.reject(this.#end);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { ...options, resolve, reject });
    });
    const abort = () => {
      this.#take(id)?.reject(signal!.reason);
      this.#worker.postMessage({ type: "cancel", id });
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#worker.postMessage({ id, ...request });
    return answer.finally(() => signal?.removeEventListener("abort", abort));
  }

  /** A question's events as they come. Leaving the loop early cancels the question. */
  stream(question: Exclude<Question, { type: "run" }>, signal?: AbortSignal): AsyncGenerator<StreamEvent, void, void> {
    return this.converse(question, signal) as AsyncGenerator<StreamEvent, void, void>;
  }

  /** The same; `next()` takes the reply to an event that wants one. */
  async *converse(question: Question, signal?: AbortSignal): AsyncGenerator<RunStreamEvent, void, Reply | undefined> {
    const id = ++this.#lastId;
    const stop = new AbortController();
    const abort = () => stop.abort(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });

    const events: RunStreamEvent[] = [];
    let wake = () => {};
    let ended = false;
    const answer = this.ask(question, {
      signal: stop.signal,
      onEvent(event) {
        events.push(event);
        wake();
      },
    }, id);
    const settled = answer.catch(() => {}).then(() => {
      ended = true;
      wake();
    });
    try {
      for (;;) {
        while (events.length > 0 && !stop.signal.aborted) {
          const reply = yield events.shift()!;
          if (reply && !stop.signal.aborted) this.#worker.postMessage({ type: "reply", id, reply });
        }
        if (ended || stop.signal.aborted) break;
        await Promise.race([settled, new Promise<void>((resolve) => (wake = resolve))]);
      }
      await answer;
    } finally {
      signal?.removeEventListener("abort", abort);
      if (!ended) stop.abort();
    }
  }

  /** Stops the worker, which frees all its memory, and rejects what is pending. */
  end(code: ErrorCode, message: string): void {
    if (this.#end) return;
    this.#end = new ToolgenError(code, message);
    this.#worker.terminate();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#end);
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return; // its request was aborted
    switch (message.type) {
      case "progress":
        return pending.onProgress?.(message.progress);
      case "event":
        return pending.onEvent?.(message.event);
      case "done":
        return this.#take(message.id)!.resolve(message.value);
      case "error":
        if (message.code === "crashed") return this.end("crashed", message.message);
        this.#take(message.id)!.reject(new ToolgenError(message.code as ErrorCode, message.message));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
