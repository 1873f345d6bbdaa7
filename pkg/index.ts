/**
 * toolgen: a language model that calls tools in a web page, with no server.
 *
 * `load()` starts a worker; everything the model does happens there. Nothing runs on import.
 */
import { Client, type WorkerLike } from "./client.js";
import { messageOf, ToolgenError } from "./core/errors.js";
import { attempt, read } from "./util/options.js";
import type { CacheMode, DeviceChoice, Functions, Progress } from "./core/types.js";
import { requestPersistence } from "./download/quota.js";
import { chooseThreads } from "./threads.js";
import { Toolgen } from "./toolgen.js";
import { absolute } from "./util/absolute.js";
import { throwIfAborted } from "./util/signals.js";

export { defineTool, type ArgumentsOf, type FromSchema, type StandardSchema, type ToolDefinition } from "./infer.js";
export type { ApprovalReason, FinishReason, Narrowed, Problem, RowProgress } from "./protocol.js";
export type { HttpAnswer, ImageBody } from "./http/answer.js";
export { ToolgenError, type ErrorCode, type WasmErrorCode } from "./core/errors.js";
export type { ExecuteEvent, HttpOptions } from "./http/execute.js";
export { summarise, type Observation, type SummaryOptions } from "./observation/summarise.js";
export type { HttpRequest } from "./http/request.js";
export type { RetryOptions } from "./http/retry.js";
export type { Conversation, ConversationOptions } from "./conversation.js";
export type { QuestionOptions, Turn } from "./question.js";
export type { RunEvent, RunOptions, Step } from "./run.js";
export type { SecretHeaders } from "./http/secrets.js";
export {
  Toolgen,
  type AskOptions,
  type CallOptions,
  type CallResult,
  type CompletionOptions,
  type RegisterOptions,
  type Registration,
  type RowOptions,
} from "./toolgen.js";
export type * from "./core/types.js";

export interface LoadOptions {
  /**
   * The base's weights: the URL of a GGUF file, or of the manifest of one in shards (its path ends in
   * `.json`). Where a bundler moves files, the URLs of the manifest and its shards, as the model's npm
   * package exports them.
   */
  checkpoint: URL | string | ShardedCheckpoint;
  /**
   * What training added to the checkpoint, as a safetensors file. By default the one that the manifest
   * names, if it names one; a checkpoint with the adapter merged into it takes none.
   */
  adapter?: URL | string | Uint8Array;
  /** The tools, as a safetensors file; without one, `register()` adds them. */
  pack?: URL | string | Uint8Array;
  /** The URL of the wasm module, if it is not next to the worker. */
  wasm?: URL | string;
  /**
   * The URL of `toolgen/worker.js` where the bundler doesn't move it, or a function that makes the worker. It must come
   * from the page's origin.
   */
  worker?: URL | string | (() => WorkerLike);
  /** The device to compute on; `auto` by default. `cpu` never requests a GPU. */
  device?: DeviceChoice;
  /**
   * On how many threads the processor computes, where the page is isolated (COOP and COEP); by default as many as there
   * are processors, at most four.
   */
  threads?: number;
  /** Functions that carry out tools in the page, by tool name. */
  functions?: Functions;
  /** Whether a checkpoint and an adapter that an earlier visit stored are used; `prefer` by default. */
  cache?: CacheMode;
  /** A connection that brings nothing for this many milliseconds is given up, or opened again; 30,000 by default. */
  stallMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface ShardedCheckpoint {
  manifest: URL | string;
  /** By their names in the manifest. */
  shards: Record<string, URL | string>;
}

/** Loads a model with its tools. Checkpoint and adapter are stored in the browser for the next visit. */
export async function load(given: LoadOptions): Promise<Toolgen> {
  const { checkpoint, adapter, pack, wasm, worker, cache = "prefer", signal, onProgress, ...rest } = read(given);
  const functions = attempt("functions", () => ({ ...rest.functions }));
  throwIfAborted(signal);
  const { device = "auto", stallMs } = rest;
  const files = {
    ...locate(checkpoint),
    adapter: place(adapter, "adapter"),
    pack: place(pack, "pack"),
    wasm: wasm && absolute(wasm),
  };
  let asked = cache === "none";
  const loadIn = async (worker: WorkerLike, threads: number | string) => {
    const client = new Client(worker);
    const how = typeof threads === "number" ? { threads } : { whyOneThread: threads };
    try {
      const tools = await client.ask(
        { type: "load", ...files, cache, stallMs, device, ...how },
        {
          signal,
          onProgress(progress) {
            // Not awaited: a person may take long to answer, and may say no.
            if (!asked && !progress.cached) void requestPersistence();
            asked ||= !progress.cached;
            onProgress?.(progress);
          },
        },
      );
      return new Toolgen(client, tools, functions);
    } catch (error) {
      client.end("disposed", "Loading failed.");
      throw error;
    }
  };
  let threads = await chooseThreads(device, rest.threads, !!(wasm || worker));
  // The workers' URLs are written in one piece: this is the form that bundlers recognise.
  if (typeof threads === "number") {
    const isolated = start(() => new Worker(new URL("./worker-threads.js", import.meta.url), { type: "module" }));
    try {
      return await loadIn(isolated, threads);
    } catch (error) {
      if (!(error instanceof ToolgenError && ["wasm", "crashed"].includes(error.code))) throw error;
      threads = error.message;
    }
  }
  const plain = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const named = () => new Worker(absolute(worker as URL | string), { type: "module" });
  return loadIn(start(typeof worker === "function" ? worker : worker ? named : plain), threads);
}

const FOREIGN =
  "its file must come from the page's origin. Serve toolgen/worker.js there, with the module beside it, and name it with the option `worker`";
const UNTRUSTED = "the page has Trusted Types. Let the option `worker` be a function that makes it with a trusted URL";

function start(make: () => WorkerLike): WorkerLike {
  let worker: Partial<WorkerLike> | undefined;
  try {
    worker = make();
  } catch (cause) {
    if (cause instanceof ToolgenError) throw cause;
    if (typeof Worker === "undefined")
      throw new ToolgenError("unsupported", "Web Workers are unavailable; call load() in a browser.", { cause });
    const reason = messageOf(cause);
    const hint = reason.includes("TrustedScriptURL") ? UNTRUSTED : FOREIGN;
    throw new ToolgenError("unsupported", `The worker can't be started (${reason}): ${hint}.`, { cause });
  }
  // One that has listened already is another model's, or was ended with it.
  if (typeof worker?.postMessage === "function" && typeof worker.terminate === "function" && !worker.onmessage)
    return worker as WorkerLike;
  throw new ToolgenError("bad_argument", "The option `worker` must give a new Worker each time.");
}

/** A file's URL, or its bytes as they are. */
function place(file: URL | string | Uint8Array | undefined, name: string): string | Uint8Array | undefined {
  return file === undefined || file instanceof Uint8Array ? file : absolute(file, name);
}

function locate(checkpoint: LoadOptions["checkpoint"]): { checkpoint: string; shards?: Record<string, string> } {
  if (typeof checkpoint !== "object" || checkpoint instanceof URL)
    return { checkpoint: absolute(checkpoint, "checkpoint") };
  return attempt("The checkpoint", () => {
    const shards = Object.entries(checkpoint.shards).map(([name, url]) => [name, absolute(url)]);
    return { checkpoint: absolute(checkpoint.manifest), shards: Object.fromEntries(shards) };
  });
}
