/** The page's side of the registry: documents go to the worker, functions stay here. */
import { badTool, checkTool, wrongKind, type Candidate } from "./check-tool.js";
import { attempt } from "./util/options.js";
import type { Example, Functions, LocalFunction, Tool } from "./core/types.js";
import type { ToolDefinition } from "./infer.js";
import { isRecord } from "./util/is-record.js";

export interface Documents {
  tools: Tool[];
  functions: Functions;
  /** Of all definitions. */
  examples: Example[];
}

/** Checks definitions, which may be others'. Errors: `bad_tool`. */
export function documentsOf(definitions: readonly ToolDefinition<any>[]): Documents {
  const functions: Functions = Object.create(null);
  const examples: Example[] = [];
  const names = new Set<string>();
  const tools = definitions.map((definition: unknown, index) => {
    if (!isRecord(definition)) throw wrongKind(undefined, `/${index}`, "an object", definition);
    const { tool, execute, queries } = attempt(`The tool ${index}`, () => documentOf(definition));
    if (names.has(tool.name)) throw badTool(tool.name, `/${index}`, "has the name of an earlier one");
    names.add(tool.name);
    if (execute) functions[tool.name] = execute;
    examples.push(...queries.map((query) => ({ query, tool: tool.name })));
    return tool;
  });
  return { tools, functions, examples };
}

interface Parts {
  tool: Tool;
  execute?: LocalFunction;
  queries: string[];
}

function documentOf(definition: Record<string, unknown>): Parts {
  const { name, http, examples: queries = [] } = definition;
  const candidate = { ...definition, inputSchema: jsonSchemaOf(name, definition.inputSchema) } as unknown as Candidate;
  const { inputSchema: parameters, execute, ...tool } = checkTool(candidate);
  if (!Array.isArray(queries) || !queries.every((query) => typeof query === "string"))
    throw badTool(tool.name, "/examples", "must be an array of questions");
  return {
    tool: { ...tool, parameters, ...(isRecord(http) && { http: structuredClone(http) as never }) },
    execute,
    queries,
  };
}

/** What a schema of a library for validation says of itself: https://standardschema.dev/json-schema */
function jsonSchemaOf(name: unknown, schema: unknown): unknown {
  const standard = (schema as { "~standard"?: unknown } | null | undefined)?.["~standard"];
  if (!isRecord(standard)) return schema;
  const { vendor, jsonSchema } = standard;
  if (isRecord(jsonSchema) && typeof jsonSchema.input === "function")
    return jsonSchema.input({ target: "draft-2020-12" });
  const problem = `is a schema of ${String(vendor)} that doesn't say its JSON Schema: pass that, as z.toJSONSchema() makes it`;
  throw badTool(typeof name === "string" ? name : undefined, "/inputSchema", problem);
}
