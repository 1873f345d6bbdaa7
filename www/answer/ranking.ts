/** The ranked tools as bars, "no tool fits" among them. */
import type { RankedTool, Tool } from "toolgen";
import { make } from "../dom.ts";
import { percent, titleOf } from "../words/format.ts";

/** The name of the bar for no tool; names of tools have no spaces. */
export const NONE = "no tool";

export interface Ranked {
  name: string;
  title: string;
  description?: string;
  probability: number;
}

/** Likeliest first. Where the event doesn't say it, "no tool" has what the tools leave. */
export function rankedWithNone(
  tools: readonly RankedTool[],
  abstain: number | undefined,
  find: (name: string) => Tool | undefined,
  none: string,
): Ranked[] {
  const left = 1 - tools.reduce((sum, { probability }) => sum + probability, 0);
  const ranked: Ranked[] = tools.map(({ name, probability }) => {
    const tool = find(name);
    return { name, title: titleOf(tool ?? { name }), description: tool?.description, probability };
  });
  const noTool = { name: NONE, title: none, probability: Math.min(1, Math.max(0, abstain ?? left)) };
  return [...ranked, noTool].sort((a, b) => b.probability - a.probability);
}

export function showRanking(ranked: readonly Ranked[]): HTMLElement {
  const list = make("ol", { className: "ranking" });
  for (const { name, title, description = "", probability } of ranked) {
    const fill = make("span");
    fill.style.width = `${100 * probability}%`;
    const bar = make("span", { className: "bar", ariaHidden: "true" }, fill); // the number says it in words
    const item = make(
      "li",
      { className: name === NONE ? "none" : "" },
      make("span", { className: "tool-title", title: description }, title),
      bar,
      make("span", { className: "probability" }, percent(probability)),
    );
    item.dataset.tool = name;
    list.append(item);
  }
  return list;
}

/** Marks the tool that was chosen. */
export function markChosen(list: HTMLElement, name: string): void {
  for (const item of list.querySelectorAll<HTMLElement>("li")) {
    item.classList.toggle("chosen", item.dataset.tool === name);
    item.ariaCurrent = item.dataset.tool === name ? "true" : null;
  }
}
