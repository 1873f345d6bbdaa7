/** A site whose lesson has a table in the model's place, which knows what its tasks are given. */
import { startSite } from "../../xtask/serve.mjs";
import { writePack } from "../www/pack.mjs";
import { read, readLines } from "./files.mjs";
import { lessonWorker } from "./lesson-worker.mjs";
import { withServiceWorker } from "./signed.mjs";

const SUNSET = "When does the sun set in Lisbon today?";
const tokens = [
  { text: '{"city":"', forced: true, allowed: 1, alternatives: [] },
  {
    text: "Lisbon",
    forced: false,
    allowed: 6,
    alternatives: [
      { text: "Lisbon", probability: 0.97 },
      { text: "today", probability: 0.02 },
    ],
  },
  { text: '"}', forced: true, allowed: 1, alternatives: [] },
];
const answers = {
  "What is 18 percent of 64.50?": { tool: "percentage_of", arguments: { percent: 18, value: 64.5 } },
  "18 percent of what?": { tool: "percentage_of", arguments: { percent: 18 }, missing: ["value"] },
  "Is it raining in Oslo?": { tool: "weather_now", arguments: { city: "Oslo" } },
  "Will I need an umbrella in Oslo tomorrow?": { tool: "weather_forecast", arguments: { city: "Oslo" } },
  "Forecast for Bergen": { tool: "weather_forecast", arguments: { city: "Bergen" } },
  "Please water my tomatoes": { tool: "waters_the_plants", probability: 0.14 },
  "Let fate choose one of us two": { tool: "flip_coin", probability: 0.02 },
  "Write 1987 in Roman numerals": { tool: "roman_numeral", arguments: { number: 1987 } },
  [SUNSET]: {
    tool: "sunrise_sunset",
    arguments: { city: "Lisbon" },
    tokens,
    free: ['{"town":', '"Lisbon"}'],
    says: [" answer", '_today {"location"', ': "Porto"}\n'],
  },
};

export async function startLessonSite() {
  const tools = readLines("models/catalogue/tools.jsonl");
  // Nothing is asked of the table that the pack's own questions would answer.
  const { questions } = JSON.parse(read("www/dist/lesson.json"));
  const judged = Object.fromEntries(questions.map(({ query, tool }) => [query, { tool }]));
  // The new tool's row is the one of frost_risk.
  const row = (name, at) => ({ name, values: Array.from({ length: 32 }, (_, i) => (i === at ? 100 : 0)) });
  const pack = writePack([row("frost_risk", 0), row("flip_coin", 1), row("waters_the_plants", 0)]);
  return startSite({
    files: withServiceWorker({ "/worker.js": lessonWorker({ tools, answers: { ...judged, ...answers }, pack }) }),
  });
}
