/** From a tool's `http` description and a call's arguments to one HTTP request. */
import { ToolgenError } from "../core/errors.js";
import { attempt } from "../util/options.js";
import type { Arguments, HttpDescription, HttpTool, Tool } from "../core/types.js";
import { isRecord } from "../util/is-record.js";
import { parseUrl } from "../util/url.js";
import { multipart, urlEncoded } from "./form.js";
import { digits } from "./json.js";

/** A request as plain data: it can be shown, compared and sent. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Absent when no cookies are to be sent. */
  credentials?: "same-origin" | "include";
}

const PLACEHOLDER = /\{([^{}]+)\}/g;
/** A list in a query or a form: its name again for each item (`{ids*}`), or items with a mark between them (`{ids|}`). */
const LIST = /^\{([^{}]+)([*|, \t])\}$/;
const FORMS = [
  ["application/x-www-form-urlencoded", urlEncoded],
  ["multipart/form-data", multipart],
] as const;
/** Names of methods and headers, as HTTP has them. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Methods that browsers keep pages from using. */
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);
/** Few servers take more, and none that matter take this much. */
const MAX_URL_LENGTH = 2 ** 16;

/**
 * Arguments fill the tool's templates and nothing else: the origin is the tool's, a path argument
 * stays within its segment, and only https (or http on this machine) is spoken.
 */
export function buildRequest(tool: HttpTool, given: Arguments): HttpRequest {
  return attempt("The tool or its arguments", () => build(asTool(tool), given ?? {}));
}

/** A definition's schema has another name than a tool's. */
export function asTool(tool: HttpTool): Tool {
  if (!isRecord(tool)) throw new ToolgenError("bad_argument", "A tool is an object.");
  return "inputSchema" in tool ? { ...tool, parameters: tool.inputSchema } : tool;
}

function build(tool: Tool, given: Arguments): HttpRequest {
  const args = withDefaults(tool, given);
  if (!tool.http)
    throw new ToolgenError("no_executor", `The tool ${tool.name} has neither a function nor an http description.`);
  const { query = {}, headers = {}, body } = tool.http;
  const method = methodOf(tool, tool.http);
  const url = fillUrl(tool, tool.http.url, args);
  for (const [name, template] of Object.entries(query)) {
    for (const text of fillField(template, args, ",")) url.searchParams.append(name, wellFormed(name, text));
  }
  if (url.href.length > MAX_URL_LENGTH) {
    throw new ToolgenError(
      "bad_argument",
      `The arguments make the URL of ${tool.name} longer than ${MAX_URL_LENGTH} characters.`,
    );
  }
  const request: HttpRequest = { method, url: url.href, headers: {} };
  for (const [name, template] of Object.entries(headers)) {
    const value = fill(template, args);
    if (value !== undefined) request.headers[name] = headerValue(tool, name, textOf(value));
  }
  const form = formOf(request.headers, body, args);
  const filled = form ? undefined : fill(body, args);
  if (form) Object.assign(request, form);
  else if (filled !== undefined) {
    const [, type] = Object.entries(request.headers).find(([name]) => name.toLowerCase() === "content-type") ?? [];
    if (type === undefined) request.headers["content-type"] = "application/json";
    const isText = typeof filled === "string" && type !== undefined && !isJson(type);
    request.body = isText ? wellFormed("body", filled) : JSON.stringify(filled);
  }
  const credentials = credentialsOf(tool, tool.http);
  return credentials === "omit" ? request : { ...request, credentials };
}

function methodOf(tool: Tool, { method, body }: HttpDescription): string {
  const name = String(method).toUpperCase();
  if (typeof method !== "string" || !TOKEN.test(name) || FORBIDDEN.has(name)) {
    throw new ToolgenError(
      "bad_tool",
      `The tool ${tool.name} has the method ${JSON.stringify(method)}, which is invalid or forbidden.`,
    );
  }
  if (body !== undefined && (name === "GET" || name === "HEAD")) {
    throw new ToolgenError("bad_tool", `The tool ${tool.name} has a body, which a ${name} request can't have.`);
  }
  return name;
}

function credentialsOf(tool: Tool, { credentials = "omit" }: HttpDescription): "omit" | "same-origin" | "include" {
  if (credentials === "omit" || credentials === "same-origin" || credentials === "include") return credentials;
  throw new ToolgenError(
    "bad_tool",
    `The tool ${tool.name} has the credentials ${JSON.stringify(credentials)}; they must be "omit", "same-origin" or "include".`,
  );
}

/** A line break would begin another header; `fetch` refuses it, in words that don't name the header. */
function headerValue(tool: Tool, name: string, value: string): string {
  if (!TOKEN.test(name))
    throw new ToolgenError(
      "bad_tool",
      `The tool ${tool.name} has a header named ${JSON.stringify(name)}, which HTTP doesn't allow.`,
    );
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new ToolgenError(
    "bad_argument",
    `The value of the header ${name} of ${tool.name} has a character that HTTP doesn't allow in headers.`,
  );
}

