/** What a visitor pasted, as tools: an OpenAPI document, or a list of functions in any of the usual forms. */
import type { Narrowed, Problem, ToolDefinition, Toolgen } from "toolgen";
import { fromOpenAI } from "toolgen/importers/openai";

export interface Found {
  name: string;
  tools: ToolDefinition[];
  narrowed: Narrowed[];
  /** What can't be used, by its place in the document. */
  skipped: Problem[];
}

export interface ReadOptions {
  /** In place of the document's server. */
  baseUrl?: string;
  signal?: AbortSignal;
}

/** In characters. The largest documents of well-known services have half of that. */
export const MAX_DOCUMENT = 20e6;
/** Its reader takes some seconds for so much, in which the page stands still. */
const MAX_YAML = 1e6;

export function tooLarge(size: number, most: number): string {
  return `it has ${Math.ceil(size / 1e6)} MB, and a page reads ${most / 1e6}. Take the part of it that you need.`;
}

/** The document can't be read at all; the message says where, and what to do. */
export class UnreadableDocument extends Error {}

export async function readDocument(
  toolgen: Pick<Toolgen, "fromOpenApi">,
  text: string,
  options: ReadOptions = {},
): Promise<Found> {
  if (text.trim() === "")
    throw new UnreadableDocument("There is nothing to read yet. Paste a document, or choose a file.");
  if (text.length > MAX_DOCUMENT)
    throw new UnreadableDocument(`This is too large: ${tooLarge(text.length, MAX_DOCUMENT)}`);
  const document = await parse(text);
  if (isRecord(document) && ("openapi" in document || "swagger" in document)) {
    const { title } = isRecord(document.info) ? document.info : {};
    const name = typeof title === "string" && title.trim() ? title.trim() : "Your API";
    return { name, ...(await toolgen.fromOpenApi(document, options)) };
  }
  return { name: "Your functions", ...readFunctions(listIn(document)) };
}

/** JSON or YAML. Most documents are JSON, so the other's reader is loaded when it is wanted. */
async function parse(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    // YAML has all of JSON in it, and its reader names the line of a mistake in either.
  }
  if (text.length > MAX_YAML)
    throw new UnreadableDocument(`It is no JSON. As YAML ${tooLarge(text.length, MAX_YAML)} JSON may be larger.`);
  const { parseDocument } = await import("yaml");
  // Whether names are unique takes the square of their number.
  const document = parseDocument(text, { uniqueKeys: false });
  const [problem] = document.errors;
  if (problem) {
    const { line, col } = problem.linePos?.[0] ?? { line: 1, col: 1 };
    const [what] = problem.message.split(/ at line \d/);
    throw new UnreadableDocument(`Line ${line}, column ${col}: ${what}. Mend it there, and read it again.`);
  }
  return document.toJS({ maxAliasCount: 100 });
}

/** A list by itself, under the name that it has in a request, or one function. */
function listIn(document: unknown): unknown[] {
  if (Array.isArray(document)) return document;
  if (isRecord(document)) {
    for (const key of ["tools", "functions"]) if (Array.isArray(document[key])) return document[key];
    if ("name" in document || "function" in document) return [document];
  }
  throw new UnreadableDocument(
    'This is neither an OpenAPI document, which has "openapi" at its top, nor a list of functions, each with a name, ' +
      "a description and parameters. Paste one of the two.",
  );
}

function readFunctions(list: readonly unknown[]): Omit<Found, "name"> {
  const tools: ToolDefinition[] = [];
  const skipped: Problem[] = [];
  const names = new Set<string>();
  for (const [index, given] of list.entries()) {
    try {
      const tool = readFunction(given);
      if (names.has(tool.name))
        throw new Error(`/0/name: an earlier one is called ${tool.name}, too. Give it another name.`);
      names.add(tool.name);
      tools.push(tool);
    } catch (error) {
      // The importer was given this one alone, so that the others can be used.
      const message = (error as Error).message.replace(/(^|[ :])\/0(?=[/ :])/, `$1/${index}`);
      skipped.push({ name: `/${index}`, code: "bad_tool", message });
    }
  }
  if (list.length === 0) throw new UnreadableDocument("The list is empty: there is no function in it.");
  return { tools, narrowed: [], skipped };
}

/** OpenAI's form, or a plain definition as MCP and this package write it. */
function readFunction(given: unknown): ToolDefinition {
  const isPlain = isRecord(given) && given.type !== "function" && given.function === undefined && "name" in given;
  if (!isPlain) return fromOpenAI([given])[0]!;
  const { name, description, parameters, inputSchema, input_schema, http, annotations, examples } = given;
  const schema = parameters ?? inputSchema ?? input_schema;
  const [tool] = fromOpenAI([{ type: "function", name, description, parameters: schema }]);
  return {
    ...tool!,
    ...(isRecord(http) && { http: http as unknown as ToolDefinition["http"] }),
    ...(isRecord(annotations) && { annotations }),
    ...(Array.isArray(examples) && { examples }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
