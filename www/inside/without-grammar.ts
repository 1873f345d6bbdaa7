/** A switch beneath a call: what the model would have written as its arguments without the grammar, and what is wrong with it. */
import type { JsonSchema, Token } from "toolgen";
import { make } from "../dom.ts";
import { explain } from "../words/errors.ts";
import { judge, type Judgement } from "./judge-arguments.ts";

/** Most arguments have fewer, and what has gone astray by then doesn't come back. */
export const MOST_TOKENS = 64;

export type WriteFreely = (tool: string, signal: AbortSignal) => AsyncIterable<Token>;

export interface HeldCall {
  tool: string;
  /** Its arguments as they were written under the grammar. */
  held: string;
  schema: JsonSchema;
}

let made = 0;

export function withoutGrammar(call: HeldCall, write: WriteFreely, label = "Without the grammar"): HTMLElement {
  const input = make("input", { type: "checkbox", id: `without-grammar-${++made}` });
  input.setAttribute("role", "switch");
  const text = make("pre", { className: "call free-text", tabIndex: 0, role: "group" });
  text.ariaLabel = "The arguments without the grammar";
  const says = make("p", { className: "quiet", role: "status" });
  const shown = make("div", { hidden: true }, text, says);
  let writing: AbortController | undefined;
  let isOver = false;

  async function follow(signal: AbortSignal): Promise<void> {
    says.textContent = "The model writes…";
    let [free, tokens] = ["", 0];
    const name = make("mark", {}, call.tool);
    for await (const token of write(call.tool, signal)) {
      tokens++;
      free += token.text;
      text.replaceChildren(name, " ", free);
    }
    const judgement = judge(free, { ...call, ended: tokens < MOST_TOKENS });
    text.replaceChildren(name, " ", ...marked(free, judgement));
    says.textContent = inWords(free, judgement);
    isOver = true;
  }

  input.addEventListener("change", () => {
    shown.hidden = !input.checked;
    writing?.abort();
    if (!input.checked || isOver) return;
    const { signal } = (writing = new AbortController());
    text.replaceChildren();
    follow(signal).catch((error) => {
      if (!signal.aborted) says.textContent = explain(error, { online: navigator.onLine }).text;
    });
  });
  return make(
    "div",
    { className: "without-grammar" },
    make("label", { className: "switch", htmlFor: input.id }, input, label),
    shown,
  );
}

/** The places that are wrong stand out; one at the end is a gap. */
function marked(free: string, { marks }: Judgement): (Node | string)[] {
  let done = 0;
  const parts = marks.flatMap(([from, to]) => {
    const right = free.slice(done, from);
    done = to;
    return [right, make("del", {}, free.slice(from, to) || " ")];
  });
  return [...parts, free.slice(done)];
}

export function inWords(free: string, { kind, problem, goesOn, marks }: Judgement): string {
  const after = goesOn ? " After the arguments it writes on." : "";
  switch (kind) {
    case "same":
      return goesOn
        ? "The arguments are the same, but after them it writes on."
        : "The same call: this time the model needed no grammar.";
    case "other":
      return `It fits the tool's schema, but is another call: the grammar also keeps values to what the question says.${after}`;
    case "schema":
      return `It is JSON, but breaks the tool's schema: ${problem}.${after}`;
    case "broken": {
      const [from] = marks[0]!;
      if (free.trim() === "") return "It writes nothing.";
      if (free.slice(0, from).trim() === "") return "It is no JSON object, from its first character on.";
      return from < free.length ? "From the marked place on it is no JSON." : "It ends before its JSON does.";
    }
    case "unfinished":
      return `It is JSON so far, but has no end after ${MOST_TOKENS} tokens.`;
    default:
      return kind satisfies never;
  }
}
