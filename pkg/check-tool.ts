/** Checks documents of tools that others wrote. Errors name the tool and the place in its document. */
import { ToolgenError } from "./core/errors.js";
import type { HttpDescription, JsonSchema, LocalFunction } from "./core/types.js";
import { isRecord } from "./util/is-record.js";
import { kindOf } from "./util/kind-of.js";

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** No tool has a deeper schema; without a limit, recursion could exhaust the stack. */
const MAX_DEPTH = 64;
/** A small object that refers to its parts many times can have endless copies. */
const MAX_VALUES = 100_000;
/** Of a description, and of all texts of a schema: the model reads some hundreds of words of either. */
const MAX_DESCRIPTION = 2 ** 16;
const MAX_TEXT = 2 ** 22;
const HINTS = [
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
  "untrustedContentHint",
  "consequentialHint",
] as const;

/** A tool with the property names that MCP, WebMCP and the Prompt API share. */
export interface ImportedTool {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`, unique among the tools of one import. */
  name: string;
  description: string;
  /** The arguments: a JSON Schema of type "object", a copy of its own. */
  inputSchema: JsonSchema & { type: "object" };
  /** Carries the tool out. Its return value is the body of the observation. */
  execute?: LocalFunction;
  http?: HttpDescription;
  annotations?: ToolAnnotations;
}

/** What a tool's author claims about it; nothing verifies that. */
export interface ToolAnnotations {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
  /** WebMCP: the tool's results contain text of third parties. */
  untrustedContentHint?: boolean;
  /** WebMCP: the tool's effects are serious, or can't be undone. */
  consequentialHint?: boolean;
}

/** A tool's parts before they are checked. */
export interface Candidate {
  name: unknown;
  description: unknown;
  inputSchema: unknown;
  annotations?: unknown;
  execute?: LocalFunction;
}

/** JSON Pointers to the parts in the document that they came from. */
export type Places = Partial<Record<"name" | "description" | "inputSchema" | "annotations", string>>;

/** The tool with copies of all its parts, or a `bad_tool` error. */
export function checkTool(tool: Candidate, places: Places = {}): ImportedTool {
  const { name, description, execute } = tool;
  const at = {
    name: "/name",
    description: "/description",
    inputSchema: "/inputSchema",
    annotations: "/annotations",
    ...places,
  };
  if (typeof name !== "string") throw wrongKind(undefined, at.name, "a string", name);
  if (!NAME.test(name)) throw badTool(name, at.name, 'must be 1 to 128 ASCII letters, digits, "_", "." or "-"');
  if (typeof description !== "string") throw wrongKind(name, at.description, "a string", description);
  if (description.trim() === "") throw badTool(name, at.description, "must not be empty: the model chooses by it");
  if (description.length > MAX_DESCRIPTION)
    throw badTool(name, at.description, `exceeds the limit of ${MAX_DESCRIPTION} characters`);
  const checked: ImportedTool = { name, description, inputSchema: checkSchema(name, tool.inputSchema, at.inputSchema) };
  const annotations = checkAnnotations(name, tool.annotations, at.annotations);
  if (annotations) checked.annotations = annotations;
  if (execute !== undefined && execute !== null && typeof execute !== "function")
    throw wrongKind(name, "/execute", "a function", execute);
  if (execute) checked.execute = execute;
  return checked;
}

export function badTool(name: string | undefined, path: string, problem: string): ToolgenError {
  const tool = name === undefined ? "A tool" : `The tool ${JSON.stringify(name.slice(0, 128))}`;
  return new ToolgenError("bad_tool", `${tool} can't be imported: ${path || "its document"} ${problem}.`);
}

/** `wanted` in words, "an object". */
export function wrongKind(name: string | undefined, path: string, wanted: string, found: unknown): ToolgenError {
  return badTool(name, path, `must be ${wanted}, not ${kindOf(found)}`);
}

