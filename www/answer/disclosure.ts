/** A part of an answer that is folded until it is wanted; what was opened once is open in the next answer, too. */
import { make } from "../dom.ts";

const opened = new Set<string>();

export interface Disclosure {
  element: HTMLDetailsElement;
  /** What it says while it is folded. */
  says(...text: (Node | string)[]): void;
  body: HTMLElement;
}

export function disclosure(kind: string): Disclosure {
  const said = make("span", { className: "said" });
  const body = make("div", { className: "folded" });
  const summary = make("summary", {}, make("span", { className: "kind" }, kind), said);
  const element = make("details", { className: `part ${kind.toLowerCase()}`, open: opened.has(kind) }, summary, body);
  summary.addEventListener("click", () => {
    if (element.open) opened.delete(kind);
    else opened.add(kind);
  });
  return { element, body, says: (...text) => said.replaceChildren(...text) };
}
