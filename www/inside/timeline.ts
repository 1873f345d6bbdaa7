/** Phases in their lengths, with a list that says the same: of a run, and of how the model was loaded. */
import type { DeviceReport, Tool } from "toolgen";
import type { Traced } from "toolgen/trace";
import { make } from "../dom.ts";
import { draw } from "../svg.ts";
import { capitalised } from "../words/humanise.ts";
import { milliseconds } from "../words/format.ts";
import { phasesOf, type Phase } from "./phases.ts";
import { startupPhases } from "./startup.ts";
import { definitionTokens, tokensRead } from "./tokens-read.ts";

const WIDTH = 600;
/** A phase too short to be seen is drawn so wide. */
const LEAST = 3;

export function showTimeline(entries: readonly Traced[], tools: readonly Tool[], title: string): HTMLElement {
  const figure = showPhases(phasesOf(entries), title);
  figure.append(make("p", { className: "quiet" }, spared(entries, tools)));
  return figure;
}

/** Nothing where the engine doesn't tell. */
export function showStartup(startup: DeviceReport["startup"], title: string): HTMLElement | undefined {
  const phases = startupPhases(startup);
  return phases.length > 0 ? showPhases(phases, title) : undefined;
}

function showPhases(phases: readonly Phase[], title: string): HTMLElement {
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
  const caption = make("figcaption", {}, title);
  return make("figure", { className: "run-timeline" }, caption, picture, make("ol", {}, ...items));
}

function spared(entries: readonly Traced[], tools: readonly Tool[]): string {
  const [read, all] = [tokensRead(entries), definitionTokens(tools)].map((count) => count.toLocaleString("en"));
  return `It read ${read} tokens. The definitions of all ${tools.length} tools in the prompt would be about ${all} more.`;
}
