/** Where a person is asked before something is carried out. */
import type { RunOptions } from "toolgen";
import { revealed } from "../pkg/elements/words.ts";
import { make } from "./dom.ts";
import { titleOf } from "./words/format.ts";

/** A person may take long to answer; the request itself has its usual time. */
const PATIENCE_MS = 24 * 3_600_000;
const REQUEST_MS = 10_000;

/** Puts a question with details to the person. */
export type AskPerson = (question: string, details: Node, yes: string, no: string) => Promise<boolean>;

/** Before a tool that may change something, and before a call that the question alone doesn't lead to. */
export function approveBy(ask: AskPerson, undoable: boolean): NonNullable<RunOptions["approve"]> {
  return (call, tool, reason) => {
    if (undoable && !tool.http && reason === "changes") return true;
    const why = reason === "changes" ? "It may change something." : "A result led to this call, not your question.";
    const details = make("pre", {}, revealed(`${call.name} ${JSON.stringify(call.arguments, null, 2)}`));
    return ask(`Carry out “${titleOf(tool)}”? ${why}`, details, "Carry it out", "Don't");
  };
}

export interface Sending {
  /** Why a request to a host needs a yes; nothing where it doesn't. */
  reason(host: string): string | undefined;
  allowed(host: string): void;
  declined(): void;
}

/** Nothing is sent to a host that there is a reason to ask for, before the person says so. */
export function askBeforeSending(
  ask: AskPerson,
  { reason, allowed, declined }: Sending,
): Pick<RunOptions, "timeoutMs"> & Required<Pick<RunOptions, "fetch">> {
  return {
    timeoutMs: PATIENCE_MS,
    async fetch(input, init = {}) {
      const { host, href } = new URL(String(input));
      const why = reason(host);
      if (why !== undefined) {
        const details = make("code", {}, `${init.method ?? "GET"} ${href}`);
        const yes = await ask(`${why} Send this request to ${host}?`, details, "Send it", "Don't send");
        if (!yes) declined();
        init.signal?.throwIfAborted();
        allowed(host);
      }
      return fetch(input, { ...init, signal: either(init.signal, AbortSignal.timeout(REQUEST_MS)) });
    },
  };
}

/** `AbortSignal.any`, which Safari before 17.4 lacks. */
function either(one: AbortSignal | null | undefined, other: AbortSignal): AbortSignal {
  if (!one) return other;
  const controller = new AbortController();
  for (const signal of [one, other])
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener("abort", () => controller.abort(signal.reason), { signal: controller.signal });
  return controller.signal;
}
