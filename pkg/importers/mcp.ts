/** The tools of an MCP server over Streamable HTTP, through the official SDK (an optional peer). */
import { badTool, checkTool, wrongKind } from "../check-tool.js";
import { ToolgenError } from "../core/errors.js";
import { read } from "../util/options.js";
import { withDeadline } from "../util/deadline.js";
import { isRecord } from "../util/is-record.js";
import { valueOf } from "./content.js";
import { liveList, type Listed } from "./live-list.js";
import type { McpClient } from "./mcp-client.js";
import { connect, type Connection } from "./mcp-connection.js";
import { plainName, prefixed } from "./names.js";
import type { ImportedTool, ListChanged, ToolSource } from "./types.js";

export type { Media, Parts, Resource } from "./content.js";
export type { McpClient } from "./mcp-client.js";
export { combineTools } from "./names.js";
export type { ImportedTool, ListChanged, ToolAnnotations, ToolSource } from "./types.js";

export interface McpOptions {
  /** Aborts connecting; it has no effect once the tools are listed: see `close()`. */
  signal?: AbortSignal;
  /** The time limit of connecting, of listing and of each call, in milliseconds; 10,000 by default. */
  timeoutMs?: number;
  /** Sent with every request, `authorization` for example; not used with a client of your own. */
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  /** Prepended to every tool's name with "_"; without it, `combineTools()` prefixes names that collide. */
  prefix?: string;
  /**
   * False drops the server's hints, so that each of its tools needs approval; otherwise a tool's
   * `readOnlyHint: true` is trusted. True by default.
   */
  trustAnnotations?: boolean;
  /** Called after the server's list changed and was read again. */
  onListChanged?: ListChanged;
}

export interface McpServer extends ToolSource {
  /** As last listed. */
  readonly tools: readonly ImportedTool[];
  /** Ends the session and rejects what is pending. A client of your own stays connected. */
  close(): Promise<void>;
}

/** A server that pages without end would fill the memory before its time is up. */
const MAX_TOOLS = 10_000;

/**
 * Connects to a server, or uses a connected client of the SDK, and lists all its tools.
 * Tools with invalid documents are left out and named in `skipped`.
 *
 * Errors here and of a tool's `execute`: `unsupported` (no SDK), `network_or_cors`, `http_status`,
 * `timeout`, `aborted`, `mcp` (the server refuses, or violates the protocol), `function_failed` (the
 * tool reports a failure), `disposed` (after `close()`).
 */
export async function fromMcpServer(urlOrClient: URL | string | McpClient, given?: McpOptions): Promise<McpServer> {
  const options = read(given);
  const { signal, timeoutMs = 10_000, onListChanged } = options;
  const connection = await connect(urlOrClient, { ...options, timeoutMs });
  const readList = (signal?: AbortSignal) =>
    withDeadline(`Listing the tools of ${connection.name}`, { signal, timeoutMs }, (stop) =>
      list(connection, options, timeoutMs, stop),
    );
  try {
    const live = await liveList(readList, {
      signal,
      onListChanged,
      subscribe: (changed) => connection.onToolsChanged(changed),
    });
    return {
      name: connection.name,
      get tools() {
        return live.current().tools;
      },
      get skipped() {
        return live.current().skipped;
      },
      close() {
        live.stop();
        return connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function list(
  connection: Connection,
  options: McpOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Listed> {
  const listed: Listed = { tools: [], skipped: [] };
  const names = new Set<string>();
  /** As the server writes them. */
  const seen = new Set<unknown>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  let total = 0;
  for (;;) {
    const page = await connection.request("tools/list", cursor === undefined ? {} : { cursor }, signal);
    if (!Array.isArray(page.tools))
      throw new ToolgenError("mcp", `${connection.name} responded to tools/list without an array of tools.`);
    total += page.tools.length;
    if (total > MAX_TOOLS)
      throw new ToolgenError("too_large", `${connection.name} lists more than ${MAX_TOOLS} tools.`);
    const nameOf = (document: unknown) => (isRecord(document) ? document.name : undefined);
    // Some servers mean by an empty cursor that there is no more, and begin anew where one goes on.
    if (page.tools.length > 0 && page.tools.every((document) => seen.has(nameOf(document)))) {
      if (cursor !== "") listed.skipped.push(endless(connection, "lists tools again that it has listed"));
      break;
    }
    for (const document of page.tools as unknown[]) {
      try {
        if (seen.has(nameOf(document))) throw badTool(String(nameOf(document)), "/name", "is listed twice");
        const tool = importTool(connection, document, options, timeoutMs, names);
        seen.add(nameOf(document));
        names.add(tool.name);
        listed.tools.push(tool);
      } catch (error) {
        if (!(error instanceof ToolgenError)) throw error;
        listed.skipped.push(error);
      }
    }
    cursor = typeof page.nextCursor === "string" ? page.nextCursor : undefined;
    if (cursor === undefined) break;
    if (cursors.has(cursor)) {
      listed.skipped.push(endless(connection, "repeats a cursor"));
      break;
    }
    cursors.add(cursor);
  }
  return listed;
}

function endless({ name }: Connection, problem: string): ToolgenError {
  return new ToolgenError(
    "mcp",
    `${name} ${problem} in tools/list: what came before is used, more can't be asked for.`,
  );
}

function importTool(
  connection: Connection,
  document: unknown,
  { prefix, trustAnnotations = true }: McpOptions,
  timeoutMs: number,
  names: ReadonlySet<string>,
): ImportedTool {
  if (!isRecord(document)) throw wrongKind(undefined, "", "an object", document);
  const { name, title, description, inputSchema, annotations: given } = document;
  const annotations =
    given === undefined || isRecord(given)
      ? { ...(trustAnnotations ? given : undefined), title: title ?? given?.title }
      : given;
  const original = name as string;
  // A description is optional in MCP; the row is computed from the title or the name then.
  const words = typeof name === "string" ? name.replaceAll(/[_.-]+/g, " ") : undefined;
  const tool = checkTool({
    name: typeof name === "string" ? plainName(name, new Set()) : name,
    description: description ?? title ?? words,
    inputSchema,
    annotations,
  });
  return {
    ...tool,
    name: prefix === undefined ? plainName(original, names) : prefixed(prefix, tool.name, names),
    execute: (args: Record<string, unknown>, context?: { signal?: AbortSignal }) =>
      withDeadline(
        `The tool ${original} of ${connection.name}`,
        { signal: context?.signal, timeoutMs },
        async (signal) =>
          valueOf(original, await connection.request("tools/call", { name: original, arguments: args }, signal)),
      ),
  };
}
