/** The levels, with their questions to press and a mark at those that are done. */
import { make } from "../dom.ts";
import type { Result } from "../result.ts";
import { LEVELS, type Level } from "./levels.ts";

/** `alone`: without the questions before. */
export type Ask = (question: string, alone: boolean) => void;

export interface LevelList {
  element: HTMLElement;
  /** An answer came; true where it was the first of its level. */
  answered(result: Result, own: ReadonlySet<string>): boolean;
}

/** `own` stands in the last one. */
export function levelList(ask: Ask, own: HTMLElement): LevelList {
  const items = LEVELS.map((level) => {
    const mark = make("span", { className: "done" });
    const element = make(
      "li",
      {},
      make("h3", {}, level.title, mark),
      make("p", { className: "quiet" }, level.about),
      level.questions.length > 0 ? questionChips(level, ask) : own,
    );
    return { level, element, mark, isDone: false };
  });
  return {
    element: make("ol", { className: "levels" }, ...items.map(({ element }) => element)),
    answered(result, own) {
      const met = items.filter((item) => !item.isDone && item.level.met(result, own));
      for (const item of met) {
        item.isDone = true;
        item.mark.textContent = " ✓ done";
      }
      return met.length > 0;
    },
  };
}

export function questionChips({ questions, follow }: Level, ask: Ask): HTMLElement {
  const chips = questions.map((question, index) => {
    const onclick = () => ask(question, !follow || index === 0);
    return make("li", {}, make("button", { type: "button", className: "chip", onclick }, question));
  });
  return make("ul", { className: "chips" }, ...chips);
}
