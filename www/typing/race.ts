/** One method's side of the race, and what the two sides have in common. */
import type { RankedTool, Tool } from "toolgen";
import { make } from "../dom.ts";
import { titleOf } from "../words/format.ts";
import type { Scored } from "../bm25.ts";

type Find = (name: string) => Tool | undefined;

/** Where the search has what the model chose. */
export function verdictOn(
  first: RankedTool | undefined,
  abstain: number,
  scored: readonly { name: string }[],
  find: Find,
): string {
  if (!first) return "";
  if (abstain > first.probability)
    return "No tool fits so far, says the model. A search by words always finds something.";
  const title = titleOf(find(first.name) ?? first);
  const place = scored.findIndex(({ name }) => name === first.name);
  if (place < 0) return `“${title}” shares no word with what you typed: BM25 can't find it.`;
  return place === 0 ? `Both have “${title}” first.` : `BM25 has “${title}” in place ${place + 1}.`;
}

export function racer(name: string, how: string) {
  const time = make("span", { className: "time" });
  const list = make("div", {});
  const element = make("section", {}, make("h2", {}, name, time), make("p", { className: "quiet" }, how), list);
  return {
    element,
    show<T>(results: readonly T[], ms: number, draw: (results: readonly T[]) => Node) {
      time.textContent = ` ${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
      list.replaceChildren(results.length > 0 ? draw(results) : "Nothing.");
    },
    note(text: string) {
      list.replaceChildren(text);
    },
    clear() {
      time.textContent = "";
      list.replaceChildren();
    },
  };
}

export function showScores(scored: readonly Scored[], find: Find): Node {
  const best = scored[0]!.score;
  return make(
    "ol",
    { className: "ranking" },
    ...scored.map(({ name, score }, index) => {
      const fill = make("span");
      fill.style.width = `${(100 * score) / best}%`;
      return make(
        "li",
        { className: index === 0 ? "chosen" : "" },
        make("span", { className: "tool-title" }, titleOf(find(name) ?? { name })),
        make("span", { className: "bar", ariaHidden: "true" }, fill),
        make("span", { className: "probability" }, score.toFixed(1)),
      );
    }),
  );
}
