/** A question's place on the map, while it is typed: the mean of the tools, by the probabilities that it gives them. */
import { make } from "../dom.ts";
import type { ToolMap } from "../map/map.ts";
import { weightedMean, type MappedTool } from "../map/points.ts";
import { percent, titleOf } from "../words/format.ts";
import { explain } from "../words/errors.ts";
import { listOf } from "../words/humanise.ts";
import type { Context } from "./chapter.ts";
import { fill } from "./phrase.ts";

const LIKELIEST = 12;
/** So many of them are named. */
const NAMED = 3;
/** Not at each letter of a word, in milliseconds. */
const REST = 200;

export function questionOn(map: ToolMap, tools: readonly MappedTool[], { words, model }: Context): HTMLElement {
  const { figure } = words.chapters.memorization;
  const input = make("input", { id: "map-question", placeholder: figure.questionPlaceholder, autocomplete: "off" });
  const says = make("p", { className: "quiet", role: "status" }, figure.questionHint);
  let abort = new AbortController();

  async function place(question: string): Promise<void> {
    abort.abort();
    const { signal } = (abort = new AbortController());
    if (question.trim() === "") return;
    await new Promise((resolve) => setTimeout(resolve, REST));
    if (signal.aborted) return;
    try {
      const toolgen = await model.get((progress) => (says.textContent = fill(words.tryThis.loading, { progress })));
      const ranked = await toolgen.retrieve(question, { topK: LIKELIEST, signal });
      const points = ranked.flatMap(({ name, probability }) => {
        const tool = tools.find((tool) => tool.name === name);
        return tool ? [{ ...tool, weight: probability }] : [];
      });
      if (signal.aborted) return;
      const none = 1 - ranked.reduce((sum, { probability }) => sum + probability, 0);
      // The mean of what is all unlikely says nothing.
      if (none > 0.5) map.unmark(figure.questionMark);
      else map.mark(figure.questionMark, weightedMean(points));
      const title = (name: string) => titleOf(toolgen.tools.find((tool) => tool.name === name) ?? { name });
      const named = ranked.slice(0, NAMED).map(({ name, probability }) => `${title(name)} ${percent(probability)}`);
      const values = { tools: listOf(named), none: percent(Math.max(0, none)) };
      says.textContent = fill(none > 0.5 ? figure.nowhere : figure.likeliest, values);
    } catch (error) {
      if (!signal.aborted) says.textContent = explain(error, { online: navigator.onLine }).text;
    }
  }

  input.addEventListener("input", () => void place(input.value));
  return make(
    "div",
    { className: "question-point" },
    make("label", { htmlFor: input.id }, figure.question),
    input,
    says,
  );
}
