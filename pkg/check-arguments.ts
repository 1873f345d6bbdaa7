/** Arguments that don't come from the model, held to their tool's schema. */
import type { JsonSchema } from "./core/types.js";
import { isRecord } from "./util/is-record.js";

const MAX_DEPTH = 64;

/**
 * The first thing that is wrong with a value, in words; undefined where nothing is. Formats aren't looked at, nor are
 * keywords beyond those that restrict one value by itself.
 */
export function problemIn(schema: unknown, value: unknown, root = schema, path = "", depth = 0): string | undefined {
  if (schema === true || schema === undefined) return undefined;
  if (!isRecord(schema)) return `${path || "this"} is not allowed`;
  if (depth > MAX_DEPTH) return `${path || "this"} is nested too deep`;
  const inside = (part: unknown, item: unknown, name: string | number) =>
    problemIn(part, item, root, path ? `${path}.${name}` : `${name}`, depth + 1);
  const here = (part: unknown) => problemIn(part, value, root, path, depth + 1);
  const { $ref, anyOf, oneOf, allOf } = schema as Record<string, unknown>;
  if (typeof $ref === "string") {
    const problem = here(resolve(root, $ref));
    if (problem) return problem;
  }
  for (const part of Array.isArray(allOf) ? allOf : []) {
    const problem = here(part);
    if (problem) return problem;
  }
  for (const parts of [anyOf, oneOf]) {
    if (!Array.isArray(parts) || parts.some((part) => here(part) === undefined)) continue;
    return parts.length === 1 ? here(parts[0]) : `${path || "this"} is none of what is allowed`;
  }
  const wrong = ownProblem(schema, value);
  if (wrong) return `${path || "this"} ${wrong}`;
  if (Array.isArray(value)) {
    const { prefixItems, items } = schema as { prefixItems?: unknown[]; items?: unknown };
    return first(value, (item, i) => inside(prefixItems?.[i] ?? items, item, i));
  }
  if (!isRecord(value)) return undefined;
  const { properties = {}, required = [], additionalProperties } = schema as JsonSchema;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${path ? `${path}.` : ""}${missing} is missing`;
  return first(Object.entries(value), ([name, item]) =>
    inside(Object.hasOwn(properties, name) ? properties[name] : additionalProperties, item, name),
  );
}

/** What a value's own keywords say. */
function ownProblem(schema: JsonSchema, value: unknown): string | undefined {
  const { type, pattern } = schema;
  const types = typeof type === "string" ? [type] : type;
  if (types && !types.some((name) => isOf(name, value))) return `must be of type ${types.join(" or ")}`;
  const allowed = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  if (allowed && !allowed.some((other) => JSON.stringify(other) === JSON.stringify(value)))
    return `must be ${allowed.map((other) => JSON.stringify(other)).join(" or ")}`;
  const size = typeof value === "string" ? [...value].length : Array.isArray(value) ? value.length : undefined;
  const bounds: [keyword: string, holds: (bound: number) => boolean, words: string][] =
    typeof value === "number"
      ? [
          ["minimum", (bound) => value >= bound, "at least"],
          ["maximum", (bound) => value <= bound, "at most"],
          ["exclusiveMinimum", (bound) => value > bound, "more than"],
          ["exclusiveMaximum", (bound) => value < bound, "less than"],
          ["multipleOf", (bound) => Math.abs(value / bound - Math.round(value / bound)) < 1e-9, "a multiple of"],
        ]
      : size === undefined
        ? []
        : [
            [typeof value === "string" ? "minLength" : "minItems", (bound) => size >= bound, "at least as long as"],
            [typeof value === "string" ? "maxLength" : "maxItems", (bound) => size <= bound, "at most as long as"],
          ];
  for (const [keyword, holds, words] of bounds) {
    const bound = schema[keyword];
    if (typeof bound === "number" && !holds(bound)) return `must be ${words} ${bound}`;
  }
  if (typeof value === "string" && typeof pattern === "string" && !matches(pattern, value))
    return `must match ${pattern}`;
  return undefined;
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "number") return Number.isFinite(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isRecord(value) : typeof value === type;
}

/** A pattern that no engine here can read restricts nothing. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return true;
  const steps = reference.slice(1).split("/").slice(1);
  return steps.reduce<unknown>(
    (part, step) => (isRecord(part) ? part[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
    root,
  );
}

function first<T>(items: readonly T[], problem: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = problem(item, index);
    if (found) return found;
  }
  return undefined;
}