/** What the call leaves out and the schema has a default for. */
function withDefaults(tool: Tool, args: Arguments): Arguments {
  const properties = Object.entries(tool.parameters?.properties ?? {});
  const defaults = properties
    .filter(([, schema]) => schema.default !== undefined)
    .map(([name, schema]) => [name, schema.default]);
  return { ...Object.fromEntries(defaults), ...args };
}

function fillUrl(tool: Tool, template: string, args: Arguments): URL {
  const [, origin, path = ""] = /^(https?:\/\/[^/?#{}@\\\s]+)([/?#].*)?$/s.exec(template) ?? [];
  if (origin === undefined || !isAllowed(origin)) {
    const message = `The tool ${tool.name} has the URL ${template}; it must start with https:// and a host without placeholders (http:// only for localhost).`;
    throw new ToolgenError("bad_tool", message, { url: template });
  }
  // A URL parser reads a backslash as a slash and skips line breaks and tabs, also between dots.
  if (/[\\\x00-\x1f\x7f]/.test(path)) {
    throw new ToolgenError("bad_tool", `The tool ${tool.name} has a backslash or a control character in its URL.`, {
      url: template,
    });
  }
  const filled = path.replace(/[^/?#]+/g, (segment) => fillSegment(tool, segment, args));
  return new URL(origin + filled);
}

function isAllowed(origin: string): boolean {
  const { protocol, hostname } = parseUrl(origin) ?? {};
  return protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

function fillSegment(tool: Tool, template: string, args: Arguments): string {
  let replaced = false;
  const segment = template.replace(PLACEHOLDER, (_, name: string) => {
    const text = Object.hasOwn(args, name) ? textOf(args[name] ?? "") : "";
    if (text === "")
      throw new ToolgenError("bad_argument", `The tool ${tool.name} needs a value for "${name}" in its URL.`);
    replaced = true;
    return encodeURIComponent(wellFormed(name, text));
  });
  // A URL parser would resolve these two, encoded or not, to other segments.
  if (replaced && /^(\.|%2e){1,2}$/i.test(segment)) {
    throw new ToolgenError("bad_argument", `The tool ${tool.name} can't take "${segment}" as a part of its path.`);
  }
  return segment;
}

/** A lone surrogate would become U+FFFD on the way, and the server would get another value. */
function wellFormed(name: string, text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new ToolgenError("bad_argument", `The value of "${name}" contains a lone surrogate.`);
}

/** A template with its placeholders filled; undefined when an argument that it needs is absent. */
function fill(template: unknown, args: Arguments): unknown {
  if (typeof template === "string") return fillText(template, args);
  if (Array.isArray(template)) return template.map((item) => fill(item, args)).filter((item) => item !== undefined);
  if (typeof template !== "object" || template === null) return template;
  const entries = Object.entries(template).map(([name, value]) => [name, fill(value, args)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** A field's texts, of which a list may be several; `usual` is its mark where the template has none. */
function fillField(template: unknown, args: Arguments, usual: "*" | ","): string[] {
  const [, name, mark = usual] = (typeof template === "string" && LIST.exec(template)) || [];
  const value = fill(name === undefined ? template : `{${name}}`, args);
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [textOf(value)];
  const items = value.map(textOf);
  return mark === "*" ? items : [items.join(mark)];
}

/** A form's fields; nothing for a body that has none. What an argument is made of is no template. */
function fieldsOf(body: unknown, args: Arguments): [string, string][] | undefined {
  const isWhole = !isRecord(body);
  const fields = isWhole ? fill(body, args) : body;
  if (!isRecord(fields)) return undefined;
  const texts = (value: unknown) => (isWhole ? [value].flat().map(textOf) : fillField(value, args, "*"));
  return Object.entries(fields).flatMap(([name, value]) =>
    texts(value).map((text): [string, string] => [name, wellFormed(name, text)]),
  );
}

/** The fields as the form that the content type names; nothing where it names none. */
function formOf(
  headers: Record<string, string>,
  template: unknown,
  args: Arguments,
): Pick<HttpRequest, "headers" | "body"> | undefined {
  const name = Object.keys(headers).find((name) => name.toLowerCase() === "content-type");
  const [, encode] = FORMS.find(([type]) => name !== undefined && headers[name]!.toLowerCase().startsWith(type)) ?? [];
  const fields = encode && fieldsOf(template, args);
  if (!fields) return undefined;
  const { type, body } = encode(fields);
  return { headers: { ...headers, [name!]: type }, body };
}

function fillText(template: string, args: Arguments): unknown {
  const names = [...template.matchAll(PLACEHOLDER)].map(([, name]) => name!);
  if (names.some((name) => !Object.hasOwn(args, name) || args[name] == null)) return undefined;
  if (names.length === 1 && template === `{${names[0]}}`) return args[names[0]!];
  return template.replace(PLACEHOLDER, (_, name: string) => textOf(args[name]));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(",");
  if (typeof value === "number") return digits(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** Whether a media type is JSON or made of it; sequences of JSON texts are not. */
export function isJson(contentType: string): boolean {
  return /[/+]json\s*(;|$)/i.test(contentType);
}
