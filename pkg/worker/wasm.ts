/** The surface of the wasm module (`src/web/` in the crate), as the worker uses it. */
import type { Conflict, DeviceChoice, DeviceReport, Simd, Tool, Unsure } from "../core/types.js";
import type { Patience } from "../download/exchange.js";
import type { Asked, OpenApiImport, Reply, RunStreamEvent } from "../protocol.js";

export interface WasmModule {
  /** Fetches the module; gives its exports. */
  start(url: URL, patience?: Patience): Promise<unknown>;
  Device: { open(choice: DeviceChoice): Promise<Device> };
  CheckpointReader: new (totalBytes: number, device: Device) => CheckpointReader;
  memory_bytes(): number;
  /** How the processor's products are computed. */
  simd(): Simd;
  /** Of a module with threads: has further workers help. */
  startHelpers?(count: number): Promise<void>;
  /** How many do. */
  helpers?(): number;
  import_openapi(document: string, baseUrl?: string, fixed?: Record<string, string>): OpenApiImport;
}

/** Where the model computes. */
export interface Device extends Omit<DeviceReport, "simd" | "startup" | "threads"> {
  free(): void;
}

/** Receives the checkpoint chunk by chunk, so that it is never held twice. */
export interface CheckpointReader {
  /** Takes an adapter's file, before `finish()`; throws `adapter` where it can't be read. */
  adapt(bytes: Uint8Array): void;
  push(chunk: Uint8Array): void;
  /** Consumes the reader. Throws `base_mismatch` for an adapter of another checkpoint. */
  finish(): Promise<Engine>;
  free(): void;
}

export interface Engine {
  load_pack(bytes: Uint8Array): void;
  tools(): Tool[];
  retrieve(query: Asked | string, topK: number): EngineStream;
  call(query: Asked | string, topK: number, names?: string[], explain?: boolean, required?: boolean): EngineStream;
  run(
    query: Asked | string,
    topK: number,
    maxSteps: number,
    names?: string[],
    unsure?: Unsure,
    explain?: boolean,
  ): EngineStream;
  complete(prompt: string, maxTokens: number): EngineStream;
  complete_arguments(query: Asked | string, tool: string, maxTokens: number): EngineStream;
  /** Throws `schema` where the tool can't be called. */
  prepare(tool: Tool): PreparedTool;
  document_key(tool: PreparedTool): string;
  document_row(tool: PreparedTool): Promise<Float32Array>;
  /** Whether a row for the same document is there. */
  has_row(tool: PreparedTool): boolean;
  /** Takes tools that have rows; consumes them. */
  update_tools(tools: PreparedTool[]): void;
  /** Consumes the tools. */
  add_tools(tools: PreparedTool[], rows: Float32Array): void;
  remove_tools(names: string[]): void;
  similar(names: string[] | undefined, minSimilarity: number): Conflict[];
  example(question: string): Promise<object>;
  teach(examples: unknown[]): void;
  pack_bytes(): Uint8Array;
  /** Goes on with the stream of an engine whose device was lost; consumes that stream. */
  resume(stream: EngineStream): EngineStream;
  free(): void;
}

/** A tool that can be called, once its row is known. */
export interface PreparedTool {
  /** Its document, with its schema restricted to what the argument grammar supports. */
  readonly tool: Tool;
  /** What its schema had to lose. */
  readonly left_out: string[];
  free(): void;
}

/** One unit of work for each `next()`. */
export interface EngineStream {
  next(): Promise<RunStreamEvent | undefined>;
  /** After an event that wants a reply, before the next `next()`. */
  reply(reply: Reply): void;
  free(): void;
}
