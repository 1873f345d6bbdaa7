/** A form for what a question doesn't say. */
import type { Arguments, JsonSchema } from "toolgen";
import { make } from "../dom.ts";
import { controlOf, isJson, questionOf, valueOf } from "./fields.ts";

export interface Parameter {
  name: string;
  schema: JsonSchema;
}

/** The form's sentence for who can't see it, the form, and what it says about a value that doesn't fit. */
export function missingForm(parameters: Parameter[], answer: (values: Arguments) => void) {
  const fields = parameters.map(({ name, schema }) => ({ name, schema, control: control(name, schema) }));
  const problem = make("p", { className: "problem", role: "alert", hidden: true });
  const form = make(
    "form",
    { className: "prompt missing", autocomplete: "off" },
    ...fields.map(({ name, schema, control }) =>
      make("label", {}, make("span", {}, questionOf(name, schema)), control, hint(schema)),
    ),
    problem,
    make(
      "p",
      { className: "actions" },
      make("button", { type: "submit", className: "primary" }, "Answer"),
      make("span", { className: "quiet" }, "or answer in a sentence above"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const values = fields.map(({ name, schema, control }) => [name, valueOf(schema, control.value)] as const);
      answer(Object.fromEntries(values.filter(([, value]) => value !== undefined)));
    } catch (error) {
      refuse((error as Error).message);
    }
  });
  const refuse = (text: string) => {
    problem.textContent = text;
    problem.hidden = false;
  };
  return { form, focus: () => fields[0]?.control.focus(), refuse };
}

function control(name: string, schema: JsonSchema): HTMLInputElement | HTMLSelectElement {
  const kind = controlOf(schema);
  if (kind.kind === "select") {
    const options = kind.options.map(({ value, text }) => make("option", { value }, text));
    return make("select", { name, required: true }, make("option", { value: "" }, "Choose…"), ...options);
  }
  const input = make("input", { name, type: kind.type, required: true });
  const { minimum, maximum, minLength, maxLength, type, pattern } = schema;
  if (kind.type === "number") {
    input.step = type === "integer" ? "1" : "any";
    input.inputMode = type === "integer" ? "numeric" : "decimal";
    if (typeof minimum === "number") input.min = String(minimum);
    if (typeof maximum === "number") input.max = String(maximum);
  }
  if (kind.list) return input;
  if (typeof minLength === "number") input.minLength = minLength;
  if (typeof maxLength === "number") input.maxLength = maxLength;
  // HTML anchors a pattern by itself.
  const anchored = typeof pattern === "string" ? /^\^(.*)\$$/.exec(pattern)?.[1] : undefined;
  if (anchored !== undefined && kind.type === "text") input.pattern = anchored;
  return input;
}

/** What else the schema says of the value: its remarks in brackets, or that there may be several. */
function hint(schema: JsonSchema): HTMLElement | false {
  const kind = controlOf(schema);
  const isList = kind.kind === "input" && kind.list;
  const remark = isJson(schema) ? "as JSON" : isList ? "several: commas between them" : remarkOf(schema);
  return remark !== undefined && make("small", { className: "quiet" }, remark);
}

function remarkOf({ description = "" }: JsonSchema): string | undefined {
  return /\(([^)]*)\)/.exec(description)?.[1] ?? (description.length > 60 ? description : undefined);
}
