/** What a tool call is. The figure: a question's way to a result; the function is the page's own. */
import { make } from "../dom.ts";
import { numbers } from "../tools/numbers.ts";
import { titleOf } from "../words/format.ts";
import { listOf, numberOf, wordsOf } from "../words/humanise.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { showCall } from "./call.ts";
import { fill } from "./phrase.ts";

/** The stages that each idea is about. */
const LIT: readonly (readonly number[])[] = [[0], [0], [1], [1, 2], [3, 4], [1, 2]];

export const call: Chapter = { id: "call", open };

function open({ words }: Context): Opened {
  const { figure, verdict } = words.chapters.call;
  return {
    figure: flow(figure),
    async check(model, [question = ""], signal) {
      const { call, missing } = await model.call(question, { signal });
      if (!call) return { passed: false, text: verdict.none };
      const details = [showCall(call)];
      if (missing.length === 0) return { passed: true, text: verdict.passed, details };
      const tool = titleOf(model.tools.find(({ name }) => name === call.name) ?? call);
      return { passed: false, text: fill(verdict.missing, { tool, missing: listOf(missing.map(wordsOf)) }), details };
    },
  };
}

function flow(words: Context["words"]["chapters"]["call"]["figure"]): Figure {
  const body = () => make("div", { className: "stage-body" });
  const [question, tool, args, code, result] = [body(), body(), body(), body(), body()];
  const bodies = [question, tool, args, code, result];
  const stages = words.stages.map((stage, i) =>
    make(
      "li",
      { className: "stage" },
      make("h3", {}, stage, make("span", { className: "quiet" }, words.who[i])),
      bodies[i],
    ),
  );
  const [percent, value] = [field(words.percent, 18), field(words.value, 64.5)];
  tool.append(make("mark", {}, "percentage_of"));
  code.append(make("code", {}, "(percent / 100) × value"));
  question.append(
    make("p", { id: "call-question" }),
    make("div", { className: "pair" }, percent.element, value.element),
  );

  const update = () => {
    const given = { percent: percent.value(), value: value.value() };
    question.firstElementChild!.textContent = fill(words.question, given);
    args.replaceChildren(make("code", {}, JSON.stringify(given)));
    result.replaceChildren(make("output", {}, numberOf(numbers.percentage_of(given).result)));
  };
  percent.input.addEventListener("input", update);
  value.input.addEventListener("input", update);
  update();
  return {
    element: make("ol", { className: "flow" }, ...stages),
    show: (idea) => stages.forEach((stage, i) => stage.classList.toggle("lit", LIT[idea]?.includes(i) ?? true)),
  };
}

function field(label: string, value: number) {
  const input = make("input", { type: "number", value: String(value), step: "any", inputMode: "decimal" });
  return { input, element: make("label", {}, label, input), value: () => Number(input.value) || 0 };
}
