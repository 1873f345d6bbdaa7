/** A JSON Schema, as far as this package looks into it. */
export interface JsonSchema {
  type?: string | readonly string[];
  properties?: { readonly [name: string]: JsonSchema };
  required?: readonly string[];
  description?: string;
  enum?: readonly unknown[];
  [keyword: string]: unknown;
}

/** How a tool is carried out over HTTP. `{parameter}` stands for an argument. */
export interface HttpDescription {
  method: string;
  /** Placeholders may stand in the path, never in the origin. */
  url: string;
  /** An entry whose argument is absent is dropped. */
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Sent as JSON; a string that is one placeholder keeps its argument's type. */
  body?: unknown;
  /** Whether the browser adds cookies and the like, in `fetch`'s words; "omit" when absent. */
  credentials?: "omit" | "same-origin" | "include";
  /** Label → JSON Pointer (RFC 6901): the part of the answer to show. */
  result?: Record<string, string>;
  /** A page for people. */
  documentation?: string;
}

/** A tool's document, as the pack holds it. */
export interface Tool {
  name: string;
  description: string;
  parameters: JsonSchema;
  http?: HttpDescription;
  annotations?: { title?: string; readOnlyHint?: boolean; idempotentHint?: boolean };
}

export type Arguments = Record<string, unknown>;

export interface RankedTool {
  name: string;
  probability: number;
}

export interface ToolCall {
  name: string;
  arguments: Arguments;
}

/** One token of free text. */
export interface Token {
  id: number;
  text: string;
}

/** What the model reports while it works. */
export type StreamEvent =
  | { type: "prefill"; done: number; total: number }
  /** `abstain` is the probability that no tool fits, beside the tools'; after a call, that no other is needed. */
  | { type: "ranking"; tools: RankedTool[]; abstain: number }
  /** No tool fits; nothing follows. */
  | { type: "abstain" }
  | { type: "tool"; name: string }
  /** `text` continues the JSON of the arguments. */
  | { type: "arguments"; text: string }
  | { type: "call"; call: ToolCall }
  | ({ type: "token" } & Token);

/** Two tools that the model may mix up: reword one of them. */
export interface Conflict {
  tools: [string, string];
  /** The cosine of their rows: 1 for documents that read the same to the model. */
  similarity: number;
}

/** What a question asks for: a tool's name, or null where none fits. */
export interface Example {
  query: string;
  tool: string | null;
}

/** Bytes of one file while it loads. `total` is absent when the server doesn't tell. */
export interface Progress {
  file: "checkpoint" | "pack";
  /** Goes back by a chunk when one arrived damaged and is fetched again. */
  loaded: number;
  total?: number;
  /** Average over the last five seconds. */
  bytesPerSecond: number;
  /** At that rate. Absent without a total and while nothing comes. */
  remainingMs?: number;
  /** Read from this browser's cache, not from the network. */
  cached: boolean;
}

/**
 * Whether the checkpoint that an earlier visit kept is used: `prefer` uses it and asks the network only
 * for what is missing; `reload` asks for the current release first; `none` neither reads nor keeps.
 */
export type CacheMode = "prefer" | "reload" | "none";

/** Where the model computes: `auto` takes the GPU if it works and is one, else the processor. */
export type DeviceChoice = "auto" | "webgpu" | "cpu";

export interface DeviceReport {
  kind: "webgpu" | "cpu";
  /** The GPU's adapter. */
  description?: string;
  /** Why `auto` did not take the GPU, or why it was given up. */
  reason?: string;
  /** What the GPU has been asked since the model was loaded. */
  counters?: { submits: number; dispatches: number; bytesRead: number; created: number };
}

export interface Memory {
  /** All memory that the wasm module holds, weights included. */
  wasmBytes: number;
  checkpointBytes: number;
}

/** A tool that runs in the page. */
export type LocalFunction = (args: any, context: { signal: AbortSignal }) => unknown;
export type Functions = Record<string, LocalFunction>;
