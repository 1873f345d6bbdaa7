/** What a person is asked in the middle of a run. Each prompt goes when it is answered, or when its run ends. */
import type { Arguments, JsonSchema, RankedTool, Tool, ToolCall } from "../core/types.js";
import type { ApprovalReason } from "../protocol.js";
import { messageOf } from "../core/errors.js";
import { abortable } from "../util/signals.js";
import { make } from "./dom.js";
import { controlFor, hintOf } from "./fields.js";
import { valueOf } from "./values.js";
import { argumentsOf, labelOf, percent, shortened, titled } from "./words.js";

/** Shows a prompt; gives what takes it away again. */
export type Show = (prompt: HTMLElement) => void;

/** Whether the call may be carried out. */
export function approval(show: Show, call: ToolCall, tool: Tool, reason: ApprovalReason, signal: AbortSignal) {
  const title = tool.annotations?.title ?? titled(call.name);
  const why =
    reason === "not_asked" ? "Your question doesn’t ask for this; an earlier answer led to it." : tool.description;
  const values = argumentsOf(call).flatMap(([label, value]) => [
    make("dt", {}, label),
    make("dd", {}, shortened(value)),
  ]);
  return pressed<boolean>(
    show,
    `${title}?`,
    [make("p", { className: "quiet" }, why), make("dl", {}, ...values)],
    [
      { text: "Yes, go ahead", value: true, primary: true },
      { text: "No", value: false },
    ],
    signal,
  );
}

/** Which of the tools is meant: its name, or null for none. */
export function choice(show: Show, candidates: RankedTool[], titleOf: (name: string) => string, signal: AbortSignal) {
  const options = candidates.map(({ name, probability }) => ({
    text: titleOf(name),
    note: percent({ probability }),
    value: name as string | null,
  }));
  return pressed(show, "Which do you mean?", [], [...options, { text: "None of these", value: null }], signal);
}

interface Option<T> {
  text: string;
  note?: string;
  value: T;
  primary?: boolean;
}

async function pressed<T>(
  show: Show,
  heading: string,
  content: Node[],
  options: Option<T>[],
  signal: AbortSignal,
): Promise<T> {
  const prompt = make("section", { part: "prompt", tabIndex: -1, "aria-label": heading }, make("h3", {}, heading));
  try {
    return await abortable(signal, () => {
      const answer = new Promise<T>((resolve) => {
        const buttons = options.map((option) => buttonOf(option, resolve));
        prompt.append(...content, make("p", { className: "actions" }, ...buttons));
      });
      show(prompt);
      // Not a button: Enter, meant for the question, must approve nothing.
      prompt.focus();
      return answer;
    });
  } finally {
    prompt.remove();
  }
}

function buttonOf<T>({ text, note, value, primary }: Option<T>, press: (value: T) => void): HTMLButtonElement {
  const small = note !== undefined && make("small", {}, ` ${note}`);
  const button = make("button", { type: "button", part: primary ? "button primary" : "button" }, text, small);
  // The second click of two was meant for the prompt before.
  button.addEventListener("click", ({ detail }) => detail < 2 && press(value));
  return button;
}

/** A form for what a question doesn't say. `answer` throws where a value doesn't fit; then it can be mended. */
export function missingForm(
  parameters: readonly { name: string; schema: JsonSchema }[],
  answer: (values: Arguments) => Promise<void>,
): HTMLFormElement {
  const fields = parameters.map(({ name, schema }) => ({ name, schema, control: controlFor(name, schema) }));
  const problem = make("p", { className: "problem", role: "alert" });
  const submit = make("button", { type: "submit", part: "button primary" }, "Answer");
  const form = make(
    "form",
    { part: "prompt", autocomplete: "off", "aria-label": "What is still missing" },
    make("h3", {}, "What is still missing"),
    ...fields.map(({ name, schema, control }) => {
      const hint = hintOf(schema);
      return make(
        "label",
        {},
        make("span", {}, labelOf(name, schema)),
        control,
        hint !== undefined && make("small", {}, hint),
      );
    }),
    problem,
    make("p", { className: "actions" }, submit),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    submit.disabled = true;
    try {
      const values = fields.map(({ name, schema, control }) => [name, valueOf(schema, control.value)] as const);
      await answer(Object.fromEntries(values.filter(([, value]) => value !== undefined)));
    } catch (error) {
      problem.textContent = messageOf(error);
    }
    submit.disabled = false;
  });
  return form;
}
