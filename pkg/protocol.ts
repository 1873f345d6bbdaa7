/**
 * What the page and the worker say to each other: this file is the whole wire protocol.
 *
 * Every request has an id. The worker answers it with any number of `progress` and `event`
 * messages and then with exactly one `done` or `error`. A `cancel` names the request that it
 * ends; a cancelled request gets no further answer, because the page has already settled it.
 */
import type { CacheMode, Memory, Progress, StreamEvent, Tool } from "./types.js";

/** A question for the model: computed one at a time, in the order of arrival. */
export type Question =
  | { type: "retrieve"; query: string; topK: number }
  | { type: "call"; query: string; topK: number }
  | { type: "complete"; prompt: string; maxTokens: number };

export type Request =
  | { type: "load"; checkpoint: string; pack: string | Uint8Array; wasm?: string; cache?: CacheMode; stallMs?: number }
  | { type: "memory" }
  | Question;

export type ToWorker = ({ id: number } & Request) | { type: "cancel"; id: number };

export type FromWorker =
  | { id: number; type: "progress"; progress: Progress }
  | { id: number; type: "event"; event: StreamEvent }
  | { id: number; type: "done"; value?: Tool[] | Memory }
  | { id: number; type: "error"; code: string; message: string };

/** The end of a message channel: a `DedicatedWorkerGlobalScope` or a `MessagePort`. */
export interface Port<In, Out> {
  onmessage: ((event: MessageEvent<In>) => void) | null;
  postMessage(message: Out): void;
}
