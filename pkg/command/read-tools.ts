/** Files of tools, as definitions that are checked and as OpenAPI documents, which the module reads. */
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, ToolgenError } from "../core/errors.js";
import { fromOpenAI } from "../importers/openai.js";
import type { ToolDefinition } from "../infer.js";
import { documentsOf, type Documents } from "../registry.js";
import { isRecord } from "../util/is-record.js";

/** What a file has. */
export type Source = { file: string; openApi: string } | { file: string; documents: Documents };

const MODULES = [".js", ".mjs", ".ts", ".mts"];

/** Throws `bad_tool` that names the file and the place in it. */
export async function readTools(file: string): Promise<Source> {
  const kind = extname(file).toLowerCase();
  if (MODULES.includes(kind)) return { file, documents: definedBy(file, await exportsOf(file)) };
  if (kind === ".yaml" || kind === ".yml")
    throw refused(file, `is YAML. Write it as JSON first: npx js-yaml ${file} > ${file.replace(/ya?ml$/i, "json")}`);
  const text = await readFile(file, "utf8").catch((cause) => {
    throw refused(file, `can't be read: ${messageOf(cause)}`);
  });
  if (kind === ".jsonl") return { file, documents: definedBy(file, linesOf(file, text)) };
  const value = parse(file, text);
  if (isRecord(value) && ("openapi" in value || "swagger" in value)) return { file, openApi: text };
  return { file, documents: definedBy(file, listIn(file, value)) };
}

/** All that a module exports and that is a definition, or a list of them: by several names only once. */
async function exportsOf(file: string): Promise<unknown[]> {
  const exported: object = await import(pathToFileURL(resolve(file)).href).catch((cause) => {
    throw refused(file, `can't be imported by Node.js: ${messageOf(cause)}`);
  });
  const found = Object.values(exported).flat().filter(isDefinition);
  if (found.length === 0) throw refused(file, "exports no definitions of tools");
  return [...new Set(found)];
}

function isDefinition(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return (
    value.type === "function" || (typeof value.name === "string" && ("inputSchema" in value || "parameters" in value))
  );
}

function linesOf(file: string, text: string): unknown[] {
  const lines = text.split("\n").map((line, index) => [`${file}, line ${index + 1}`, line] as const);
  return lines.filter(([, line]) => line.trim() !== "").map(([place, line]) => parse(place, line));
}

function parse(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(place, `is no JSON: ${messageOf(cause)}`);
  }
}

/** A list by itself, under the name that it has in a request, or one tool. */
function listIn(file: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value)) {
    for (const key of ["tools", "functions"]) if (Array.isArray(value[key])) return value[key];
    if (isDefinition(value)) return [value];
  }
  throw refused(
    file,
    "is neither a list of tools nor an OpenAPI document, which has `openapi` or `swagger` at its top",
  );
}

function definedBy(file: string, list: readonly unknown[]): Documents {
  try {
    const isOpenAI = list.some((tool) => isRecord(tool) && tool.type === "function");
    return documentsOf(isOpenAI ? fromOpenAI(list) : list.map(definitionOf));
  } catch (error) {
    throw refused(file, messageOf(error), ": ");
  }
}

/** A definition as this package, MCP or a line of a pack's tools writes it. */
function definitionOf(tool: unknown): ToolDefinition {
  if (!isRecord(tool) || !("parameters" in tool) || "inputSchema" in tool) return tool as unknown as ToolDefinition;
  const { parameters: inputSchema, ...rest } = tool;
  return { ...rest, inputSchema } as unknown as ToolDefinition;
}

function refused(place: string, why: string, between = " "): ToolgenError {
  return new ToolgenError("bad_tool", `${place}${between}${why.replace(/\.$/, "")}.`);
}
