/** A tool becomes a token. The figure: five tools under the four indexings, as tries. */
import { make } from "../dom.ts";
import { titleOf } from "../words/format.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { count, indexings, share } from "./facts.ts";
import { fill } from "./phrase.ts";
import { scrollable } from "./scrollable.ts";
import { drawTrie, sequences, TOOLS } from "./trie.ts";

/** The indexing of each idea; the last one compares all. */
const KIND_OF = [0, 0, 0, 1, 2, 3];

export const token: Chapter = { id: "token", open };

function open(context: Context): Opened {
  const { verdict } = context.words.chapters.token;
  return {
    figure: tries(context),
    async check(model, [first = "", second = ""], signal) {
      const shared = wordsOf(first).filter((word) => wordsOf(second).includes(word));
      if (shared.length > 0)
        return { passed: false, text: fill(verdict.shared, { words: [...new Set(shared)].join(", ") }) };
      const [a, b] = [await model.call(first, { signal }), await model.call(second, { signal })];
      if (!a.call || !b.call || !a.sure || !b.sure) return { passed: false, text: verdict.unsure };
      const title = (name: string) => titleOf(model.tools.find((tool) => tool.name === name) ?? { name });
      if (a.call.name === b.call.name)
        return { passed: true, text: fill(verdict.passed, { tool: title(a.call.name) }) };
      return {
        passed: false,
        text: fill(verdict.different, { first: title(a.call.name), second: title(b.call.name) }),
      };
    },
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function tries({ words, facts }: Context): Figure {
  const text = words.chapters.token.figure;
  let [kind, tool] = [0, 2];
  const picture = scrollable(text.choose);
  const says = make("p", { role: "status" });
  const kinds = text.kinds.map((name, i) => make("option", { value: String(i) }, name));
  const choice = make("select", { id: "indexing" }, ...kinds);
  const tools = TOOLS.map((name, i) => {
    const onclick = () => {
      tool = i;
      update();
    };
    return make("button", { type: "button", className: "chip", onclick }, name);
  });
  const update = () => {
    choice.value = String(kind);
    tools.forEach((button, i) => (button.ariaPressed = String(i === tool)));
    picture.replaceChildren(drawTrie(sequences[kind]!, tool, text.start));
    const steps = sequences[kind]![tool]!.length;
    says.textContent = fill(steps === 1 ? text.step : text.steps, { name: TOOLS[tool]!, count: steps });
  };
  choice.addEventListener("change", () => {
    kind = Number(choice.value);
    update();
  });
  update();
  const table = comparison(text, facts);
  return {
    element: make(
      "div",
      { className: "tries" },
      make("label", { htmlFor: choice.id }, text.choose),
      choice,
      picture,
      says,
      make("div", { className: "row" }, ...tools),
      make("p", { className: "quiet" }, text.drawn),
      table,
    ),
    show(idea) {
      kind = KIND_OF[idea] ?? kind;
      table.hidden = idea < KIND_OF.length;
      update();
    },
  };
}

/** As the ablation in `docs/results/clinc150` has them. */
function comparison(text: Context["words"]["chapters"]["token"]["figure"], facts: Context["facts"]): HTMLElement {
  const heads = text.columns.map((column) => make("th", { scope: "col" }, column));
  const rows = indexings.map((report, i) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, text.kinds[i]),
      ...[report["ndcg@1"], report["ndcg@5"], report.hallucinated_unconstrained].map((value) =>
        make("td", {}, `${share(value)}\u00a0%`),
      ),
    ),
  );
  const caption = make("caption", {}, fill(text.table, { indexingTools: facts.indexingTools ?? count(0) }));
  const table = make("table", {}, caption, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  return scrollable(caption.textContent ?? "", table);
}
