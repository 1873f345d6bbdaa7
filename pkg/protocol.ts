/**
 * What the page and the worker say to each other: this file is the whole wire protocol.
 *
 * Every request has an id. The worker answers it with any number of `progress` and `event`
 * messages and then with exactly one `done` or `error`. The events `choose`, `approve` and `execute` want a
 * `reply`; while one is waited for, other requests are computed. A `cancel` names the request that it
 * ends; a cancelled request gets no further answer, because the page has already settled it.
 */
import type { ErrorCode, ErrorDetails } from "./core/errors.js";
import type {
  Arguments,
  CacheMode,
  Conflict,
  DeviceChoice,
  DeviceReport,
  Example,
  Memory,
  Progress,
  RankedTool,
  StreamEvent,
  Token,
  Tool,
  ToolCall,
  Unsure,
} from "./core/types.js";

/** What is asked, as the model reads it. */
export interface Asked {
  text: string;
  /** Local time, `2026-05-14T09:30`. */
  now?: string;
  /** From which local moment on which offset from UTC holds, rising; the first and the last bound what is known. */
  offsets?: readonly (readonly [moment: string, offset: string])[];
  /** The oldest first. */
  before?: readonly { text: string; call: ToolCall; observation?: string }[];
}

/** A question for the model. Questions are computed one at a time, in the order of arrival. */
export type Question =
  | { type: "retrieve"; query: Asked; topK: number }
  /**
   * With `tools`, the choice is restricted to these; with `required`, one is made even if none fits; with `explain`, each
   * token of the arguments is told.
   */
  | { type: "call"; query: Asked; topK: number; tools?: string[]; required?: boolean; explain?: boolean }
  | { type: "run"; query: Asked; topK: number; maxSteps: number; tools?: string[]; unsure?: Unsure; explain?: boolean }
  | { type: "complete"; prompt: string; maxTokens: number }
  | { type: "completeArguments"; query: Asked; tool: string; maxTokens: number };

/** A change to the tools, or something to know of them; it waits its turn among the questions. */
export type Task =
  | { type: "register"; tools: Tool[]; conflictsFrom: number }
  | { type: "unregister"; names: string[] }
  | { type: "conflicts"; from: number }
  | { type: "teach"; examples: Example[] }
  | { type: "export" }
  | { type: "openapi"; document: string; baseUrl?: string; fixed?: Record<string, string> };

/** What a run says beside a call's events, of which it has no `ask`; `choose`, `approve` and `execute` want a reply. */
export type RunStreamEvent =
  | StreamEvent
  /** Of free text. */
  | ({ type: "token" } & Token)
  | { type: "choose"; candidates: RankedTool[] }
  | { type: "approve"; call: ToolCall; reason: ApprovalReason }
  | { type: "execute"; call: ToolCall }
  | ({ type: "end" } & End);

/** `changes`: the tool may change something. `not_asked`: text from elsewhere led to it, not the question. */
export type ApprovalReason = "changes" | "not_asked";

/** How a run ended, with the calls that were to be carried out, in their order. */
export type End = { calls: PastCall[] } & (
  | { reason: "done" | "abstained" | "unsure" | "denied" | "failed" | "max_steps" | "repeated" | "no_room" }
  /** The question has some arguments of the tool, and not the required ones named by `parameters`. */
  | { reason: "asked"; tool: string; arguments: Arguments; parameters: string[] }
);

export type FinishReason = End["reason"];

/** A call, and what came of it. */
export interface PastCall {
  call: ToolCall;
  outcome: "observed" | "failed" | "denied";
}

export type Reply =
  /** null: none of the candidates is meant. */
  | { type: "choice"; tool: string | null }
  | { type: "approval"; approved: boolean }
  | { type: "observation"; text: string }
  | { type: "failure"; message: string };

/** The tools of an OpenAPI document, and the operations that became no tool. */
export interface OpenApiImport {
  tools: Tool[];
  narrowed: Narrowed[];
  /** `path` is where the operation stands in the document. */
  skipped: { path: string; reason: string }[];
}

/** A tool that was left out, or an operation of a document, by its place there. */
export interface Problem {
  name: string;
  code: string;
  message: string;
}

/** A tool whose arguments can't have all that its schema has: an alternative, or an optional part. */
export interface Narrowed {
  name: string;
  /** Each part with its place and why. */
  leftOut: string[];
}

export interface Registered {
  /** As they can be called: a schema may have been restricted. */
  added: Tool[];
  /** Names of those whose row is that of their document: nothing that they were taught is in it. */
  fresh: string[];
  narrowed: Narrowed[];
  skipped: Problem[];
  conflicts: Conflict[];
}

/** Rows of documents, or examples. */
export interface RowProgress {
  done: number;
  total: number;
  /** Those of `done` that needed no computing. */
  cached: number;
  /** The time that the others take, at the rate so far; absent until one was computed. */
  remainingMs?: number;
}

export type Request =
  | {
      type: "load";
      checkpoint: string;
      shards?: Record<string, string>;
      adapter?: string | Uint8Array;
      pack?: string | Uint8Array;
      wasm?: string;
      device?: DeviceChoice;
      cache?: CacheMode;
      stallMs?: number;
      threads?: number;
      whyOneThread?: string;
    }
  | { type: "memory" }
  | { type: "device" }
  | Task
  | Question;

/** What a request that isn't a question is answered with. */
export interface Answers {
  load: Tool[];
  memory: Memory;
  device: DeviceReport;
  register: Registered;
  unregister: null;
  conflicts: Conflict[];
  teach: null;
  export: Uint8Array;
  openapi: OpenApiImport;
}

/** What is reported on the way to an answer that takes long. */
export interface Reports {
  load: Progress;
  register: RowProgress;
  teach: RowProgress;
}

export type ToWorker =
  | ({ id: number } & Request)
  | { type: "reply"; id: number; reply: Reply }
  | { type: "cancel"; id: number };

export type FromWorker =
  | { id: number; type: "progress"; progress: Reports[keyof Reports] }
  | { id: number; type: "event"; event: RunStreamEvent }
  /** A question has no value: its events say all. */
  | { id: number; type: "done"; value?: Answers[keyof Answers] }
  | ({ id: number; type: "error" } & Failure);

/** An error as plain data: structured cloning drops the fields of a class of ours. */
export interface Failure {
  code: ErrorCode;
  message: string;
  details?: Pick<ErrorDetails, "url" | "status">;
}

/** The end of a message channel: a `DedicatedWorkerGlobalScope` or a `MessagePort`. */
export interface Port<In, Out> {
  onmessage: ((event: MessageEvent<In>) => void) | null;
  postMessage(message: Out): void;
}
