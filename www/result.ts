/** What a question led to, as far as it got; tests read it from the page. */
import type { HttpRequest, Observation, RankedTool, ToolCall } from "toolgen";
import type { Timings } from "./answer/turn.ts";
import { byId } from "./dom.ts";

export interface Result {
  question: string;
  /** Of the first step. */
  ranking?: RankedTool[];
  /** No tool fits. */
  abstained?: boolean;
  /** The question doesn't say these required arguments. */
  missing?: string[];
  /** Of the last step, as are the request and the answer. */
  call?: ToolCall;
  request?: HttpRequest;
  answer?: Observation;
  calls: ToolCall[];
  /** The answer as the page says it, a sentence for each step. */
  said: string[];
  timings: Timings;
  /** All memory of the model, if it still lives. */
  memoryBytes?: number;
  error?: { code: string; message: string };
}

export function newResult(question: string): Result {
  return { question, calls: [], said: [], timings: {} };
}

export function publish(result: Result | Pick<Result, "error">): void {
  byId("result").textContent = JSON.stringify(result);
}
