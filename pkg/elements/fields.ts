/** Which control asks for a value of a JSON Schema, and which value its text stands for. */
import type { JsonSchema } from "../core/types.js";
import { make } from "./dom.js";
import { titled } from "./words.js";

const INPUT_TYPES: Record<string, string> = {
  "date": "date",
  "time": "time",
  "date-time": "datetime-local",
  "email": "email",
  "uri": "url",
};

export type Control = HTMLInputElement | HTMLSelectElement;

export function controlFor(name: string, schema: JsonSchema): Control {
  const type = typeOf(schema);
  const choices = schema.enum ?? (type === "boolean" ? [true, false] : undefined);
  if (choices) {
    const options = choices.map((value) => make("option", { value: JSON.stringify(value) }, choiceText(value)));
    return make("select", { name, required: true }, make("option", { value: "" }, "Choose…"), ...options);
  }
  const input = make("input", { name, required: true, type: INPUT_TYPES[String(schema.format)] ?? "text" });
  const { minimum, maximum, minLength, maxLength } = schema;
  if (type === "integer" || type === "number") {
    input.type = "number";
    input.step = type === "integer" ? "1" : "any";
    if (typeof minimum === "number") input.min = String(minimum);
    if (typeof maximum === "number") input.max = String(maximum);
  } else if (type === "string") {
    if (typeof minLength === "number") input.minLength = minLength;
    if (typeof maxLength === "number") input.maxLength = maxLength;
  }
  return input;
}

/** What else is to be known to fill the control. */
export function hintOf(schema: JsonSchema): string | undefined {
  const { description = "" } = schema;
  if (typeOf(schema) === "array") return "Several: put commas between them.";
  if (typeOf(schema) === "object") return "As JSON.";
  return description.length > 60 ? description : undefined;
}

/** The value that a control's text stands for; undefined where there is none. Throws where it can't be read. */
export function valueOf(schema: JsonSchema, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (schema.enum) return JSON.parse(trimmed);
  switch (typeOf(schema)) {
    case "boolean":
    case "object":
      return JSON.parse(trimmed);
    case "integer":
    case "number":
      return exactNumber(trimmed);
    case "array": {
      const parts = trimmed.split(/[,;\n]/).map((part) => valueOf((schema.items ?? {}) as JsonSchema, part));
      return parts.filter((part) => part !== undefined);
    }
    default:
      return schema.format === "date-time" ? withOffset(trimmed) : trimmed;
  }
}

/** A whole number beyond 2^53 would be rounded: an id would become another one. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (/^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large to be exact.`);
  return value;
}

function choiceText(value: unknown): string {
  return typeof value === "boolean" ? (value ? "Yes" : "No") : typeof value === "string" ? titled(value) : `${value}`;
}

function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === "object" ? type.find((type) => type !== "null") : type;
}

/** The control knows no zone; who fills it means their own. */
function withOffset(local: string): string {
  const minutes = -new Date(local).getTimezoneOffset();
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = /T\d\d:\d\d$/.test(local) ? ":00" : "";
  const sign = minutes < 0 ? "-" : "+";
  return `${local}${seconds}${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
