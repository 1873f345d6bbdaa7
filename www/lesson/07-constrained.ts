/** Constrained decoding. The figure: a call that the reader writes, with the mask on or off. */
import type { Tool, Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { TokenView } from "../inside/token-view.ts";
import { withoutGrammar, MOST_TOKENS } from "../inside/without-grammar.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { showCall } from "./call.ts";
import { allowed, isComplete, problemOf, VOCABULARY } from "./mask.ts";
import { fill } from "./phrase.ts";

/** What free writing is shown of a call: its form. */
const EXAMPLES = `Question: Toss a die with 20 sides
Call: roll_dice {"sides": 20}
Question: How long is 3 miles in kilometres?
Call: convert_length {"value": 3, "from": "mi", "to": "km"}
Question: `;
/** Of a free call. */
const MOST_FREE = 48;

type Verdicts = Context["words"]["chapters"]["constrained"]["verdict"];

export const constrained: Chapter = { id: "constrained", open };

function open({ words }: Context): Opened {
  const { figure, verdict } = words.chapters.constrained;
  return {
    figure: keyboard(figure),
    async check(model, [question = ""], signal) {
      const masked = await underMask(model, question, signal, verdict);
      let free = "";
      for await (const { text } of model.complete(`${EXAMPLES}${question}\nCall:`, {
        maxTokens: MOST_FREE,
        signal,
      })) {
        free += text;
        if (free.trimStart().includes("\n")) break;
      }
      free = free.trim().split("\n")[0] ?? "";
      const problem = problemIn(free, model.tools, verdict);
      const text = problem === undefined ? verdict.failed : fill(verdict.passed, { problem });
      const details = [
        make("h4", {}, verdict.masked),
        ...masked,
        make("h4", {}, verdict.free),
        make("pre", { className: "call free-text" }, free || "…"),
      ];
      return { passed: problem !== undefined, text, details };
    },
  };
}

/** The call, token by token where the engine explains them, and a switch that takes the mask off its arguments. */
async function underMask(model: Toolgen, question: string, signal: AbortSignal, words: Verdicts): Promise<Node[]> {
  const view = new TokenView();
  const now = new Date();
  let explained = false;
  let [tool, held] = ["", ""];
  for await (const event of model.callEvents(question, { signal, now, explain: true })) {
    if (event.type === "tool") view.tool((tool = event.name));
    if (event.type === "arguments") held += event.text;
    for (const token of event.type === "arguments" ? (event.tokens ?? []) : []) {
      explained = true;
      view.token(token);
    }
    if (event.type === "abstain") return [make("p", {}, "–")];
    if (event.type !== "call" && event.type !== "ask") continue;
    const shown = explained
      ? [view.element]
      : [showCall(event.call), make("p", { className: "quiet" }, words.noTokens)];
    const schema = model.tools.find(({ name }) => name === tool)?.parameters ?? {};
    const write = (tool: string, signal: AbortSignal) =>
      model.completeArguments(question, tool, { now, maxTokens: MOST_TOKENS, signal });
    return [...shown, withoutGrammar({ tool, held, schema }, write, words.argumentsFree)];
  }
  return [];
}

/** Why a text is no call that could be carried out; nothing if it is one. */
export function problemIn(
  text: string,
  tools: readonly Pick<Tool, "name" | "parameters">[],
  words: { noJson: string; noTool: string; noArguments: string },
): string | undefined {
  const [, name = "", json = ""] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  const tool = tools.find((tool) => tool.name === name);
  if (!tool) return fill(words.noTool, { tool: name });
  try {
    const args: unknown = JSON.parse(json);
    if (typeof args !== "object" || args === null) return words.noJson;
    const { required = [], properties = {} } = tool.parameters;
    const isWhole = required.every((key) => key in args) && Object.keys(args).every((key) => key in properties);
    return isWhole ? undefined : words.noArguments;
  } catch {
    return words.noJson;
  }
}

function keyboard(words: Context["words"]["chapters"]["constrained"]["figure"]): Figure {
  let written: string[] = [];
  const mask = make("input", { type: "checkbox", id: "mask", checked: true });
  const text = make("pre", { className: "call writing-line", role: "group" });
  text.ariaLabel = words.written;
  const says = make("p", { role: "status" });
  const keys = VOCABULARY.map((token) => {
    const onclick = () => write([...written, token]);
    return make("button", { type: "button", className: "key", onclick }, make("code", {}, token));
  });
  const write = (tokens: string[]) => {
    written = tokens;
    update();
  };
  const update = () => {
    const mayFollow = allowed(written);
    const problem = problemOf(written);
    const over = isComplete(written);
    text.replaceChildren(...written.map((token, i) => make(i === 0 ? "mark" : "span", { className: "token" }, token)));
    for (const [i, key] of keys.entries()) {
      const isOut = !mayFollow.has(VOCABULARY[i]!);
      key.disabled = (mask.checked && isOut) || over || problem !== undefined;
      key.classList.toggle("out", isOut);
      key.title = isOut ? words.forbidden : "";
    }
    if (problem) says.textContent = fill(words.broken, { problem: words.problems[problem] });
    else if (over) says.textContent = words.done;
    else if (mayFollow.size === 1) says.textContent = words.forced;
    else says.textContent = fill(words.allowed, { count: mayFollow.size, all: VOCABULARY.length });
  };
  mask.addEventListener("change", update);
  const button = (text: string, onclick: () => void) => make("button", { type: "button", onclick }, text);
  update();
  return {
    element: make(
      "div",
      { className: "keyboard" },
      make("p", {}, make("strong", {}, `“${words.question}”`)),
      text,
      says,
      make("label", { className: "switch", htmlFor: mask.id }, mask, words.mask),
      make("div", { className: "keys-of-model", role: "group", ariaLabel: words.tokens }, ...keys),
      make(
        "div",
        { className: "row" },
        button(words.undo, () => write(written.slice(0, -1))),
        button(words.reset, () => write([])),
      ),
    ),
    show(idea) {
      // The ideas before speak of writing without a mask and with it.
      const off = idea === 0 || idea === 3;
      if (idea > 5 || mask.checked === !off) return;
      mask.checked = !off;
      update();
    },
  };
}
