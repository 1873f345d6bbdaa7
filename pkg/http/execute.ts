/** Carries out a call over HTTP, with the browser's `fetch` and nothing else. */
import { ToolgenError } from "../core/errors.js";
import { attempt, list, read } from "../util/options.js";
import type { Arguments, HttpTool, Tool } from "../core/types.js";
import { Deadline, sleep } from "../util/signals.js";
import { readAnswer, type HttpAnswer } from "./answer.js";
import { checkOrigin, originOf } from "./origins.js";
import { asTool, buildRequest, type HttpRequest } from "./request.js";
import { mayRepeat, waitBefore, type RetryOptions } from "./retry.js";
import { askForHeaders, Secrets, type SecretHeaders } from "./secrets.js";
import { send } from "./send.js";

export interface HttpOptions extends RetryOptions {
  signal?: AbortSignal;
  /** The time limit of a call in milliseconds, with its retries and waits; 10,000 by default. */
  timeoutMs?: number;
  /** The largest response that is read, in bytes; 2^20 by default. */
  maxBytes?: number;
  /** Origins that requests may go to, such as `https://api.example`; by default those that the tools name. */
  origins?: string[];
  /** Headers to add to a request, such as an API key. They never appear in events, errors or results. */
  headers?: SecretHeaders;
  fetch?: typeof globalThis.fetch;
}

export interface ExecuteOptions extends HttpOptions {
  onEvent?: (event: ExecuteEvent) => void;
}

export type ExecuteEvent =
  | { type: "request"; request: HttpRequest }
  /** Attempt number `attempt`, from 1, failed for this reason; the next one follows after `waitMs`. */
  | { type: "retry"; attempt: number; waitMs: number; reason: string };

/**
 * Sends the tool's request, without a referrer and, unless the tool says otherwise, without cookies.
 * Failures are `ToolgenError`s: `origin_not_allowed`, `http_status`, `timeout`, `aborted`,
 * `not_json`, `network_or_cors`, `too_large`, `redirected`, and `bad_pointer` when none of the tool's
 * pointers has a value (the error has the `body`); when only some have, `missing` names the others,
 * since responses often lack optional parts. A transient failure (429, 502, 503, 504, a dropped
 * connection) is retried if repeating the request is safe.
 */
export async function execute(tool: HttpTool, args: Arguments, given?: ExecuteOptions): Promise<HttpAnswer> {
  const options = read(given);
  const steps = executeInSteps(
    attempt("The tool", () => asTool(tool)),
    args,
    options,
  );
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      options.onEvent?.(step.value);
    }
  } finally {
    await steps.return(undefined as never); // the listener may have thrown
  }
}

/** The same as a generator of its events. */
export async function* executeInSteps(
  tool: Tool,
  args: Arguments,
  options: HttpOptions,
): AsyncGenerator<ExecuteEvent, HttpAnswer, void> {
  const { timeoutMs = 10_000, maxBytes = 2 ** 20, retries = 2, clock = Date.now, random = Math.random } = options;
  const request = buildRequest(tool, args);
  const { url } = request;
  const origin = originOf(url);
  checkOrigin(tool, request, list("origins", options.origins ?? [origin]));
  // What is sent is not the listener's to change.
  yield { type: "request", request: structuredClone(request) };

  const deadline = new Deadline(
    { ...options, timeoutMs },
    (cause) => new ToolgenError("aborted", `The request to ${origin} was aborted.`, { url, cause }),
    () => new ToolgenError("timeout", `${origin} did not respond in full within ${timeoutMs} ms.`, { url }),
  );
  try {
    const { headers } = options;
    const secrets = headers ? await deadline.race(() => askForHeaders(tool, request, headers)) : new Secrets();
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await send(request, secrets, options.fetch ?? globalThis.fetch, deadline);
        return await readAnswer(response, { tool, request, secrets, deadline, maxBytes, clock });
      } catch (error) {
        const again = error instanceof ToolgenError && attempt <= retries && mayRepeat(tool, request.method);
        const waitMs = again ? waitBefore(attempt, error, deadline.remainingMs(), random) : undefined;
        if (!again || waitMs === undefined) throw error;
        yield { type: "retry", attempt, waitMs, reason: error.message };
        await deadline.race((signal) => (options.sleep ?? sleep)(waitMs, signal));
      }
    }
  } finally {
    deadline.close();
  }
}
