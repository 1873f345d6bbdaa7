/** The surface of the wasm module (`src/web/` in the crate), as the worker uses it. */
import type { StreamEvent, Tool } from "./types.js";

export interface WasmModule {
  default(options: { module_or_path: URL | Response | Promise<Response> }): Promise<unknown>;
  CheckpointReader: new (totalBytes: number) => CheckpointReader;
  memory_bytes(): number;
}

/** Receives the checkpoint chunk by chunk, so that it is never held twice. */
export interface CheckpointReader {
  push(chunk: Uint8Array): void;
  /** Consumes the reader. */
  finish(): Engine;
  free(): void;
}

export interface Engine {
  load_pack(bytes: Uint8Array): void;
  tools(): Tool[];
  retrieve(query: string, topK: number): EngineStream;
  call(query: string, topK: number): EngineStream;
  complete(prompt: string, maxTokens: number): EngineStream;
  free(): void;
}

/** One unit of work for each `next()`. */
export interface EngineStream {
  next(): Promise<StreamEvent | undefined>;
  free(): void;
}
