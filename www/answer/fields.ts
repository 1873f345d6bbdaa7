/** Which control asks for a value of a JSON Schema; the package's forms know which value its text stands for. */
import type { JsonSchema } from "toolgen";
import { isJson, typeOf, valueOf } from "../../pkg/elements/values.ts";
import { capitalised, wordsOf } from "../words/humanise.ts";

export { isJson, valueOf };

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

/** What the person is asked: the schema's own words, without the remarks in brackets. */
export function questionOf(name: string, { description }: JsonSchema): string {
  const text = description?.replace(/\s*\([^)]*\)/g, "").replace(/\.$/, "");
  return capitalised(text && text.length <= 60 ? text : wordsOf(name.split(".").at(-1)!));
}
