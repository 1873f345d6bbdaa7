/** Pairs of tools that the model may confuse, one of them the visitor's. */
import type { Conflict, Tool } from "toolgen";
import { make } from "../dom.ts";
import { titleOf } from "../words/format.ts";

const MOST = 12;

export function showConflicts(
  conflicts: readonly Conflict[],
  find: (name: string) => Tool | undefined,
  teach: (tool: string) => void,
): HTMLElement | undefined {
  if (conflicts.length === 0) return undefined;
  const titled = (name: string) => `“${titleOf(find(name) ?? { name })}”`;
  const sorted = [...conflicts].sort((a, b) => b.similarity - a.similarity);
  const items = sorted.slice(0, MOST).map(({ tools: [one, other], similarity }) => {
    const text = `${titled(one)} and ${titled(other)}, ${Math.round(similarity * 100)} % alike`;
    const buttons = [one, other].map((name) =>
      make("button", { type: "button", onclick: () => teach(name) }, `Teach ${titled(name)}`),
    );
    return make("li", {}, make("p", {}, text), make("div", { className: "own-buttons" }, ...buttons));
  });
  const rest = sorted.length - items.length;
  return make(
    "section",
    {},
    make("h3", {}, "May be confused"),
    make(
      "p",
      { className: "quiet" },
      "Say in their descriptions how they differ, or teach a sentence that means one of them.",
    ),
    make("ul", { className: "own-list" }, ...items),
    rest > 0 && make("p", { className: "quiet" }, `… and ${rest} more pairs.`),
  );
}
