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

/** The document can't be read at all; the message says where, and what to do. */
export class UnreadableDocument extends Error {}

export async function readDocument(
  toolgen: Pick<Toolgen, "fromOpenApi">,
  text: string,
  { baseUrl, signal }: ReadOptions = {},
): Promise<Found> {
  if (text.trim() === "")
    throw new UnreadableDocument("There is nothing to read yet. Paste a document, or choose a file.");
  if (isYaml(text)) {
    const title = /^\s+title:\s*["']?(.+?)["']?\s*$/m.exec(text)?.[1];
    return { name: title ?? "Your API", ...(await toolgen.fromOpenApi(text, { baseUrl, signal })) };
  }
  const document = parse(text);
  if (isRecord(document) && ("openapi" in document || "swagger" in document)) {
    const { title } = isRecord(document.info) ? document.info : {};
    const name = typeof title === "string" && title.trim() ? title.trim() : "Your API";
    return { name, ...(await toolgen.fromOpenApi(text, { baseUrl, signal })) };
  }
  return { name: "Your functions", ...readFunctions(listIn(document)) };
}

/** JSON begins with a bracket; what begins with a version's key can only be YAML. */
function isYaml(text: string): boolean {
  return !/^\s*[[{]/.test(text) && /^["']?(openapi|swagger)["']?\s*:/m.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    const position = /position (\d+)/.exec(message)?.[1];
    const where =
      position === undefined ? message : `${placeOf(text, Number(position))}: ${message.split(/ in JSON| \(/)[0]}`;
    throw new UnreadableDocument(
      `This is neither JSON nor an OpenAPI document in YAML. ${where}. Mend it there, and read it again.`,
    );
  }
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position).split("\n");
  return `Line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

/** A list by itself, under the name that it has in a request, or one function. */
function listIn(document: unknown): unknown[] {
  if (Array.isArray(document)) return document;
  if (isRecord(document)) {
    for (const key of ["tools", "functions"]) if (Array.isArray(document[key])) return document[key];
    if ("name" in document || "function" in document) return [document];
  }
  throw new UnreadableDocument(
    'This JSON is neither an OpenAPI document (there is no "openapi") nor a list of functions (there is no array, and no "tools"). ' +
      "A function has a name, a description and parameters.",
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
