/** Stage 3: agent-tuning. The figure: one run as the text that it adds up to, and who wrote which part. */
import type { Toolgen } from "toolgen";
import { make } from "../dom.ts";
import type { Traced } from "toolgen/trace";
import { showTimeline } from "../inside/timeline.ts";
import { titleOf } from "../words/format.ts";
import { listOf } from "../words/humanise.ts";
import type { Chapter, Context, Figure, Opened } from "./chapter.ts";
import { fill } from "./phrase.ts";

type Who = "person" | "page" | "model" | "forced";

/** A run, with the idea from which on each part is shown. */
const RUN: readonly [idea: number, who: Who, text: string][] = [
  [0, "person", "What is 18 percent of 64.50?"],
  [1, "model", "<percentage_of>"],
  [
    1,
    "page",
    "percentage_of: A given percentage of a number, such as 15 percent of 80.\n- percent: how many percent\n- value: the number to take the percentage of",
  ],
  [2, "forced", '{"percent": '],
  [2, "model", "18"],
  [2, "forced", ', "value": '],
  [2, "model", "64.50"],
  [2, "forced", "}"],
  [3, "page", '{"result": 11.61}'],
  [4, "model", "<finish>"],
];

export const agent: Chapter = { id: "agent", open };

function open({ words }: Context): Opened {
  const { figure, verdict } = words.chapters.agent;
  return {
    figure: run(figure),
    async check(model, [question = ""], signal) {
      const entries = await follow(model, question, signal);
      const last = entries.at(-1)?.event;
      const { reason, steps } = last?.type === "finish" ? last : { reason: "failed" as const, steps: [] };
      const done = steps.filter(({ observation }) => observation).map(({ call }) => call);
      const title = (name: string) => titleOf(model.tools.find((tool) => tool.name === name) ?? { name });
      const passed = reason === "done" && done.length > 0;
      const calls = done.map(({ name }) => title(name));
      const reasons: Partial<Record<typeof reason, string>> = verdict.reasons;
      const values = {
        calls: calls.length > 0 ? listOf(calls) : verdict.nothing,
        reason: reasons[reason] ?? verdict.reasons.other,
      };
      const text = fill(passed ? verdict.passed : verdict.failed, values);
      return { passed, text, details: [showTimeline(entries, model.tools, figure.timeline)] };
    },
  };
}

/** The page's own functions alone: they change nothing, so nobody has to be asked. */
async function follow(model: Toolgen, question: string, signal: AbortSignal): Promise<Traced[]> {
  const tools = model.tools.filter(({ http }) => !http).map(({ name }) => name);
  const began = performance.now();
  const entries: Traced[] = [];
  for await (const event of model.run(question, { tools, unsure: "call", approve: () => true, signal }))
    entries.push({ atMs: performance.now() - began, event });
  return entries;
}

function run(words: Context["words"]["chapters"]["agent"]["figure"]): Figure {
  const parts = RUN.map(([, who, text]) => {
    const by = make("span", { className: "who" }, words[who]);
    const part = make("li", { className: "part-of-run" }, make("code", {}, text), by);
    part.dataset.actor = who;
    return part;
  });
  const element = make(
    "div",
    {},
    make("p", { className: "quiet" }, words.caption),
    make("ol", { className: "run" }, ...parts),
  );
  return {
    element,
    show(idea) {
      for (const [i, part] of parts.entries()) {
        const from = RUN[i]![0];
        part.classList.toggle("to-come", from > idea);
        part.classList.toggle("lit", from === idea);
      }
    },
  };
}
