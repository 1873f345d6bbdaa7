/** Headers that the developer adds at run time: they go to the tool's own origin and nowhere else. */
import { ToolgenError } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import type { HttpRequest } from "./request.js";

/** Called once for each tool call, before anything is sent. */
export type SecretHeaders = (tool: Tool, request: HttpRequest) => HeadersInit | Promise<HeadersInit>;

const REDACTED = "[redacted]";
/** Shorter values (a version, a flag) are not secrets, and redacting them would spoil responses. */
const MIN_SECRET_LENGTH = 6;
/** Headers that any page may send anywhere are not secret. */
const OPEN = new Set(["accept", "accept-language", "content-language", "content-type", "range"]);

export class Secrets {
  readonly headers: Headers;
  /** Whether there is anything that only the tool's origin may see. */
  readonly present: boolean;
  readonly #texts: string[];

  constructor(headers = new Headers()) {
    const secret = [...headers].filter(([name]) => !OPEN.has(name)).map(([, value]) => value);
    this.headers = headers;
    this.present = secret.length > 0;
    this.#texts = [...new Set(secret.flatMap(formsOf))].filter((text) => text.length >= MIN_SECRET_LENGTH);
    this.#texts.sort((a, b) => b.length - a.length); // a secret may be a part of another
  }

  /** The text without secrets: some servers repeat what they were sent. */
  redact(text: string): string {
    return this.#texts.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  }

  /** Does the same to a document of JSON, in place; without recursion, since a server decides its depth. */
  redactJson(document: unknown): unknown {
    if (this.#texts.length === 0) return document;
    const holder = { document };
    const open: object[] = [holder];
    for (let node; (node = open.pop()); ) {
      for (const [key, value] of Object.entries(node)) {
        if (typeof value === "object" && value !== null) open.push(value);
        const name = this.redact(key);
        const shown = this.#redactScalar(value);
        if (name === key && shown === value) continue;
        if (name !== key) delete (node as Record<string, unknown>)[key];
        Object.defineProperty(node, name, { value: shown, writable: true, enumerable: true, configurable: true });
      }
    }
    return holder.document;
  }

  #redactScalar(value: unknown): unknown {
    if (typeof value === "string") return this.redact(value);
    if (typeof value !== "number") return value;
    const shown = this.redact(String(value));
    return shown === String(value) ? value : shown;
  }
}

export async function askForHeaders(tool: Tool, request: HttpRequest, headers: SecretHeaders): Promise<Secrets> {
  let given: HeadersInit;
  try {
    given = await headers(tool, { ...request, headers: { ...request.headers } });
  } catch (cause) {
    throw new ToolgenError("function_failed", `The headers function failed for ${tool.name}.`, { cause });
  }
  try {
    return new Secrets(new Headers(given));
  } catch {
    // The cause is left out, because its message holds the value.
    throw new ToolgenError("bad_option", `The headers for ${tool.name} have a name or value that HTTP doesn't allow.`);
  }
}

/** How a server may repeat a header: whole, without its scheme, in a URL, in JSON that isn't parsed. */
function formsOf(value: string): string[] {
  const bare = value.replace(/^\S+\s+/, "");
  return [value, bare].flatMap((text) => [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]);
}
