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
  /**
   * An entry whose argument is absent is dropped. A list is written with commas; `{ids*}` writes the name again for
   * each item, `{ids|}` puts that mark between them, as `{ids }`, `{ids,}` and one with a tab do.
   */
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  /**
   * Sent as JSON, or as the form that a `content-type` among the headers names; a string that is one placeholder keeps
   * its argument's type. A list in a form has its name again for each item, unless a mark joins them as in a query.
   */
  body?: unknown;
  /** The credentials mode of `fetch`: whether cookies are sent; "omit" by default. */
  credentials?: "omit" | "same-origin" | "include";
  /** Label → JSON Pointer (RFC 6901): the parts of the response to show. */
  result?: Record<string, string>;
  /** The URL of the documentation. */
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

/** What can be carried out over HTTP: a tool as the model has it, or its definition. */
export type HttpTool = Tool | (Omit<Tool, "parameters"> & { inputSchema: JsonSchema });

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
  /**
   * `abstain` is the probability that no tool fits; after a call, that no other call is needed. `sure`: the first tool is
   * likely enough to act on without asking. Where documents were looked at there is a second one, which counts.
   */
  | { type: "ranking"; tools: RankedTool[]; abstain: number; sure: boolean }
  /** No tool fits; nothing follows. */
  | { type: "abstain"; reason: AbstainReason }
  /** Where the ranking left doubt, the tool's document was read. The ranking is told once more after the last look. */
  | { type: "look"; name: string; probability: number }
  | { type: "tool"; name: string }
  /** `text` continues the JSON of the arguments, in which `null` is what wasn't said. `tokens` are its own, with `explain`. */
  | { type: "arguments"; text: string; tokens?: ArgumentToken[] }
  | { type: "call"; call: ToolCall }
  /**
   * There is no call yet, and nothing follows: the question doesn't say these required arguments (`to.mail` is in an
   * object). `call` has those that it says; carry it out only once a person has said the others.
   */
  | { type: "ask"; call: ToolCall; parameters: string[] };

/** A token of a call's arguments. */
export interface ArgumentToken {
  /** Empty until a character of several tokens is whole. */
  text: string;
  /** The grammar left no choice, and the model was not asked. */
  forced: boolean;
  /** How many tokens the grammar allowed. */
  allowed: number;
  /** The likeliest of them, this one first, each with its probability among the allowed; none where it was forced. */
  alternatives: { text: string; probability: number }[];
}

/** `no_tool`: none fits. `language`: the question isn't in English, the language that the model was trained on. */
export type AbstainReason = "no_tool" | "language";

/**
 * What a run does where a tool is likelier than none, but the model is not sure of it: `ask` lets a person choose, `call`
 * takes the likeliest that fits, `end` carries nothing out.
 */
export type Unsure = "ask" | "call" | "end";

/** Two tools that the model may confuse; reword one of them. */
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

/** Bytes of one file while it loads. `total` is absent when the server doesn't send it. */
export interface Progress {
  file: "checkpoint" | "adapter" | "pack";
  /** Decreases by a chunk when one arrives corrupt and is fetched again. */
  loaded: number;
  total?: number;
  /** The average of the last five seconds. */
  bytesPerSecond: number;
  /** At that rate; absent without a total and while no data arrives. */
  remainingMs?: number;
  /** Read from this browser's cache, not from the network. */
  cached: boolean;
  /** False where the browser has no room to keep the file: the next visit fetches it again. */
  kept?: false;
}

/**
 * Whether a checkpoint and an adapter that an earlier visit stored are used: `prefer` uses them and fetches only what is
 * missing; `reload` fetches the current release; `none` neither reads nor stores.
 */
export type CacheMode = "prefer" | "reload" | "none";

/** The device to compute on: `auto` is the GPU if there is one and it passes its check, else the CPU. */
export type DeviceChoice = "auto" | "webgpu" | "cpu";

export interface DeviceReport {
  kind: "webgpu" | "cpu";
  /** Of the GPU's adapter. */
  description?: string;
  /** Why `auto` did not choose the GPU, or why the GPU was given up. */
  reason?: string;
  /** What the GPU has done since the model was loaded. */
  counters?: { submits: number; dispatches: number; bytesRead: number; created: number };
  /** How the processor computes, and why it isn't by relaxed SIMD. */
  simd: { kind: Simd; reason?: string };
  /** How many compute, and why it is one. */
  threads: { count: number; reason?: string };
  startup: Startup;
}

/** Milliseconds from when the worker began to load until each was ready; they overlap. */
export interface Startup {
  /** Fetched, compiled and started, and the pack fetched. */
  moduleMs?: number;
  deviceMs?: number;
  /** Fetched, packed for the device, and the tokenizer built. */
  checkpointMs?: number;
  toolsMs?: number;
}

/** Relaxed SIMD reads prompts faster; both give the same bits. */
export type Simd = "relaxed" | "strict";

export interface Memory {
  /** All memory that the wasm module holds, weights included. */
  wasmBytes: number;
  checkpointBytes: number;
}

/** A tool that runs in the page. */
export type LocalFunction = (args: any, context: { signal: AbortSignal }) => unknown;
export type Functions = Record<string, LocalFunction>;
