/** The states of the pages, one after another, with a table in the model's place: axe-core finds nothing in any of them. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { faults } from "./axe.mjs";
import { launch, waitForState } from "./browser.mjs";
import { fakeWorker, tell } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startLessonSite } from "./lesson-site.mjs";

const OSLO = "How is the weather in Oslo?";
const weather = { name: "weather_now", arguments: { city: "Oslo" } };
const miles = { name: "convert_length", arguments: { value: 5, from: "mi", to: "km" } };
const answers = {
  [OSLO]: [{ ...weather, look: 0.9, free: ['{"city": Oslo}'] }],
  "Split it": [{ name: "split_bill", missing: ["total", "people"] }],
  "Convert 5 miles": [{ name: "convert_length", arguments: { value: 5, from: "mi" }, missing: ["to"] }],
  "Something about Oslo": [{ candidates: ["weather_now", "wikipedia_summary", "sunrise_sunset"], ...weather }],
  "Weather in Oslo, and 5 miles": [weather, miles],
  "Do it": [{ ...miles, approve: "not_asked" }],
  "Euros": [{ name: "exchange_rate", arguments: { amount: 1, from: "USD", to: "EUR" } }],
  "Make it cosy": [{ name: "set_mood", arguments: { mood: "cosy" } }],
  "Set a timer": [{ name: "set_timer", arguments: { minutes: 5 } }],
};
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };
const CHAPTERS = ["call", "prompt", "token", "memorization", "retrieval", "agent", "constrained", "judging"];
let sites;
let browser;
let page;
let found = [];

before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/lesson.html");
  const tools = readLines("models/catalogue/tools.jsonl");
  const worker = fakeWorker({ tools, answers, hold: true });
  const [demo, lesson] = await Promise.all([startSite({ files: { "/worker.js": worker } }), startLessonSite()]);
  sites = { demo, lesson };
  browser = await launch();
  const context = await browser.newContext({ reducedMotion: "reduce", serviceWorkers: "block" });
  const headers = { "access-control-allow-origin": "*" };
  await context.route("https://**", (route) => route.fulfill({ headers, status: 500, body: "out of order" }));
  await context.route("https://wttr.in/**", (route) => route.fulfill({ headers, json: WEATHER }));
  page = await context.newPage();
});
after(async () => {
  await browser?.close();
  for (const site of Object.values(sites ?? {})) await site.close();
});
afterEach(() => assert.deepEqual(found.splice(0), []));

async function look(state) {
  found.push(...(await faults(page, state)));
}

async function open(address, state = "ready") {
  await page.goto(new URL(address, sites.demo.url).href);
  await tell(page, { ready: true });
  await waitForState(page, [state]);
}

async function ask(question, states = ["done", "error"]) {
  await page.locator("#question").fill(question);
  await page.locator("#question").press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  await waitForState(page, states);
}

/** All that is folded. */
function unfold(within) {
  return page.evaluate((within) => {
    for (const part of document.querySelectorAll(`${within} details, details${within}`)) part.open = true;
  }, within);
}

test("before the model: loading, a recorded answer, a question that waits, a broken connection", async () => {
  await page.goto(sites.demo.url);
  await look("loading");
  await page.locator("#recorded .sentence").waitFor();
  await look("recorded");
  await ask(OSLO, ["loading"]);
  const file = { file: "checkpoint", loaded: 30e6, total: 90e6, bytesPerSecond: 3e6, cached: false };
  await tell(page, { progress: file });
  await look("waiting for the model");
  await tell(page, { error: { code: "download", message: "It broke five times in a row." } });
  await waitForState(page, ["error"]);
  await unfold("#failure");
  await look("broken connection");
  await page.locator("#try-again").click();
  await page.locator("#failure").waitFor({ state: "hidden" });
  await tell(page, { ready: true });
  await waitForState(page, ["done"]);
});

test("the ready page, what it says of the device, its tools", async () => {
  await open("");
  await page.locator("#device").waitFor();
  await look("ready");
  await unfold("footer");
  await page.locator("#tools summary").click();
  await page.locator("#search").fill("weather");
  await look("tools");
  await page.locator("#tools summary").click();
});

