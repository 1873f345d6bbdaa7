/** An answer as it was recorded, to look at while the model is on its way. */
import type { RunEvent, Tool } from "toolgen";
import { Turn } from "./answer/turn.ts";
import { byId, drawn, make } from "./dom.ts";
import { newResult } from "./result.ts";
import { show } from "./show.ts";

const QUESTION = "What is the weather in Oslo right now?";
/** As long as a second visit takes: who has the model already sees nothing of this. A first one sees it at once. */
const PATIENCE_MS = 3000;

const weather: Tool = {
  name: "weather_now",
  description: "The weather in a town or city at this moment.",
  parameters: { type: "object" },
  http: {
    method: "GET",
    url: "https://wttr.in/{city}",
    documentation: "https://github.com/chubin/wttr.in#json-output",
  },
  annotations: { title: "Weather now" },
};
const call = { name: weather.name, arguments: { city: "Oslo" } };
const result = { "sky": "Light rain", "temperature (°C)": "7", "wind (km/h)": "11" };
const observation = { result, body: result };

/** With the milliseconds before each. */
const events: [number, RunEvent][] = [
  [600, { type: "prefill", done: 15, total: 15 }],
  [
    500,
    {
      type: "ranking",
      tools: [
        { name: "weather_now", probability: 0.999 },
        { name: "weather_forecast", probability: 0.0004 },
        { name: "current_time", probability: 0.0002 },
      ],
      abstain: 0.0001,
      sure: true,
    },
  ],
  [700, { type: "tool", name: weather.name }],
  ...['{"', "city", '":"', "Os", "lo", '"}'].map((text): [number, RunEvent] => [160, { type: "arguments", text }]),
  [400, { type: "call", call }],
  [600, { type: "request", request: { method: "GET", url: "https://wttr.in/Oslo?format=j1", headers: {} } }],
  [900, { type: "observation", observation }],
  [0, { type: "finish", reason: "done", ranking: [], call, observation, steps: [{ call, observation }] }],
];

/** Plays once, unless the signal comes before; all at once for who wants no motion. */
export async function playRecording(signal: AbortSignal): Promise<void> {
  if (navigator.serviceWorker?.controller) await wait(PATIENCE_MS); // the first visit leaves one behind
  if (signal.aborted) return;
  const place = byId("recorded");
  signal.addEventListener("abort", () => {
    place.replaceChildren();
    place.style.cssText = "";
  });
  const whole = begun();
  for (const [, event] of events) play(event, whole);
  place.replaceChildren(whole.element);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return whole.stop();
  // What lies below stays where it is while the card fills: the page's first frame has room for it.
  place.style.visibility = "hidden";
  await drawn();
  if (signal.aborted) return;
  place.style.cssText = `min-height: ${place.offsetHeight}px`;
  const turn = begun();
  place.replaceChildren(turn.element);
  for (const [ms, event] of events) {
    await wait(ms);
    if (signal.aborted) return;
    play(event, turn);
  }
  turn.stop();
}

function begun(): Turn {
  const badge = make("span", { className: "badge" }, "recorded");
  return new Turn(0, QUESTION, (name) => (name === weather.name ? weather : undefined), badge);
}

function play(event: RunEvent, turn: Turn): void {
  show(event, turn, { result: newResult(QUESTION), elapsed: () => 0, answer() {} });
  turn.timings({}); // those of a recording say nothing
  // Nobody has to unfold a recording.
  for (const part of turn.element.querySelectorAll("details")) part.open = true;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
