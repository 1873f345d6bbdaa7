/** Carries out a call over HTTP, with the browser's `fetch` and nothing else. */
import { messageOf, ToolgenError } from "./errors.js";
import { valueAt } from "./pointer.js";
import { buildRequest, type HttpRequest } from "./request.js";
import type { Arguments, Tool } from "./types.js";

export interface ExecuteOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  /** The largest answer that is read. */
  maxBytes?: number;
  fetch?: typeof globalThis.fetch;
}

export interface HttpAnswer {
  status: number;
  url: string;
  contentType: string;
  /** Parsed JSON, or text. */
  body: unknown;
  /** The tool's labels with their values. */
  result: Record<string, unknown>;
  /** Labels whose pointer leads nowhere in this answer. */
  missing: string[];
}

const BODY_IN_ERROR = 500;

/**
 * Sends the tool's request, without cookies and without a referrer. Failures are `ToolgenError`s:
 * `http_status`, `timeout`, `aborted`, `not_json`, `network_or_cors`, `too_large`, `redirected`,
 * and `bad_pointer` when not one of the tool's pointers leads to a value (the error has the `body`);
 * when only some do, `missing` names the others, since answers often lack optional parts.
 */
export async function execute(tool: Tool, args: Arguments, options: ExecuteOptions = {}): Promise<HttpAnswer> {
  const { signal, timeoutMs = 10_000, maxBytes = 2 ** 20 } = options;
  const request = buildRequest(tool, args);
  const stop = new AbortController();
  const abort = () => stop.abort(new ToolgenError("aborted", `The request to ${originOf(request)} was aborted.`, { url: request.url, cause: signal!.reason }));
  const expire = () => stop.abort(new ToolgenError("timeout", `${originOf(request)} gave no full answer within ${timeoutMs} ms.`, { url: request.url }));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(expire, timeoutMs);
  try {
    const response = await send(request, options.fetch ?? globalThis.fetch, stop.signal);
    const text = await readText(response, request, maxBytes, stop.signal);
    return interpret(tool, request, response, text);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function send(request: HttpRequest, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<Response> {
  const { url, ...init } = request;
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal, credentials: "omit", referrerPolicy: "no-referrer" });
  } catch (cause) {
    signal.throwIfAborted();
    const page = globalThis.location?.origin;
    const message = `No answer from ${originOf(request)}: either it can't be reached, or it doesn't allow requests from ${page ?? "this page"} (CORS). The browser doesn't tell which.`;
    throw new ToolgenError("network_or_cors", message, { url, cause });
  }
  // Redirects within an origin are common; another origin is not what the tool's author named.
  if (response.url && new URL(response.url).origin !== originOf(request)) {
    await response.body?.cancel();
    const message = `${originOf(request)} redirects to ${new URL(response.url).origin}, which the tool doesn't name.`;
    throw new ToolgenError("redirected", message, { url: response.url });
  }
  return response;
}

/** The body as text. The length is checked as it arrives: a Content-Length may be absent or wrong. */
async function readText(response: Response, request: HttpRequest, maxBytes: number, signal: AbortSignal): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > maxBytes) throw new ToolgenError("too_large", `The answer of ${originOf(request)} is larger than ${maxBytes} bytes.`, { url: request.url });
      text += decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ToolgenError) throw cause;
    throw new ToolgenError("network_or_cors", `The answer of ${originOf(request)} broke off: ${messageOf(cause)}.`, { url: request.url, cause });
  } finally {
    reader.cancel().catch(() => {});
  }
}

function interpret(tool: Tool, request: HttpRequest, response: Response, text: string): HttpAnswer {
  const { status } = response;
  const url = response.url || request.url;
  const contentType = response.headers.get("content-type") ?? "";
  const start = text.slice(0, BODY_IN_ERROR);
  if (!response.ok) {
    throw new ToolgenError("http_status", `${originOf(request)} answered with HTTP status ${status}.`, { url, status, body: start });
  }
  const pointers = tool.http?.result ?? {};
  const needsJson = Object.values(pointers).some((pointer) => pointer !== "");
  const body = needsJson || /[/+]json\b/i.test(contentType) ? parse(text) : text;
  const result: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [label, pointer] of Object.entries(pointers)) {
    const value = resolve(label, pointer);
    if (value === undefined) missing.push(label);
    else result[label] = value;
  }
  if (missing.length > 0 && Object.keys(result).length === 0) {
    const [label = ""] = missing;
    throw new ToolgenError("bad_pointer", `The answer of ${originOf(request)} has nothing at ${pointers[label]} (${label}).`, { url, status, body });
  }
  return { status, url, contentType, body, result, missing };

  function parse(json: string): unknown {
    try {
      return JSON.parse(json);
    } catch (cause) {
      const kind = /^\s*</.test(json) ? "HTML" : contentType || "something else";
      throw new ToolgenError("not_json", `${originOf(request)} should answer with JSON and sent ${kind}.`, { url, status, body: start, cause });
    }
  }

  function resolve(label: string, pointer: string): unknown {
    try {
      return valueAt(body, pointer);
    } catch (cause) {
      throw new ToolgenError("bad_pointer", `The tool ${tool.name} is wrong about ${label}: ${messageOf(cause)}.`, { url, body, cause });
    }
  }
}

function originOf({ url }: HttpRequest): string {
  return new URL(url).origin;
}
