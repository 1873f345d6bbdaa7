/** From what was found in a document to tools that can be called. */
import type { JsonSchema, ToolDefinition, Toolgen } from "toolgen";
import { hostOf } from "../words/format.ts";
import type { Found } from "./read.ts";
import { registerInTurn, withFreeNames, type Options, type Registered } from "./register.ts";
import type { OwnTools, Source } from "./tools.ts";

export interface Offer extends Found {
  /** Stored replies by tool, which stand for a server or functions that aren't there. */
  replies?: Record<string, unknown>;
  /** Questions to try. */
  questions?: readonly string[];
  /** Of the MCP server that they came from. */
  url?: string;
  close?: () => unknown;
}

export interface Added extends Registered {
  source: Source;
}

export async function add(toolgen: Toolgen, own: OwnTools, offer: Offer, options: Options): Promise<Added> {
  const named = withFreeNames(offer.tools.map(withSafeLink), own.taken(toolgen), offer.name);
  const given = offer.replies ?? {};
  const replies: Record<string, unknown> = {};
  const shownOnly = new Set<string>();
  const tools = named.map((tool, index) => {
    const { name } = offer.tools[index]!;
    const reply = Object.hasOwn(given, name) ? given[name] : undefined;
    if (reply !== undefined) replies[tool.name] = reply;
    if (reply !== undefined && tool.http) return withLabels(tool, reply);
    if (reply !== undefined) return { ...tool, execute: () => reply };
    if (tool.execute || tool.http) return tool;
    shownOnly.add(tool.name);
    return { ...tool, execute: (args: unknown) => args };
  });
  const hosts = tools.flatMap((tool) => (Object.hasOwn(replies, tool.name) ? [] : (hostOf(tool) ?? [])));
  const source: Source = {
    name: offer.name,
    tools: [],
    hosts: [...new Set(hosts)],
    replies,
    shownOnly,
    url: offer.url,
    close: offer.close,
  };
  // Before the first of its tools can be called: what may be sent is known from here.
  own.add(source);
  const onAdded = (names: readonly string[]) => {
    source.tools.push(...names);
    options.onAdded?.(names);
  };
  try {
    return { ...(await registerInTurn(toolgen, tools, { ...options, onAdded })), source };
  } finally {
    if (source.tools.length === 0) own.remove(source);
  }
}

/** A link of a document is followed by people: it leads to a page, and nowhere else. */
function withSafeLink(tool: ToolDefinition<JsonSchema>): ToolDefinition<JsonSchema> {
  const { documentation, ...http } = tool.http ?? {};
  if (documentation === undefined || /^https?:\/\//i.test(documentation)) return tool;
  return { ...tool, http: http as typeof tool.http };
}

/** A stored reply's names are what its answer is told by. */
function withLabels(tool: ToolDefinition<JsonSchema>, reply: unknown): ToolDefinition<JsonSchema> {
  const names = Object.keys(reply as object);
  return { ...tool, http: { ...tool.http!, result: Object.fromEntries(names.map((name) => [name, `/${name}`])) } };
}
