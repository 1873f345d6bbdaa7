/** The page's side of the protocol: every request settles exactly once. */
import { messageOf, ToolgenError, type ErrorCode } from "./core/errors.js";
import type { StreamEvent } from "./core/types.js";
import type {
  Answers,
  FromWorker,
  Port,
  Question,
  Reply,
  Reports,
  Request,
  RunStreamEvent,
  ToWorker,
} from "./protocol.js";
import { onEndOfLife, type Alive } from "./util/life.js";
import { LinkedController, onAbort, reasonOf } from "./util/signals.js";

/** The part of `Worker` that is used. */
export interface WorkerLike extends Port<FromWorker | Alive, ToWorker> {
  onerror?: ((event: ErrorEvent) => void) | null;
  onmessageerror?: ((event: MessageEvent) => void) | null;
  terminate(): void;
}

interface AskOptions<T> {
  signal?: AbortSignal;
  onProgress?: (progress: T extends keyof Reports ? Reports[T] : never) => void;
}

interface Listeners {
  onEvent?(event: RunStreamEvent): void;
  onProgress?(progress: Reports[keyof Reports]): void;
}

interface Pending extends Listeners {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** Browsers don't say why. */
const NOT_LOADED =
  "its file could not be loaded. Is it there (option `worker`), allowed by the Content-Security-Policy, and served with COEP where the page is";

/** The package's worker says at once that it lives. Another script says nothing, and nothing says that it is another. */
const SILENCE_MS = 60_000;
/** For what waits in a page that was busy, or asleep, all that time. */
const GRACE_MS = 1000;

export class Client {
  readonly #worker: WorkerLike;
  #silence?: ReturnType<typeof setTimeout>;
  readonly #pending = new Map<number, Pending>();
  readonly #ending = new AbortController();
  /** Aborted, with the error for all that is asked, once the worker is no more. */
  readonly ended = this.#ending.signal;
  /** Of questions whose events nobody can read any more: a run would wait for its reply for ever. */
  readonly #forgotten = new FinalizationRegistry<AbortController>((controller) => controller.abort());
  #lastId = 0;

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = ({ message }) =>
      /SyntaxError/.test(message)
        ? this.end("unsupported", `This browser is too old for the worker (${message}).`)
        : this.end("crashed", `The worker failed: ${message || NOT_LOADED}.`);
    worker.onmessageerror = () => this.end("crashed", "The worker sent a message that cannot be read.");
  }

  ask<T extends keyof Answers>(
    request: { type: T } & Extract<Request, { type: T }>,
    { signal, onProgress }: AskOptions<T> = {},
  ): Promise<Answers[T]> {
    return this.#send(++this.#lastId, request, { onProgress } as Listeners, signal) as Promise<Answers[T]>;
  }

  /** A question's events as they come. Leaving the loop early cancels the question. */
  stream(
    question: Extract<Question, { type: "retrieve" | "call" }>,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, void> {
    return this.converse(question, signal) as AsyncGenerator<StreamEvent, void, void>;
  }

  /** The same; `next()` takes the reply to an event that wants one. */
  converse(question: Question, signal?: AbortSignal): AsyncGenerator<RunStreamEvent, void, Reply | undefined> {
    const stop = new LinkedController(signal);
    const events = this.#converse(question, stop);
    this.#forgotten.register(events, stop, stop);
    return events;
  }

  async *#converse(
    question: Question,
    stop: LinkedController,
  ): AsyncGenerator<RunStreamEvent, void, Reply | undefined> {
    const id = ++this.#lastId;
    const events: RunStreamEvent[] = [];
    let wake = () => {};
    let ended = false;
    const onEvent = (event: RunStreamEvent) => {
      events.push(event);
      wake();
    };
    const answer = this.#send(id, question, { onEvent }, stop.signal);
    const end = () => {
      ended = true;
      wake();
    };
    answer.then(end, end);
    try {
      for (;;) {
        // What was said before the end is not acted on after it.
        while (events.length > 0 && !stop.signal.aborted && !this.ended.aborted) {
          const reply = yield events.shift()!;
          if (reply && !stop.signal.aborted) this.#worker.postMessage({ type: "reply", id, reply });
        }
        if (ended || stop.signal.aborted) break;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      await answer;
    } finally {
      // Its callback may run while the page is in the back/forward cache: the browser then discards the page.
      this.#forgotten.unregister(stop);
      stop.unlink();
      if (!ended) stop.abort();
    }
  }

  /** Stops the worker, which frees all its memory, and rejects what is pending. */
  end(code: ErrorCode, message: string): void {
    if (this.ended.aborted) return;
    const error = new ToolgenError(code, message);
    this.#ending.abort(error);
    clearTimeout(this.#silence);
    this.#worker.terminate();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }

  #send(id: number, request: Request, listeners: Listeners, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    if (this.ended.aborted) return Promise.reject(this.ended.reason);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { ...listeners, resolve, reject });
    });
    const letGo = onAbort(signal, (reason) => {
      this.#take(id)?.reject(reason);
      this.#worker.postMessage({ type: "cancel", id });
    });
    if (request.type === "load") this.#awaitWord();
    try {
      this.#worker.postMessage({ id, ...request });
    } catch (cause) {
      // A function, or a getter that throws, in what was passed.
      const message = `This can't be sent to the worker: ${messageOf(cause)}.`;
      this.#take(id)?.reject(new ToolgenError("bad_argument", message, { cause }));
    }
    return answer.finally(letGo);
  }

  #awaitWord(): void {
    const end = () => this.end("crashed", `The worker says nothing: ${NOT_LOADED}.`);
    this.#silence = setTimeout(() => (this.#silence = setTimeout(end, GRACE_MS)), SILENCE_MS);
  }

  #receive(message: FromWorker | Alive): void {
    if (Object(message) !== message) return; // of another script
    const isAlive = "alive" in message;
    if (isAlive || this.#pending.has(message.id)) clearTimeout(this.#silence);
    if (isAlive) {
      if (!message.alive) return;
      const ended = () => this.end("crashed", "The browser ended the worker. Load the model again.");
      return onEndOfLife(message.alive, ended, this.ended);
    }
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
        this.#take(message.id)!.reject(new ToolgenError(message.code, message.message, message.details));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
