/** A sentence and the tool that it means: the tool's row moves towards it, and the change is shown. */
import type { RankedTool, Toolgen } from "toolgen";
import { make } from "../dom.ts";
import { percent, titleOf } from "../words/format.ts";
import type { Work } from "./work.ts";

/** As likely as any tool that a ranking doesn't name. */
const LOOKED_AT = 50;

export interface TeachForm {
  element: HTMLElement;
  /** The visitor's tools, to choose from. */
  offer(names: readonly string[]): void;
  /** Waits for a sentence that means this tool. */
  begin(tool: string): void;
}

export function teachForm(toolgen: Toolgen, work: Work): TeachForm {
  const sentence = make("input", { id: "own-sentence", type: "text", required: true, maxLength: 300 });
  sentence.placeholder = "When does it get here?";
  const tool = make("select", { id: "own-tool" });
  const said = make("p", { role: "status" });
  const form = make(
    "form",
    { autocomplete: "off" },
    make("label", { htmlFor: sentence.id }, "A sentence that people will say"),
    sentence,
    make("label", { htmlFor: tool.id }, "The tool that it means"),
    tool,
    make("button", { type: "submit", className: "primary" }, "Teach it"),
    said,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = sentence.value.trim();
    const name = tool.value === "" ? null : tool.value;
    void work.run("Learning the sentence…", async (signal) => {
      const before = await toolgen.retrieve(query, { topK: LOOKED_AT, signal });
      await toolgen.teach([{ query, tool: name }], { signal });
      const after = await toolgen.retrieve(query, { topK: LOOKED_AT, signal });
      said.textContent = changeOf(query, name, before, after, titled);
    });
  });
  const titled = (name: string) => titleOf(toolgen.tools.find((tool) => tool.name === name) ?? { name });
  return {
    element: make("section", {}, make("h3", {}, "Teach"), form),
    offer(names) {
      const chosen = tool.value;
      const options = names.map((name) => make("option", { value: name }, `${titled(name)} (${name})`));
      tool.replaceChildren(...options, make("option", { value: "" }, "None of the tools"));
      if (names.includes(chosen)) tool.value = chosen;
    },
    begin(name) {
      if (![...tool.options].some(({ value }) => value === name))
        tool.prepend(make("option", { value: name }, `${titled(name)} (${name})`));
      tool.value = name;
      form.scrollIntoView({ block: "center" });
      sentence.focus();
    },
  };
}

/** `Learned. “Add to the basket” for “two mugs please”: 31.0 % before, 88.0 % now.` */
export function changeOf(
  query: string,
  name: string | null,
  before: readonly RankedTool[],
  after: readonly RankedTool[],
  titled: (name: string) => string,
): string {
  if (name === null) {
    const [was, is] = [before, after].map((ranking) => ranking[0]?.probability ?? 0) as [number, number];
    return `Learned that “${query}” means no tool. The likeliest one: ${percent(was)} before, ${percent(is)} now.`;
  }
  const of = (ranking: readonly RankedTool[]) => {
    const found = ranking.find((tool) => tool.name === name);
    return found ? percent(found.probability) : "below all others";
  };
  const first = after[0]?.name === name ? "" : " It isn't the first yet: teach another sentence like it.";
  return `Learned. “${titled(name)}” for “${query}”: ${of(before)} before, ${of(after)} now.${first}`;
}
