/**
 * toolgen: a language model that calls tools in a web page, with no server.
 *
 * `load()` starts a worker; everything the model does happens there. Nothing runs on import.
 */
import { Client } from "./client.js";
import { ToolgenError } from "./errors.js";
import { Toolgen } from "./toolgen.js";
import type { DeviceChoice, Functions, Progress } from "./types.js";

export { ToolgenError, type ErrorCode } from "./errors.js";
export { execute, type ExecuteOptions, type HttpAnswer } from "./execute.js";
export { buildRequest, type HttpRequest } from "./request.js";
export type { Observation, RunEvent, RunOptions } from "./run.js";
export { Toolgen, type AskOptions } from "./toolgen.js";
export type * from "./types.js";

export interface LoadOptions {
  /** The model's weights, a GGUF file: shared by all packs that were made for it. */
  checkpoint: URL | string;
  /** The tools, a safetensors file. */
  pack: URL | string | Uint8Array;
  /** Where the module lies, if not beside the worker. */
  wasm?: URL | string;
  /** Where the model computes; `auto` by default. With `cpu` no GPU is asked for. */
  device?: DeviceChoice;
  /** Functions that carry out tools in the page, by tool name. */
  functions?: Functions;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Loads a model with its tools. The checkpoint is kept in the browser's cache for the next visit. */
export async function load({ checkpoint, pack, wasm, device = "auto", functions = {}, signal, onProgress }: LoadOptions): Promise<Toolgen> {
  signal?.throwIfAborted();
  if (typeof Worker === "undefined") {
    throw new ToolgenError("unsupported", "There are no workers here: call load() in a browser.");
  }
  const files = {
    checkpoint: absolute(checkpoint),
    pack: pack instanceof Uint8Array ? pack : absolute(pack),
    wasm: wasm === undefined ? undefined : absolute(wasm),
    device,
  };
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

/** The page's base, not the worker's, is what a relative URL means. */
function absolute(url: URL | string): string {
  return new URL(url, globalThis.document?.baseURI ?? location.href).href;
}
