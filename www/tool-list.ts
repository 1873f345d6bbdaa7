/** The searchable list of all tools. */
import type { Tool } from "toolgen";
import { byId, make } from "./dom.ts";
import { matcher } from "./search.ts";
import { hostOf, titleOf } from "./words/format.ts";

export function showToolList(
  tools: readonly Tool[],
  samples: Record<string, string>,
  ask: (question: string) => void,
): void {
  const items = tools.map((tool) => {
    const sample = Object.hasOwn(samples, tool.name) ? samples[tool.name] : undefined;
    const button =
      sample !== undefined && make("button", { type: "button", className: "chip", onclick: () => ask(sample) }, sample);
    const place = hostOf(tool) ?? "in this page";
    const element = make(
      "li",
      {},
      make("h3", {}, titleOf(tool), " ", make("code", {}, tool.name), " ", make("span", { className: "badge" }, place)),
      make("p", {}, tool.description),
      button,
    );
    return { element, text: `${titleOf(tool)} ${tool.name} ${tool.description} ${place}` };
  });
  byId("tool-list").replaceChildren(...items.map(({ element }) => element));
  const search = byId<HTMLInputElement>("search");
  search.oninput = () => {
    const fits = matcher(search.value);
    const matches = items.filter(({ element, text }) => {
      element.hidden = !fits(text);
      return !element.hidden;
    });
    byId("matches").textContent = search.value.trim() ? `${matches.length} of ${tools.length} tools` : "";
  };
}