function checkSchema(name: string, schema: unknown, path: string): ImportedTool["inputSchema"] {
  if (!isRecord(schema)) throw wrongKind(name, path, "a JSON Schema", schema);
  const copy = followed(
    copyJson(name, schema, path, 0, { values: MAX_VALUES, text: MAX_TEXT }) as Record<string, unknown>,
  );
  copy.type ??= "object";
  const { type, properties, required } = copy;
  if (type !== "object") {
    throw badTool(
      name,
      `${path}/type`,
      `must be "object", not ${typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : kindOf(type)}`,
    );
  }
  if (properties !== undefined && !isRecord(properties))
    throw wrongKind(name, `${path}/properties`, "an object", properties);
  for (const [property, value] of Object.entries(properties ?? {})) {
    if (isRecord(value) || typeof value === "boolean") continue;
    throw wrongKind(name, `${path}/properties/${escape(property)}`, "a JSON Schema", value);
  }
  const names = required ?? [];
  if (!Array.isArray(names)) throw wrongKind(name, `${path}/required`, "an array", names);
  names.forEach((item, index) => {
    if (typeof item !== "string") throw wrongKind(name, `${path}/required/${index}`, "a string", item);
  });
  return copy as ImportedTool["inputSchema"];
}

/** A root that refers to one of its definitions is that one. */
function followed(schema: Record<string, unknown>): Record<string, unknown> {
  const { $ref, ...rest } = schema;
  const [, place = "", key = ""] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String($ref)) ?? [];
  const target = isRecord(rest[place]) ? rest[place][key] : undefined;
  return isRecord(target) ? { ...rest, ...target } : schema;
}

function checkAnnotations(name: string, given: unknown, path: string): ToolAnnotations | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isRecord(given)) throw wrongKind(name, path, "an object", given);
  const annotations: ToolAnnotations = {};
  const { title } = given;
  if (title !== undefined && title !== null && typeof title !== "string")
    throw wrongKind(name, `${path}/title`, "a string", title);
  if (title) annotations.title = title;
  for (const hint of HINTS) {
    const value = given[hint];
    if (value === undefined || value === null) continue;
    // "false" as a text would count as true wherever it is only tested.
    if (typeof value !== "boolean") throw wrongKind(name, `${path}/${hint}`, "true or false", value);
    annotations[hint] = value;
  }
  return Object.keys(annotations).length > 0 ? annotations : undefined;
}

/** What is left of what one schema may have. */
interface Budget {
  values: number;
  text: number;
}

/** A copy that its author can't change later, of JSON and nothing else. */
function copyJson(name: string, value: unknown, path: string, depth: number, budget: Budget): unknown {
  if (budget.values-- <= 0) throw badTool(name, path, `exceeds the limit of ${MAX_VALUES} values per schema`);
  if (depth > MAX_DEPTH) throw badTool(name, path, `is nested more than ${MAX_DEPTH} levels deep, or contains itself`);
  if (typeof value === "string" && (budget.text -= value.length) < 0)
    throw badTool(name, path, `exceeds the limit of ${MAX_TEXT} characters`);
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value))
    return value.map((item, index) => copyJson(name, item, `${path}/${index}`, depth + 1, budget));
  if (typeof value !== "object")
    throw badTool(name, path, `must be JSON, not ${typeof value === "number" ? value : kindOf(value)}`);
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  // Plain objects of another frame have a prototype without a prototype, too.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw badTool(
      name,
      path,
      `must be plain JSON, not an instance of ${prototype.constructor?.name || "an unnamed class"}`,
    );
  }
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    // PHP writes an empty object as an array.
    .map(([key, item]) => [key, key === "properties" && isNothing(item) ? {} : item] as const);
  // fromEntries defines a key like "__proto__" as any other; assigning would not.
  return Object.fromEntries(
    entries.map(([key, item]) => [key, copyJson(name, item, `${path}/${escape(key)}`, depth + 1, budget)]),
  );
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function escape(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
