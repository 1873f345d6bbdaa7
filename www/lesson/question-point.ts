/**
 * A question's place on the map, while it is typed: the mean of the tools, by the probabilities that it gives them. Of a tool
 * that is chosen on the map it says how likely that one is.
 */
import type { RankedTool } from "toolgen";
import { make } from "../dom.ts";
import type { ToolMap } from "../map/map.ts";
import { weightedMean, type MappedTool } from "../map/points.ts";
import { explain } from "../words/errors.ts";
import { percent, titleOf } from "../words/format.ts";
import { listOf } from "../words/humanise.ts";
import type { Context } from "./chapter.ts";
import { fill } from "./phrase.ts";

/** So many tools are named. */
const NAMED = 3;
/** Not at each letter of a word, in milliseconds. */
const REST = 200;

/** The map has one field for each of two questions. */
export function questionsOn(map: ToolMap, tools: readonly MappedTool[], context: Context): HTMLElement {
  const fields = context.words.chapters.memorization.figure.questions.map((_, i) => questionOn(map, tools, context, i));
  return make("div", { className: "question-points" }, ...fields);
}

function questionOn(map: ToolMap, tools: readonly MappedTool[], { words, model }: Context, index: number): HTMLElement {
  const { figure } = words.chapters.memorization;
  const mark = figure.questionMarks[index]!;
  const places = new Map(tools.map((tool) => [tool.name, tool]));
  const input = make("input", {
    id: `map-question-${index}`,
    placeholder: figure.placeholders[index],
    autocomplete: "off",
  });
  const says = make("p", { className: "quiet", role: "status" }, index === 0 ? figure.questionHint : "");
  let abort = new AbortController();
  let ranked: RankedTool[] = [];
  let title = (name: string) => titleOf({ name });

  async function rank(question: string): Promise<void> {
    abort.abort();
    const { signal } = (abort = new AbortController());
    if (question.trim() === "") return;
    await new Promise((resolve) => setTimeout(resolve, REST));
    if (signal.aborted) return;
    try {
      const toolgen = await model.get((progress) => (says.textContent = fill(words.tryThis.loading, { progress })));
      if (signal.aborted) return;
      title = (name) => titleOf(toolgen.tools.find((tool) => tool.name === name) ?? { name });
      ranked = await toolgen.retrieve(question, { topK: toolgen.tools.length, signal });
      show();
    } catch (error) {
      if (!signal.aborted) says.textContent = explain(error, { online: navigator.onLine }).text;
    }
  }

  function show(): void {
    if (ranked.length === 0) return;
    const none = Math.max(0, 1 - ranked.reduce((sum, { probability }) => sum + probability, 0));
    const weighted = ranked.flatMap(({ name, probability }) => {
      const place = places.get(name);
      return place ? [{ ...place, weight: probability }] : [];
    });
    // The mean of what is all unlikely says nothing.
    if (none > 0.5) map.unmark(mark);
    else map.mark(mark, weightedMean(weighted));
    const named = ranked.slice(0, NAMED).map(({ name, probability }) => `${title(name)} ${percent(probability)}`);
    const values = { tools: listOf(named), none: percent(none) };
    says.textContent = [fill(none > 0.5 ? figure.nowhere : figure.likeliest, values), whyNot()].join(" ");
  }

  /** Of the tool that is chosen on the map. */
  function whyNot(): string {
    const at = ranked.findIndex(({ name }) => name === map.selected);
    if (at < 0) return "";
    const { name, probability } = ranked[at]!;
    return fill(figure.whyNot, { tool: title(name), probability: percent(probability), rank: at + 1 });
  }

  input.addEventListener("input", () => void rank(input.value));
  map.element.addEventListener("select-tool", show);
  return make("div", {}, make("label", { htmlFor: input.id }, figure.questions[index]), input, says);
}
