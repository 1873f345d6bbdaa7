/**
 * toolgen: a language model that calls tools in a web page, with no server.
 *
 * `load()` starts a worker; everything the model does happens there. Nothing runs on import.
 */
import { absolute } from "./util/absolute.js";
import { Client } from "./client.js";
import { isManifest } from "./download/manifest.js";
import { hasModel } from "./download/models.js";
import { requestPersistence } from "./download/quota.js";
import { ToolgenError } from "./core/errors.js";
import { Toolgen } from "./toolgen.js";
import type { CacheMode, DeviceChoice, Functions, Progress } from "./core/types.js";

export { defineTool, type ArgumentsOf, type FromSchema, type ToolDefinition } from "./infer.js";
export type { ApprovalReason, Problem, RowProgress } from "./protocol.js";
export type { HttpAnswer, ImageBody } from "./http/answer.js";
export { deleteModel, hasModel, listModels, type StoredModel } from "./download/models.js";
export { ToolgenError, type ErrorCode, type WasmErrorCode } from "./core/errors.js";
export { execute, type ExecuteEvent, type ExecuteOptions, type HttpOptions } from "./http/execute.js";
export { summarise, type Observation, type SummaryOptions } from "./observation/summarise.js";
export { buildRequest, type HttpRequest } from "./http/request.js";
export type { RetryOptions } from "./http/retry.js";
export type { RunEvent, RunOptions, Step } from "./run.js";
export type { SecretHeaders } from "./http/secrets.js";
export { Toolgen, type AskOptions, type CallOptions, type RegisterOptions, type Registration, type RowOptions } from "./toolgen.js";
export type * from "./core/types.js";

export interface LoadOptions {
  /**
   * The model's weights, shared by all packs that were made for them: a GGUF file, or the manifest
   * of one that is served in shards (a URL whose path ends in `.json`). Where a bundler has moved its
   * files, the URLs of manifest and shards: what the package of a checkpoint exports.
   */
  checkpoint: URL | string | ShardedCheckpoint;
  /** The tools, a safetensors file; without one, `register()` brings them. */
  pack?: URL | string | Uint8Array;
  /** Where the module lies, if not beside the worker. */
  wasm?: URL | string;
  /** Where the model computes; `auto` by default. With `cpu` no GPU is asked for. */
  device?: DeviceChoice;
  /** Functions that carry out tools in the page, by tool name. */
  functions?: Functions;
  /** Whether the checkpoint that an earlier visit kept is used. */
  cache?: CacheMode;
  /** Milliseconds without a byte after which a connection for a shard is given up and made again; 30 s when absent. */
  stallMs?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface ShardedCheckpoint {
  manifest: URL | string;
  /** By their names in the manifest. */
  shards: Record<string, URL | string>;
}

/** Loads a model with its tools. The checkpoint is kept in the browser's cache for the next visit. */
export async function load({ checkpoint, pack, wasm, device = "auto", functions = {}, cache = "prefer", stallMs, signal, onProgress }: LoadOptions): Promise<Toolgen> {
  signal?.throwIfAborted();
  if (typeof Worker === "undefined") {
    throw new ToolgenError("unsupported", "There are no workers here: call load() in a browser.");
  }
  const files = {
    ...locate(checkpoint),
    pack: pack === undefined || pack instanceof Uint8Array ? pack : absolute(pack),
    wasm: wasm === undefined ? undefined : absolute(wasm),
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

function locate(checkpoint: LoadOptions["checkpoint"]): { checkpoint: string; shards?: Record<string, string> } {
  if (typeof checkpoint === "string" || checkpoint instanceof URL) return { checkpoint: absolute(checkpoint) };
  const shards = Object.entries(checkpoint.shards).map(([name, url]) => [name, absolute(url)]);
  return { checkpoint: absolute(checkpoint.manifest), shards: Object.fromEntries(shards) };
}

/** Before a download that will be kept. Not waited for: a person may take long to answer, and may say no. */
async function askToKeep(manifestUrl: string): Promise<void> {
  if (!(await hasModel(manifestUrl).catch(() => false))) await requestPersistence();
}
