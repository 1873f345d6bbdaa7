/** Which value of a JSON Schema the text of a form stands for. */
import type { JsonSchema } from "../core/types.js";

export function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === "object" ? type.find((type) => type !== "null") : type;
}

/** Whether the value is written as JSON: one with parts, or a list of such. */
export function isJson(schema: JsonSchema): boolean {
  const type = typeOf(schema);
  return type === "object" || (type === "array" && /^(object|array)$/.test(typeOf(itemsOf(schema)) ?? ""));
}

/** The value; undefined where there is none. Throws where the text can't be read, or not without changing it. */
export function valueOf(schema: JsonSchema, text: string, offset = offsetOf): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (schema.enum) return oneOf(schema.enum, trimmed);
  if (isJson(schema)) return exactJson(trimmed);
  switch (typeOf(schema)) {
    case "boolean":
      return oneOf([true, false], trimmed);
    case "integer":
    case "number":
      return exactNumber(trimmed);
    case "array": {
      const parts = trimmed.split(/[,;\n]/).map((part) => valueOf(itemsOf(schema), part, offset));
      return parts.filter((part) => part !== undefined);
    }
    default:
      // Swedish dates are written as ISO 8601 has them.
      if (schema.format === "time") return withOffset(trimmed, offset, new Date().toLocaleDateString("sv"));
      return schema.format === "date-time" ? withOffset(trimmed, offset) : trimmed;
  }
}

function itemsOf({ items = {} }: JsonSchema): JsonSchema {
  return items as JsonSchema;
}

/** A select has the JSON of its values; in a list they are written as they are. */
function oneOf(choices: readonly unknown[], text: string): unknown {
  const chosen = choices.find((value) => JSON.stringify(value) === text || String(value) === text);
  if (chosen !== undefined) return chosen;
  throw new RangeError(`${text} is none of ${choices.join(", ")}.`);
}

/** A whole number beyond 2^53 would be rounded: an id would become another one. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new RangeError(`${text} is no number.`);
  if (!/e/i.test(text) && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new RangeError(`${text} is too large to be exact.`);
  return value;
}

function exactJson(text: string): unknown {
  for (const [number] of text.replace(/"(?:\\.|[^"\\])*"/g, "").matchAll(/-?\d[\d.eE+-]*/g)) exactNumber(number);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(`This is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** The control knows no zone; who fills it means their own. A time alone is of the `day`. */
function withOffset(local: string, offset: (date: Date) => string, day?: string): string {
  if (/(z|[-+]\d\d:\d\d)$/i.test(local)) return local;
  const date = new Date(day ? `${day}T${local}` : local);
  if (Number.isNaN(+date)) {
    const wanted = day ? "time, such as 09:30" : "date with a time, such as 2026-05-14T09:30";
    throw new RangeError(`${local} is no ${wanted}.`);
  }
  return `${local}${/(^|T)\d\d:\d\d$/.test(local) ? ":00" : ""}${offset(date)}`;
}

/** `+02:00`, as RFC 3339 writes it. */
function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
