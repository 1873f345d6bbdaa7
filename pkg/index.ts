/**
 * toolgen: a language model that calls tools in a web page, with no server.
 *
 * `load()` starts a worker; everything the model does happens there. Nothing runs on import.
 */
import { Client } from "./client.js";
import { ToolgenError } from "./core/errors.js";
import type { CacheMode, DeviceChoice, Functions, Progress } from "./core/types.js";
import { isManifest } from "./download/manifest.js";
import { hasModel } from "./download/models.js";
import { requestPersistence } from "./download/quota.js";
import { Toolgen } from "./toolgen.js";
import { absolute } from "./util/absolute.js";

export { defineTool, type ArgumentsOf, type FromSchema, type ToolDefinition } from "./infer.js";
export type { ApprovalReason, Narrowed, Problem, RowProgress } from "./protocol.js";
export type { HttpAnswer, ImageBody } from "./http/answer.js";
export { deleteModel, hasModel, listModels, type StoredModel } from "./download/models.js";
export { ToolgenError, type ErrorCode, type WasmErrorCode } from "./core/errors.js";
export { execute, type ExecuteEvent, type ExecuteOptions, type HttpOptions } from "./http/execute.js";
export { summarise, type Observation, type SummaryOptions } from "./observation/summarise.js";
export { buildRequest, type HttpRequest } from "./http/request.js";
export type { RetryOptions } from "./http/retry.js";
export type { QuestionOptions, Turn } from "./question.js";
export type { RunEvent, RunOptions, Step } from "./run.js";
export type { SecretHeaders } from "./http/secrets.js";
export {
  Toolgen,
  type AskOptions,
  type CallOptions,
  type CallResult,
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
  /** The device to compute on; `auto` by default. `cpu` never requests a GPU. */
  device?: DeviceChoice;
  /** Functions that carry out tools in the page, by tool name. */
  functions?: Functions;
  /** Whether a checkpoint and an adapter that an earlier visit stored are used; `prefer` by default. */
  cache?: CacheMode;
  /** A shard's connection is opened again after this many milliseconds without data; 30,000 by default. */
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
export async function load({
  checkpoint,
  adapter,
  pack,
  wasm,
  device = "auto",
  functions = {},
  cache = "prefer",
  stallMs,
  signal,
  onProgress,
}: LoadOptions): Promise<Toolgen> {
  signal?.throwIfAborted();
  if (typeof Worker === "undefined") {
    throw new ToolgenError("unsupported", "Web Workers are unavailable; call load() in a browser.");
  }
  const files = {
    ...locate(checkpoint),
    adapter: place(adapter),
    pack: place(pack),
    wasm: wasm && absolute(wasm),
    cache,
    stallMs,
    device,
  };
  if (cache !== "none" && isManifest(files.checkpoint)) void askToKeep(files.checkpoint);
  // Written in one piece: this is the form that bundlers recognise.
  const client = new Client(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
  try {
    const tools = await client.ask({ type: "load", ...files }, { signal, onProgress });
    return new Toolgen(client, tools, functions);
  } catch (error) {
    client.end("disposed", "Loading failed.");
    throw error;
  }
}

/** A file's URL, or its bytes as they are. */
function place(file: URL | string | Uint8Array | undefined): string | Uint8Array | undefined {
  return file === undefined || file instanceof Uint8Array ? file : absolute(file);
}

function locate(checkpoint: LoadOptions["checkpoint"]): { checkpoint: string; shards?: Record<string, string> } {
  if (typeof checkpoint === "string" || checkpoint instanceof URL) return { checkpoint: absolute(checkpoint) };
  const shards = Object.entries(checkpoint.shards).map(([name, url]) => [name, absolute(url)]);
  return { checkpoint: absolute(checkpoint.manifest), shards: Object.fromEntries(shards) };
}

/** Before a download that will be stored. Not awaited: a person may take long to answer, and may say no. */
async function askToKeep(manifestUrl: string): Promise<void> {
  if (!(await hasModel(manifestUrl).catch(() => false))) await requestPersistence();
}
