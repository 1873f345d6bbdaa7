/** A page with the elements, as an app has them, under a strict policy that lets no text become a script. */

export const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Elements</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/elements.css">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'">
<main><toolgen-ask placeholder="Ask for a timer"></toolgen-ask><toolgen-inspector></toolgen-inspector></main>
<script type="module" src="/elements.js"></script></html>`;

export const STYLES = `:root { color-scheme: light dark; background: light-dark(#f6f6f3, #15161a); }
main { display: grid; gap: 2rem; max-width: 44rem; margin: 1rem auto; padding: 0 1rem; }`;

/** What an app writes. */
function app() {
  const text = { type: "string" };
  const schema = (properties, required = []) => ({ type: "object", properties, required });
  const tools = [
    {
      name: "set_timer",
      description: "Starts a timer.",
      parameters: schema({ minutes: { type: "integer", minimum: 1 } }, ["minutes"]),
    },
    {
      name: "book",
      description: "Books a table.",
      parameters: schema(
        {
          "where": schema({ city: { ...text, description: "City" } }, ["city"]),
          "smoking": { type: "boolean" },
          "meal": { enum: ["lunch", "late_dinner"] },
          "day": { ...text, format: "date" },
          "guests": { type: "array", items: text },
        },
        ["where", "smoking", "meal", "day", "guests"],
      ),
      annotations: { title: "Book a table" },
    },
    {
      name: "weather",
      description: "Tells the weather.",
      parameters: schema({ city: text }),
      annotations: { readOnlyHint: true },
    },
    { name: "fail", description: "Fails.", parameters: schema({}), annotations: { readOnlyHint: true } },
    { name: "wait", description: "Waits.", parameters: schema({}), annotations: { readOnlyHint: true } },
  ];
  const oslo = { name: "weather", arguments: { city: "Oslo" } };
  const answers = {
    "rain?": { ...oslo, looks: [{ name: "weather", probability: 0.93 }] },
    "20 minutes": { name: "set_timer", arguments: { minutes: 20 } },
    "two timers": [1, 2].map((minutes) => ({ name: "set_timer", arguments: { minutes } })),
    "a timer": { name: "set_timer", missing: ["minutes"] },
    "a table": { name: "book", missing: ["where.city", "smoking", "meal", "day", "guests"] },
    "unclear": { ...oslo, sure: false },
    "fail": { name: "fail" },
    "wait": { name: "wait" },
  };
  const functions = {
    weather: ({ city }) => ({ city, rain: true }),
    set_timer: ({ minutes }) => `It rings in ${minutes} minutes.`,
    book: (args) => JSON.stringify(args),
    fail: () => Promise.reject(new Error("There is no such place.")),
    wait: () => new Promise(() => {}),
  };
  return { tools, answers, functions };
}

export const SCRIPT = `import "/pkg/elements/ask.js";
import "/pkg/elements/devtools.js";
import { createFakeToolgen } from "/pkg/testing.js";
const toolgen = createFakeToolgen((${app})());
const ask = document.querySelector("toolgen-ask");
const inspector = document.querySelector("toolgen-inspector");
ask.options = { explain: true };
ask.toolgen = toolgen;
inspector.toolgen = toolgen;
inspector.observe(ask);
window.ready = true;`;
