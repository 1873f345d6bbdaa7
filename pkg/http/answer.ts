/** From an HTTP response to the values that the tool's author named. */
import { messageOf, ToolgenError } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import type { Deadline } from "../util/signals.js";
import { originOf } from "./origins.js";
import { parseJson } from "./json.js";
import { valueAt } from "./pointer.js";
import { isJson, type HttpRequest } from "./request.js";
import { retryAfterMs } from "./retry-after.js";
import type { Secrets } from "./secrets.js";

export interface HttpAnswer {
  status: number;
  url: string;
  contentType: string;
  /** Parsed JSON, text, an `ImageBody`, or null when the server sent no bytes. */
  body: unknown;
  /** The tool's labels with their values. */
  result: Record<string, unknown>;
  /** Labels whose pointer has no value in this response. */
  missing: string[];
}

/** A response of a type `image/…`. To show it, make a blob URL from it, and revoke that afterwards. */
export interface ImageBody {
  kind: "image";
  mimeType: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Reading {
  tool: Tool;
  request: HttpRequest;
  secrets: Secrets;
  deadline: Deadline;
  maxBytes: number;
  clock: () => number;
}

/** How much of a failure's body is read, and shown. */
const MAX_ERROR_BYTES = 2 ** 14;
const MAX_ERROR_CHARS = 500;

/** Reads a response to its end and finds the tool's labels in it. Errors are those of `execute()`. */
export async function readAnswer(response: Response, reading: Reading): Promise<HttpAnswer> {
  if (!response.ok) throw await statusError(response, reading);
  const { tool, request, secrets } = reading;
  const origin = originOf(request.url);
  const { status } = response;
  const url = secrets.redact(response.url || request.url);
  const contentType = secrets.redact(response.headers.get("content-type") ?? "");
  const pointers = tool.http?.result ?? {};
  const bytes = await readBytes(response, reading);
  // Whatever the type says: many servers name one and send nothing.
  if (bytes.length === 0) {
    return { status, url, contentType, body: null, result: {}, missing: Object.keys(pointers) };
  }
  const body = decode();
  const result: [string, unknown][] = [];
  const missing: string[] = [];
  for (const [label, pointer] of Object.entries(pointers)) {
    const value = resolve(label, pointer);
    if (value === undefined) missing.push(label);
    else result.push([label, value]);
  }
  if (missing.length > 0 && result.length === 0) {
    const [label = ""] = missing;
    throw new ToolgenError(
      "bad_pointer",
      `The response from ${origin} has no value at ${pointers[label]} (${label}).`,
      { url, status, body },
    );
  }
  return { status, url, contentType, body, result: Object.fromEntries(result), missing };

  function decode(): unknown {
    const wantsJson = Object.values(pointers).some((pointer) => pointer !== "") || isJson(contentType);
    const mimeType = contentType.split(";")[0]!.trim().toLowerCase();
    if (!wantsJson && mimeType.startsWith("image/")) return { kind: "image", mimeType, bytes } satisfies ImageBody;
    if (!wantsJson) return secrets.redact(textOf(bytes, contentType));
    const text = new TextDecoder().decode(bytes); // JSON is UTF-8, whatever the header says
    let json: unknown;
    try {
      json = parseJson(text);
    } catch {
      // The cause is left out, because its message quotes the answer.
      const kind = text.trim() === "" ? "blank text" : /^\s*</.test(text) ? "HTML" : contentType || "something else";
      throw new ToolgenError("not_json", `${origin} should respond with JSON, but sent ${kind}.`, {
        url,
        status,
        body: start(text, secrets),
      });
    }
    return secrets.redactJson(json);
  }

  function resolve(label: string, pointer: string): unknown {
    try {
      return valueAt(body, pointer);
    } catch (cause) {
      throw new ToolgenError(
        "bad_pointer",
        `The tool ${tool.name} has an invalid pointer for ${label}: ${messageOf(cause)}.`,
        { url, body, cause },
      );
    }
  }
}

async function statusError(response: Response, reading: Reading): Promise<ToolgenError> {
  const { request, secrets, deadline, clock } = reading;
  const { status, headers } = response;
  const asked = retryAfterMs(headers.get("retry-after"), clock());
  const ask = asked === undefined ? "" : ` and asks to wait ${Math.ceil(asked / 1000)} s`;
  const bytes = await readBytes(response, { ...reading, maxBytes: MAX_ERROR_BYTES }, true).catch(
    () => new Uint8Array(),
  );
  deadline.signal.throwIfAborted();
  const body = start(textOf(bytes, headers.get("content-type") ?? ""), secrets);
  const url = secrets.redact(response.url || request.url);
  return new ToolgenError("http_status", `${originOf(request.url)} responded with HTTP status ${status}${ask}.`, {
    url,
    status,
    body,
    retryAfterMs: asked,
  });
}

/** The whole body; its length is checked as it arrives: a Content-Length may be absent or wrong. */
async function readBytes(
  { body }: Response,
  { request, deadline, maxBytes }: Reading,
  cut = false,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!body) return new Uint8Array();
  const { url } = request;
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await deadline.race(() => reader.read());
      if (done) break;
      chunks.push(value);
      length += value.byteLength;
      if (length <= maxBytes) continue;
      if (cut) break;
      throw new ToolgenError("too_large", `The response from ${originOf(url)} is larger than ${maxBytes} bytes.`, {
        url,
      });
    }
  } catch (cause) {
    if (cause instanceof ToolgenError) throw cause;
    throw new ToolgenError("network_or_cors", `The response from ${originOf(url)} was cut off: ${messageOf(cause)}.`, {
      url,
      cause,
    });
  } finally {
    reader.cancel().catch(() => {});
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Text in the charset that the server names, else in UTF-8. */
function textOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): string {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType) ?? [];
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // a charset that nobody knows
  }
}

function start(text: string, secrets: Secrets): string {
  return secrets.redact(text).slice(0, MAX_ERROR_CHARS);
}
