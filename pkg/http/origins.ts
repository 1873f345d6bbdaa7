/** The origins that requests may go to. */
import { ToolgenError } from "../core/errors.js";
import type { Tool } from "../core/types.js";
import { parseUrl } from "../util/url.js";
import type { HttpRequest } from "./request.js";

/** The origins that tools name in their own URLs. */
export function originsOf(tools: readonly Tool[]): string[] {
  const origins = tools.flatMap(({ http }) => (http && parseUrl(http.url)?.origin) ?? []);
  return [...new Set(origins)];
}

/** Throws `origin_not_allowed` for a request elsewhere, and `bad_option` for an entry that is not an origin. */
export function checkOrigin(tool: Tool, request: HttpRequest, origins: readonly string[]): void {
  const allowed = origins.map(parse);
  const origin = originOf(request.url);
  if (allowed.includes(origin)) return;
  const list = allowed.length > 0 ? allowed.join(", ") : "none";
  throw new ToolgenError(
    "origin_not_allowed",
    `The tool ${tool.name} calls ${origin}, which is not among the allowed origins (${list}).`,
    { url: request.url },
  );
}

export function originOf(url: string): string {
  return new URL(url).origin;
}

/** An entry with a path would look narrower than it is, and one with a wildcard would never match. */
function parse(entry: string): string {
  const url = parseUrl(entry);
  if (url && url.href === `${url.origin}/` && !entry.includes("*")) return url.origin;
  throw new ToolgenError(
    "bad_option",
    `origins has ${JSON.stringify(String(entry))}, which is not an origin such as https://api.example or http://localhost:8080.`,
  );
}
