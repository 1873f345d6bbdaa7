/** WebMCP both ways: the page's tools for our agent, and our agent as a tool of the page. */
import { badTool, checkTool, wrongKind } from "../check-tool.js";
import { messageOf, ToolgenError } from "../core/errors.js";
import { withDeadline } from "../util/deadline.js";
import { read } from "../util/options.js";
import { isRecord } from "../util/is-record.js";
import { parseUrl } from "../util/url.js";
import { valueOf } from "./content.js";
import { liveList, type Listed } from "./live-list.js";
import { inputOf, modelContext, type ModelContext } from "./model-context.js";
import { prefixed } from "./names.js";
import type { ImportedTool, ListChanged, ToolSource } from "./types.js";

export type { Media, Parts, Resource } from "./content.js";
export { provideToPage, type PageAgent, type Provided, type ProvideOptions } from "./provide.js";
export type { ImportedTool, ListChanged, ToolAnnotations, ToolSource } from "./types.js";

export interface PageOptions {
  /** Aborts listing; it has no effect once the tools are listed: see `close()`. */
  signal?: AbortSignal;
  /** The time limit of listing and of each call, in milliseconds; 10,000 by default. */
  timeoutMs?: number;
  /** Other origins whose frames' tools are listed too, if they expose them to this page. */
  fromOrigins?: string[];
  /** Those of them whose tools' hints are believed. Else a frame could have any of its tools run without being approved. */
  trustOrigins?: string[];
  /** Names to leave out: an agent that the page has from `provideToPage()` must not call itself. */
  exclude?: string[];
  /** Called after the page's tools changed and were listed again. */
  onListChanged?: ListChanged;
}

export interface PageTools extends ToolSource {
  /** Whether this browser lets a page list its tools; if not, `tools` is empty. */
  readonly supported: boolean;
  /** As last listed. */
  readonly tools: readonly ImportedTool[];
  /** Stops listening to changes. */
  close(): void;
}

type Lister = ModelContext & Required<Pick<ModelContext, "getTools" | "executeTool">>;

/**
 * The tools that the page has registered with WebMCP. Where the browser doesn't support it, the list
 * is empty and `supported` is false. Tools with invalid documents are left out and named in `skipped`.
 *
 * Errors here and of a tool's `execute`: `timeout`, `aborted`, `function_failed` (the browser or the
 * tool reports a failure), `mcp` (the browser gives no array of tools, or a result in MCP's form is invalid).
 */
export async function fromPage(given?: PageOptions): Promise<PageTools> {
  const options = read(given);
  const { signal, timeoutMs = 10_000, onListChanged } = options;
  const context = modelContext();
  const name = globalThis.location?.host || "the page";
  if (!canList(context)) return { name, supported: false, tools: [], skipped: [], close() {} };
  const readList = (signal?: AbortSignal) =>
    withDeadline("Listing the page's tools", { signal, timeoutMs }, () => list(context, options, timeoutMs));
  const subscribe = (changed: () => void) => {
    context.addEventListener?.("toolchange", changed);
    return () => context.removeEventListener?.("toolchange", changed);
  };
  const live = await liveList(readList, { signal, onListChanged, subscribe });
  return {
    name,
    supported: true,
    get tools() {
      return live.current().tools;
    },
    get skipped() {
      return live.current().skipped;
    },
    close: live.stop,
  };
}

function canList(context: ModelContext | undefined): context is Lister {
  return typeof context?.getTools === "function" && typeof context.executeTool === "function";
}

async function list(
  context: Lister,
  { fromOrigins, trustOrigins = [], exclude = [] }: PageOptions,
  timeoutMs: number,
): Promise<Listed> {
  let documents: unknown;
  try {
    documents = await context.getTools(fromOrigins ? { fromOrigins } : undefined);
  } catch (cause) {
    throw new ToolgenError("function_failed", `The page's tools could not be listed: ${messageOf(cause)}.`, { cause });
  }
  if (!Array.isArray(documents))
    throw new ToolgenError("mcp", "The page's ModelContext did not list an array of tools.");
  const listed: Listed = { tools: [], skipped: [] };
  const names = new Set<string>();
  const trusted = [globalThis.location?.origin, ...trustOrigins];
  for (const document of documents as unknown[]) {
    try {
      if (isRecord(document) && exclude.includes(document.name as string)) continue;
      const tool = importTool(context, document, names, timeoutMs, trusted);
      names.add(tool.name);
      listed.tools.push(tool);
    } catch (error) {
      if (!(error instanceof ToolgenError)) throw error;
      listed.skipped.push(error);
    }
  }
  return listed;
}

function importTool(
  context: Lister,
  document: unknown,
  taken: ReadonlySet<string>,
  timeoutMs: number,
  trusted: readonly unknown[],
): ImportedTool {
  if (!isRecord(document)) throw wrongKind(undefined, "", "an object", document);
  const { name, title, description, annotations: hints, origin } = document;
  const isTrusted = typeof origin !== "string" || trusted.includes(origin);
  const given = isRecord(hints) || hints == null ? { title: title || undefined, ...hints } : hints;
  const annotations = isRecord(given) && !isTrusted ? { title: given.title, untrustedContentHint: true } : given;
  const tool = checkTool({ name, description, annotations, inputSchema: schemaOf(document) });
  const { name: original } = tool;
  const execute = (args: object, given?: { signal?: AbortSignal }) =>
    withDeadline(`The page's tool ${original}`, { signal: given?.signal, timeoutMs }, (signal) =>
      call(context, document, original, args, signal),
    );
  // Frames have names of their own: the first keeps its name, the next gets its host before it.
  if (!taken.has(original)) return { ...tool, execute };
  const source = (typeof origin === "string" && parseUrl(origin)?.host) || "frame";
  return { ...tool, name: prefixed(source, original, taken), execute };
}

/** An object in the draft, JSON text in Chrome before 154, absent or empty for a tool without arguments. */
function schemaOf({ name, inputSchema }: Record<string, unknown>): unknown {
  if (inputSchema === undefined || inputSchema === null || inputSchema === "")
    return { type: "object", properties: {} };
  if (typeof inputSchema !== "string") return inputSchema;
  try {
    return JSON.parse(inputSchema);
  } catch (cause) {
    throw badTool(typeof name === "string" ? name : undefined, "/inputSchema", `is not JSON (${messageOf(cause)})`);
  }
}

async function call(
  context: Lister,
  document: unknown,
  name: string,
  args: object,
  signal: AbortSignal,
): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await context.executeTool(document, inputOf(args), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new ToolgenError("function_failed", `The page's tool ${name} failed: ${messageOf(cause)}`, { cause });
  }
  const value = typeof answer === "string" ? parsed(answer) : (answer ?? null);
  // Many pages answer in the form of MCP's results, as the draft's examples do.
  const isResult =
    isRecord(value) &&
    Array.isArray(value.content) &&
    value.content.every((block) => isRecord(block) && typeof block.type === "string");
  return isResult ? valueOf(name, value) : value;
}

/** Text that is not JSON comes from browsers that pass a string on as it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
