/** The page's side of the registry: documents go to the worker, functions stay here. */
import { badTool, checkTool, kindOf, type Candidate } from "./check-tool.js";
import { attempt } from "./core/options.js";
import type { Functions, LocalFunction, Tool } from "./core/types.js";
import type { ToolDefinition } from "./infer.js";
import { isRecord } from "./util/is-record.js";

export interface Documents {
  tools: Tool[];
  functions: Functions;
}

/** Checks definitions, which may be others'. Errors: `bad_tool`. */
export function documentsOf(definitions: readonly ToolDefinition<any>[]): Documents {
  const functions: Functions = Object.create(null);
  const names = new Set<string>();
  const tools = definitions.map((definition: unknown, index) => {
    if (!isRecord(definition)) throw badTool(undefined, `/${index}`, `must be an object, not ${kindOf(definition)}`);
    const { tool, execute } = attempt(`The tool ${index}`, () => documentOf(definition));
    if (names.has(tool.name)) throw badTool(tool.name, `/${index}`, "has the name of an earlier one");
    names.add(tool.name);
    if (execute) functions[tool.name] = execute;
    return tool;
  });
  return { tools, functions };
}

function documentOf(definition: Record<string, unknown>): { tool: Tool; execute?: LocalFunction } {
  const { inputSchema: parameters, execute, ...tool } = checkTool(definition as unknown as Candidate);
  const { http } = definition;
  return { tool: { ...tool, parameters, ...(isRecord(http) && { http: structuredClone(http) as never }) }, execute };
}
