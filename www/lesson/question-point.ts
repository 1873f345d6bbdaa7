/**
 * Questions' places on the map, while they are typed: the mean of the tools, by the probabilities that a question gives them.
 * Of a tool that is chosen on the map it says how likely that one is; of two questions, where between them the choice flips.
 */
import { make } from "../dom.ts";
import { choicesBetween, rankingAt, type Ranking } from "../map/between.ts";
import type { ToolMap } from "../map/map.ts";
import { weightedMean, type MappedTool, type Point } from "../map/points.ts";
import { explain } from "../words/errors.ts";
import { percent, titleOf } from "../words/format.ts";
import { listOf } from "../words/humanise.ts";
import type { Context } from "./chapter.ts";
import { fill } from "./phrase.ts";

/** So many tools are named. */
const NAMED = 3;
/** Not at each letter of a word, in milliseconds. */
const REST = 200;
/** Points of the way between two questions. */
const STEPS = 48;

type TitleOf = (name: string) => string;

/** The map has one field for each of two questions. */
export function questionsOn(map: ToolMap, tools: readonly MappedTool[], context: Context): HTMLElement {
  const { figure } = context.words.chapters.memorization;
  const places = new Map(tools.map((tool) => [tool.name, tool]));
  const rankings: (Ranking | undefined)[] = [];
  const says = make("p", { className: "quiet between", role: "status" });
  const fields = figure.questions.map((_, i) =>
    questionOn(map, places, context, i, (ranking, title) => {
      rankings[i] = ranking;
      const [first, second] = rankings;
      map.path(first && second ? wayBetween(first, second, places) : undefined);
      says.textContent = first && second ? flipsBetween(first, second, title, figure) : "";
    }),
  );
  return make("div", { className: "question-points" }, ...fields, says);
}

function questionOn(
  map: ToolMap,
  places: ReadonlyMap<string, Point>,
  { words, model }: Context,
  index: number,
  changed: (ranking: Ranking | undefined, title: TitleOf) => void,
): HTMLElement {
  const { figure } = words.chapters.memorization;
  const mark = figure.questionMarks[index]!;
  const input = make("input", {
    id: `map-question-${index}`,
    placeholder: figure.placeholders[index],
    autocomplete: "off",
  });
  const says = make("p", { className: "quiet", role: "status" }, index === 0 ? figure.questionHint : "");
  let abort = new AbortController();
  let ranking: Ranking | undefined;
  let title: TitleOf = (name) => titleOf({ name });

  async function rank(question: string): Promise<void> {
    abort.abort();
    const { signal } = (abort = new AbortController());
    try {
      if (question.trim() === "") return take(undefined);
      await new Promise((resolve) => setTimeout(resolve, REST));
      if (signal.aborted) return;
      const toolgen = await model.get((progress) => (says.textContent = fill(words.tryThis.loading, { progress })));
      if (signal.aborted) return;
      title = (name) => titleOf(toolgen.tools.find((tool) => tool.name === name) ?? { name });
      for await (const event of toolgen.callEvents(question, { topK: toolgen.tools.length, signal })) {
        if (event.type === "prefill") continue;
        if (event.type !== "ranking") return take(undefined, figure.otherLanguage);
        return take({ tools: event.tools, none: event.abstain });
      }
    } catch (error) {
      if (!signal.aborted) take(undefined, explain(error, { online: navigator.onLine }).text);
    }
  }

  function take(taken: Ranking | undefined, instead = ""): void {
    ranking = taken;
    const place = taken && placeOf(taken, places);
    if (place) map.mark(mark, place);
    else map.unmark(mark);
    says.textContent = instead;
    changed(ranking, title);
    show();
  }

  function show(): void {
    if (!ranking) return;
    const { tools, none } = ranking;
    const named = tools.slice(0, NAMED).map(({ name, probability }) => `${title(name)} ${percent(probability)}`);
    const values = { tools: listOf(named), none: percent(none) };
    const isNowhere = placeOf(ranking, places) === undefined;
    says.textContent = [fill(isNowhere ? figure.nowhere : figure.likeliest, values), whyNot(ranking)].join(" ");
  }

  /** Of the tool that is chosen on the map. */
  function whyNot({ tools }: Ranking): string {
    const at = tools.findIndex(({ name }) => name === map.selected);
    if (at < 0) return "";
    const [{ name, probability }, first] = [tools[at]!, tools[0]!];
    const values = { tool: title(name), probability: percent(probability), rank: at + 1, first: title(first.name) };
    const has = fill(figure.whyNot, values);
    if (at === 0) return has;
    return `${has} ${fill(figure.behind, { ...values, times: rounded(first.probability / probability) })}`;
  }

  input.addEventListener("input", () => void rank(input.value));
  map.element.addEventListener("select-tool", show);
  return make("div", {}, make("label", { htmlFor: input.id }, figure.questions[index]), input, says);
}

/** The mean of what is all unlikely says nothing. */
function placeOf({ tools, none }: Ranking, places: ReadonlyMap<string, Point>): Point | undefined {
  if (none > 0.5) return undefined;
  const weighted = tools.flatMap(({ name, probability }) => {
    const place = places.get(name);
    return place ? [{ x: place.x, y: place.y, weight: probability }] : [];
  });
  return weightedMean(weighted);
}

/** Where one would be on the way from the first question to the second, and where the choice flips. */
function wayBetween(first: Ranking, second: Ranking, places: ReadonlyMap<string, Point>) {
  const at = (part: number) => placeOf(rankingAt(part, first, second), places);
  const flips = choicesBetween(first, second).slice(1);
  return {
    points: Array.from({ length: STEPS + 1 }, (_, i) => at(i / STEPS)),
    flips: flips.flatMap(({ from }) => at(from) ?? []),
  };
}

function flipsBetween(
  first: Ranking,
  second: Ranking,
  title: TitleOf,
  words: Context["words"]["chapters"]["memorization"]["figure"],
): string {
  const [start, ...flips] = choicesBetween(first, second);
  const tool = (name: string | undefined) => (name === undefined ? words.noTool : title(name));
  if (flips.length === 0) return fill(words.noFlip, { tool: tool(start!.name) });
  const then = flips.map(({ name, from }) => fill(words.flip, { tool: tool(name), part: percent(from) }));
  return fill(words.flips, { start: tool(start!.name), flips: listOf(then) });
}

/** Two digits are enough of a ratio. */
function rounded(times: number): string {
  return Number(times.toPrecision(2)).toLocaleString("en");
}
