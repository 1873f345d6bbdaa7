/** Stage 1: memorization. The figure: the map of the tools' rows; a tool that is written here appears on it. */
import type { Toolgen } from "toolgen";
import { showRanking } from "../answer/ranking.ts";
import { make } from "../dom.ts";
import { ToolMap } from "../map/map.ts";
import { cosine, nearest, readPack } from "../map/pack.mjs";
import { readMap, weightedMean, type MappedTool, type Point } from "../map/points.ts";
import { percent, titleOf } from "../words/format.ts";
import type { Chapter, Context, Opened } from "./chapter.ts";
import { fill } from "./phrase.ts";

/** A new row lies between so many others. */
const BETWEEN = 4;

export const memorization: Chapter = { id: "memorization", open };

function open({ words }: Context): Opened {
  const { figure, verdict } = words.chapters.memorization;
  const element = make("div");
  let map: { shown: ToolMap; tools: MappedTool[] } | undefined;
  readMap().then(
    (tools) => {
      map = { tools, shown: new ToolMap(tools, figure) };
      element.replaceChildren(map.shown.element);
    },
    () => element.replaceChildren(make("p", { className: "problem" }, figure.missing)),
  );
  let added: string[] = [];
  return {
    figure: { element, show() {} },
    async check(model, [description = "", question = ""], signal) {
      await model.unregister(added, { signal });
      const name = nameOf(description);
      const { added: now, skipped } = await model.register(
        [{ name, description, inputSchema: { type: "object", properties: {}, additionalProperties: false } }],
        { signal },
      );
      added = now;
      if (now.length === 0)
        return { passed: false, text: fill(verdict.refused, { problem: skipped[0]?.message ?? "" }) };
      if (map) map.shown.mark(figure.yours, await placeOf(model, name, map.tools, signal));
      const ranked = await model.retrieve(question, { signal });
      const [first] = ranked;
      const title = (tool: string) => titleOf(model.tools.find(({ name }) => name === tool) ?? { name: tool });
      const bars = showRanking(ranked.map((tool) => ({ ...tool, title: title(tool.name) })));
      if (first?.name !== name)
        return { passed: false, text: fill(verdict.failed, { first: title(first?.name ?? "") }), details: [bars] };
      return { passed: true, text: fill(verdict.passed, { probability: percent(first.probability) }), details: [bars] };
    },
  };
}

/** The first words of what it does. */
function nameOf(description: string): string {
  const words = description.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.slice(0, 3).join("_") || "my_tool";
}

/** A row that the map wasn't made with lies between those that it is nearest to. */
async function placeOf(model: Toolgen, name: string, known: MappedTool[], signal: AbortSignal): Promise<Point> {
  const { tools, rows } = readPack(await model.exportPack({ signal }));
  const own = tools.findIndex((tool) => tool.name === name);
  const points = new Map(known.map((tool) => [tool.name, tool]));
  const onMap = nearest(rows, rows[own]!, rows.length, own).filter((index) => points.has(tools[index]!.name));
  return weightedMean(
    onMap.slice(0, BETWEEN).map((index) => {
      const { x, y } = points.get(tools[index]!.name)!;
      return { x, y, weight: Math.max(0, cosine(rows[index]!, rows[own]!)) ** 4 };
    }),
  );
}
