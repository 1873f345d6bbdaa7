/** The timeline of a run: its phases in their lengths, with a list that says the same. */
import type { Traced } from "toolgen/trace";
import type { Tool } from "toolgen";
import { make } from "../dom.ts";
import { draw } from "../svg.ts";
import { capitalised } from "../words/humanise.ts";
import { milliseconds } from "../words/format.ts";
import { phasesOf } from "./phases.ts";
import { definitionTokens, tokensRead } from "./tokens-read.ts";

const WIDTH = 600;
/** A phase too short to be seen is drawn so wide. */
const LEAST = 3;

export function showTimeline(entries: readonly Traced[], tools: readonly Tool[], title: string): HTMLElement {
  const phases = phasesOf(entries);
  const total = Math.max(1, phases.at(-1)?.toMs ?? 1);
  const bars = phases.map(({ actor, fromMs, toMs }) => {
    const width = Math.max(LEAST, (WIDTH * (toMs - fromMs)) / total);
    return draw("rect", {
      "data-actor": actor,
      x: Math.min(WIDTH - width, (WIDTH * fromMs) / total),
      y: 0,
      width,
      height: 24,
    });
  });
  const picture = draw("svg", { viewBox: `0 0 ${WIDTH} 24`, class: "timeline", "aria-hidden": "true" }, ...bars);
  const items = phases.map(({ actor, what, fromMs, toMs }) => {
    const item = make("li", {}, `${capitalised(what)}: ${milliseconds(toMs - fromMs)}`);
    item.dataset.actor = actor;
    return item;
  });
  return make(
    "figure",
    { className: "run-timeline" },
    make("figcaption", {}, title),
    picture,
    make("ol", {}, ...items),
    make("p", { className: "quiet" }, spared(entries, tools)),
  );
}

function spared(entries: readonly Traced[], tools: readonly Tool[]): string {
  const [read, all] = [tokensRead(entries), definitionTokens(tools)].map((count) => count.toLocaleString("en"));
  return `It read ${read} tokens. The definitions of all ${tools.length} tools in the prompt would be about ${all} more.`;
}
