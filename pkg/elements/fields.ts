/** Which control asks for a value of a JSON Schema. */
import type { JsonSchema } from "../core/types.js";
import { make } from "./dom.js";
import { isJson, typeOf } from "./values.js";
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
  if (isJson(schema)) return "As JSON.";
  if (typeOf(schema) === "array") return "Several: put commas between them.";
  return description.length > 60 ? description : undefined;
}

function choiceText(value: unknown): string {
  return typeof value === "boolean" ? (value ? "Yes" : "No") : typeof value === "string" ? titled(value) : `${value}`;
}