test("an answer with all that is folded, two of them, words of the page, an error", async () => {
  await ask(OSLO);
  await unfold("#turns");
  await page.getByRole("switch", { name: "Without the grammar" }).check();
  await page.locator(".free-text del").waitFor();
  await look("answer");
  await ask("Weather in Oslo, and 5 miles");
  await look("two wishes, history");
  await page.locator("#forget").click();
  await ask("hi");
  await ask("Wo ist Berlin?");
  await ask("Euros");
  await unfold("#turns");
  await look("greeting, no tool, error");
});

test("what a person is asked: a missing value, a choice, an approval, a link's request", async () => {
  await page.locator("#forget").click();
  await ask("Convert 5 miles");
  await look("ask form, choice of a unit");
  await ask("Split it");
  await look("ask form");
  await page.locator("#forget").click();
  await ask("Something about Oslo", ["waiting"]);
  await look("did you mean");
  await page.keyboard.press("Escape");
  await ask("Do it", ["waiting"]);
  await look("approve");
  await open(`?q=${encodeURIComponent(OSLO)}`, "waiting");
  await look("a link's request");
});

test("the race as one types", async () => {
  await open("");
  await page.getByText("See the choice as you type").click();
  await page.locator("#question").fill(OSLO);
  await page.locator(".race section").first().locator(".chosen").waitFor();
  await look("race");
});

test("the visitor's own tools: forms, sources, what may be confused, what can't be read", async () => {
  await open("");
  await page.locator("#own > summary").click();
  await page.getByRole("button", { name: "A calendar" }).click();
  await page.locator(".own-end").getByText("6 tools").waitFor();
  const tool = { name: "greet", description: "Says hello.", parameters: { type: "object" } };
  await unfold("#own");
  await page.locator("#own-document").fill(JSON.stringify([tool, { ...tool, name: "welcome" }, { name: "no words" }]));
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByText("95 % alike").waitFor();
  await unfold("#own");
  await look("own tools");
  await page.locator("#own-document").fill("[ {");
  await page.getByRole("button", { name: "Read it" }).click();
  await page.locator(".own-end .failure").waitFor();
  await look("own tools, an error");
});

test("the room: before an order and after some, its levels, its tools' source", async () => {
  await open("?place=room");
  await page.locator("#room .progress").waitFor({ state: "hidden" });
  await look("room");
  await ask("Set a timer");
  await ask("Make it cosy");
  await unfold("#room-more");
  await page.locator(".sources pre").first().waitFor();
  await look("room, cosy");
});

/** What a chapter's figure or its answer has beside what is there at once. */
const inThe = {
  async memorization() {
    await page.locator("#map-question-0").fill("Is it raining in Oslo?");
    await page.locator("#map-question-1").fill("Write 1987 in Roman numerals");
    await page.locator(".map .flip").waitFor();
  },
  async constrained() {
    await page.getByRole("switch", { name: "without the mask" }).check();
    await page.locator(".free-text del, .without-grammar [role=status]:not(:empty)").first().waitFor();
  },
};

test("every chapter of the lesson, with its figure, its task and what solves it; the sheet; the self-test", async () => {
  await page.goto(`${sites.lesson.url}lesson.html`);
  await waitForState(page, ["ready"]);
  await look("lesson");
  for (const id of CHAPTERS) {
    await page.evaluate((id) => (location.hash = `${id}/99`), id);
    const field = page.locator(`.task input[id^="${id}"]`).first();
    await field.waitFor();
    await page.locator(".task form button").click();
    await page.locator(".task .outcome:not(:empty)").waitFor();
    await unfold("main");
    await inThe[id]?.();
    await look(`lesson, ${id}`);
  }
  await page.goto(`${sites.lesson.url}lesson-sheet.html`);
  await page.getByRole("heading", { name: "45 minutes" }).waitFor();
  await look("sheet");
  await page.goto(`${sites.lesson.url}self-test.html`);
  await look("self-test");
});
