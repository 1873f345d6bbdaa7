/** Tools in the form of OpenAI's APIs: Chat Completions (nested) and Responses (flat). */
import { badTool, checkTool, wrongKind } from "../check-tool.js";
import { ToolgenError } from "../core/errors.js";
import { attempt, read } from "../util/options.js";
import type { Functions } from "../core/types.js";
import { isRecord } from "../util/is-record.js";
import { kindOf } from "../util/kind-of.js";
import type { ImportedTool } from "./types.js";

export type { ImportedTool, ToolAnnotations } from "./types.js";

export interface OpenAIOptions {
  /** Functions that carry out the tools, by name. */
  functions?: Functions;
}

/**
 * The function tools of a `tools` list, in its order. Both forms may be mixed. Anything else, or an
 * invalid tool, is a `bad_tool` error with its place in the list, since you can correct the list.
 * `strict` has no effect: arguments always follow the schema here.
 */
export function fromOpenAI(tools: unknown, options?: OpenAIOptions): ImportedTool[] {
  const { functions = {} } = read(options);
  if (!Array.isArray(tools)) throw new ToolgenError("bad_tool", `tools must be an array, not ${kindOf(tools)}.`);
  const names = new Set<string>();
  return tools.map((tool: unknown, index) => {
    const imported = attempt(`tools[${index}]`, () => fromFunctionTool(tool, `/${index}`, functions));
    if (names.has(imported.name)) throw badTool(imported.name, `/${index}`, "has the same name as an earlier tool");
    names.add(imported.name);
    return imported;
  });
}

function fromFunctionTool(tool: unknown, place: string, functions: Functions): ImportedTool {
  if (!isRecord(tool)) throw wrongKind(undefined, place, "an object", tool);
  const { type } = tool;
  if (type !== "function") {
    const found = typeof type === "string" ? JSON.stringify(type.slice(0, 60)) : kindOf(type);
    throw badTool(nameIn(tool), `${place}/type`, `is ${found}; only "function" can be imported`);
  }
  const nested = tool.function !== undefined;
  if (nested && !isRecord(tool.function))
    throw wrongKind(nameIn(tool), `${place}/function`, "an object", tool.function);
  if (nested && tool.name !== undefined)
    throw badTool(nameIn(tool), place, "must have either a name or a function, not both");
  const at = nested ? `${place}/function` : place;
  const { name, description, parameters, strict } = (nested ? tool.function : tool) as Record<string, unknown>;
  const places = { name: `${at}/name`, description: `${at}/description`, inputSchema: `${at}/parameters` };
  // A function without parameters may leave them out, in the flat form also as null.
  const inputSchema = parameters ?? { type: "object", properties: {} };
  const imported = checkTool({ name, description, inputSchema }, places);
  if (strict !== undefined && strict !== null && typeof strict !== "boolean")
    throw wrongKind(imported.name, `${at}/strict`, "true or false", strict);
  if (!isRecord(functions) || !Object.hasOwn(functions, imported.name)) return imported;
  const execute: unknown = functions[imported.name];
  if (typeof execute !== "function")
    throw wrongKind(imported.name, `functions/${imported.name}`, "a function", execute);
  return { ...imported, execute: functions[imported.name] };
}

function nameIn(tool: Record<string, unknown>): string | undefined {
  const name = isRecord(tool.function) ? tool.function.name : tool.name;
  return typeof name === "string" ? name : undefined;
}
