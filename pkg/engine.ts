/** The surface of the wasm module (`src/web/` in the crate), as the worker uses it. */
import type { DeviceChoice, DeviceReport, StreamEvent, Tool } from "./types.js";

export interface WasmModule {
  default(options: { module_or_path: URL | Response | Promise<Response> }): Promise<unknown>;
  Device: { open(choice: DeviceChoice): Promise<Device> };
  CheckpointReader: new (totalBytes: number, device: Device) => CheckpointReader;
  memory_bytes(): number;
}

/** Where the model computes. */
export interface Device extends DeviceReport {
  free(): void;
}

/** Receives the checkpoint chunk by chunk, so that it is never held twice. */
export interface CheckpointReader {
  push(chunk: Uint8Array): void;
  /** Consumes the reader. */
  finish(): Promise<Engine>;
  free(): void;
}

export interface Engine {
  load_pack(bytes: Uint8Array): void;
  tools(): Tool[];
  retrieve(query: string, topK: number): EngineStream;
  call(query: string, topK: number): EngineStream;
  complete(prompt: string, maxTokens: number): EngineStream;
  /** Goes on with the stream of an engine whose device was lost; consumes that stream. */
  resume(stream: EngineStream): EngineStream;
  free(): void;
}

/** One unit of work for each `next()`. */
export interface EngineStream {
  next(): Promise<StreamEvent | undefined>;
  free(): void;
}
