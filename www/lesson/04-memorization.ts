/** Stage 1: memorization. The figure: the map of the tools' rows; a tool that is written here appears on it. */
import type { Toolgen } from "toolgen";
import { NONE, rankedWithNone, showRanking } from "../answer/ranking.ts";
import { make } from "../dom.ts";
import { ToolMap } from "../map/map.ts";
import { cosine, nearest, readPack } from "../map/pack.mjs";
import { weightedMean, type MappedTool, type Point } from "../map/points.ts";
import { percent, titleOf } from "../words/format.ts";
import type { Chapter, Context, Opened } from "./chapter.ts";
import { fill } from "./phrase.ts";
import { questionsOn } from "./question-point.ts";

/** A new row lies between so many others. */
const BETWEEN = 3;

export const memorization: Chapter = { id: "memorization", open };

function open(context: Context): Opened {
  const { words, map: mapped } = context;
  const { figure, verdict } = words.chapters.memorization;
  const element = make("div");
  let map: { shown: ToolMap; tools: MappedTool[] } | undefined;
  mapped.then(
    (tools) => {
      map = { tools, shown: new ToolMap(tools, figure) };
      element.replaceChildren(map.shown.element, questionsOn(map.shown, tools, context));
    },
    () => element.replaceChildren(make("p", { className: "problem" }, figure.missing)),
  );
  return {
    figure: { element, show() {} },
    async check(model, [description = "", question = ""], signal) {
      const name = nameOf(description);
      const inputSchema = { type: "object", properties: {}, additionalProperties: false };
      const { added, skipped } = await model.register([{ name, description, inputSchema }], { signal });
      if (added.length === 0)
        return { passed: false, text: fill(verdict.refused, { problem: skipped[0]?.message ?? "" }) };
      try {
        if (map) map.shown.mark(figure.yours, await placeOf(model, name, map.tools, signal));
        const tools = await model.retrieve(question, { signal });
        const find = (name: string) => model.tools.find((tool) => tool.name === name);
        const ranked = rankedWithNone(tools, undefined, find, verdict.none);
        const details = [showRanking(ranked)];
        const first = tools[0] ?? { name, probability: 0 };
        const values = { first: titleOf(find(first.name) ?? first), probability: percent(first.probability) };
        const passed = first.name === name;
        const text = fill(passed ? verdict.passed : verdict.failed, values);
        const isBlunt = passed && ranked[0]?.name === NONE;
        return { passed, text: isBlunt ? `${text} ${verdict.blunt}` : text, details };
      } finally {
        await model.unregister(added); // the other chapters have the page's own tools
      }
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
      return { x, y, weight: Math.max(0, cosine(rows[index]!, rows[own]!)) ** 12 };
    }),
  );
}
