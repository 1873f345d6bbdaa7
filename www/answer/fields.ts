/** Which control asks for a value of a JSON Schema, and which value its text stands for. */
import type { JsonSchema } from "toolgen";
import { capitalised, wordsOf } from "../words/humanise.ts";

export type Control =
  | { kind: "select"; options: { value: string; text: string }[] }
  | { kind: "input"; type: "text" | "number" | "date" | "time" | "datetime-local" | "email" | "url"; list?: boolean };

export function controlOf(schema: JsonSchema): Control {
  if (schema.enum)
    return {
      kind: "select",
      options: schema.enum.map((value) => ({ value: JSON.stringify(value), text: wordsOf(String(value)) })),
    };
  switch (typeOf(schema)) {
    case "boolean":
      return {
        kind: "select",
        options: [
          { value: "true", text: "yes" },
          { value: "false", text: "no" },
        ],
      };
    case "integer":
    case "number":
      return { kind: "input", type: "number" };
    case "array":
      return { kind: "input", type: "text", list: true };
    default:
      return { kind: "input", type: TYPES[String(schema.format)] ?? "text" };
  }
}

const TYPES: Record<string, "date" | "time" | "datetime-local" | "email" | "url"> = {
  "date": "date",
  "time": "time",
  "date-time": "datetime-local",
  "email": "email",
  "uri": "url",
};

/** What a form's text means: a number, a choice, a list; undefined for nothing. */
export function valueOf(schema: JsonSchema, text: string, offset = offsetOf): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (schema.enum) return JSON.parse(trimmed);
  switch (typeOf(schema)) {
    case "boolean":
      return trimmed === "true";
    case "integer":
    case "number":
      return exactNumber(trimmed);
    case "array": {
      const items = (schema.items ?? {}) as JsonSchema;
      const parts = trimmed.split(/[,;\n]/).map((part) => part.trim());
      return parts.filter(Boolean).map((part) => valueOf(items, part, offset));
    }
    default:
      // The control has no zone; the person means their own.
      return schema.format === "date-time" ? `${withSeconds(trimmed)}${offset(new Date(trimmed))}` : trimmed;
  }
}

/** What the person is asked: the schema's own words, without the remarks in brackets. */
export function questionOf(name: string, { description }: JsonSchema): string {
  const text = description?.replace(/\s*\([^)]*\)/g, "").replace(/\.$/, "");
  return capitalised(text && text.length <= 60 ? text : wordsOf(name.split(".").at(-1)!));
}

/** A whole number beyond 2^53 would be rounded: an id would become another one. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (/^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large to be exact.`);
  return value;
}

function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === "string" ? type : type?.find((type) => type !== "null");
}

function withSeconds(time: string): string {
  return /T\d\d:\d\d$/.test(time) ? `${time}:00` : time;
}

/** `+02:00`, as RFC 3339 writes it. */
function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
