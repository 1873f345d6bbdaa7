/** The page's side of the registry: documents go to the worker, functions stay here. */
import { checkTool } from "./check-tool.js";
import type { Functions, Tool } from "./core/types.js";
import type { ToolDefinition } from "./infer.js";
import { isRecord } from "./util/is-record.js";

export interface Documents {
  tools: Tool[];
  functions: Functions;
}

/** Checks definitions, which may be others'. Errors: `bad_tool`. */
export function documentsOf(definitions: readonly ToolDefinition<any>[]): Documents {
  const functions: Functions = Object.create(null);
  const tools = definitions.map((definition) => {
    const { inputSchema: parameters, execute, ...tool } = checkTool(definition);
    if (execute) functions[tool.name] = execute;
    return { ...tool, parameters, ...(isRecord(definition.http) ? { http: structuredClone(definition.http) } : {}) };
  });
  return { tools, functions };
}
