/**
 * The demo page end to end, on the tiny checkpoint and adapter in the real ones' place, with a pack that was taught what
 * the tests ask.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { answerExternal, launch, readResult, waitForState } from "./browser.mjs";
import { MODEL, read, readLines, requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT } from "./files.mjs";
import { openEngine, packOf } from "./module.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

const ROMAN = "Write 1987 in Roman numerals";
const NO_NUMBER = "Write it in Roman numerals";
const OSLO = "How is the weather in Oslo?";
const EUROS = "How much is 100 US dollars in euros?";
/** What each question means; they are taught, for the weights are random. */
const TOOLS = {
  [ROMAN]: "roman_numeral",
  [NO_NUMBER]: "roman_numeral",
  [OSLO]: "weather_now",
  [EUROS]: "exchange_rate",
};
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };
let site;
let browser;
let page;
let asked;
const problems = [];

before(async () => {
  requireBuilt("www/dist/index.html", "pkg/wasm/toolgen_bg.wasm");
  const files = {
    [`/${MODEL.checkpoint}`]: read(TINY_CHECKPOINT),
    [`/${MODEL.adapter}`]: read(TINY_ADAPTER),
    [`/${MODEL.pack}`]: await taughtPack(),
  };
  site = await startSite({ files });
  browser = await launch();
  const context = await browser.newContext();
  await answerExternal(context, site.url, (url) => {
    asked = url.href;
    return url.host === "wttr.in" ? { json: WEATHER } : { status: 500, body: "out of order" };
  });
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && problems.push(message.text()));
  await page.goto(site.url);
  assert.equal(await waitForState(page, ["ready", "error"]), "ready", await page.locator("#error").textContent());
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A pack of some of the catalogue's tools, those of the questions among them. */
async function taughtPack() {
  const wasm = await import(pathToFileURL(join(root, "pkg/wasm/toolgen.js")));
  const engine = await openEngine(wasm, read("pkg/wasm/toolgen_bg.wasm"), read(TINY_CHECKPOINT), read(TINY_ADAPTER));
  const asked = new Set(Object.values(TOOLS));
  const tools = readLines("models/catalogue/tools.jsonl").filter(
    ({ name }, index) => index % 20 === 0 || asked.has(name),
  );
  return packOf(engine, tools, TOOLS);
}

async function ask(question) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await waitForState(page, ["busy", "done", "error"]);
  await choose(question, waitForState(page, ["done", "error"]));
  await waitForState(page, ["done", "error"]);
  return readResult(page);
}

/** Random weights, though taught, are seldom sure: then the page asks which tool is meant. */
async function choose(question, end) {
  const choice = page.locator(`[data-choice="${TOOLS[question]}"]`);
  await Promise.race([choice.waitFor().catch(() => {}), end]);
  if (await choice.isVisible()) await choice.click();
}

test("an offline tool: question, call, answer", async () => {
  const result = await ask(ROMAN);
  assert.equal(result.error, undefined);
  assert.deepEqual(result.call, { name: "roman_numeral", arguments: { number: 1987 } });
  assert.equal(result.request, undefined);
  assert.match(JSON.stringify(result.answer.result), /MCMLXXXVII/);
  assert.match(await page.locator("#answer").textContent(), /MCMLXXXVII/);
  assert.match(await page.locator("#call mark").textContent(), /roman_numeral/);
  assert.equal(result.ranking[0].name, "roman_numeral");
});

test("what the question doesn't say is told in a sentence", async () => {
  const result = await ask(NO_NUMBER);
  assert.deepEqual([result.call, result.missing, result.error], [undefined, ["number"], undefined]);
  assert.match(await page.locator("#answer").textContent(), /needs more than the question says: .*number/i);
});

test("a network tool: the request goes to its API and the answer is labelled", async () => {
  const result = await ask(OSLO);
  assert.equal(result.error, undefined);
  assert.equal(result.call?.name, "weather_now", JSON.stringify(result));
  const { city } = result.call.arguments;
  assert.ok(OSLO.includes(city), city);
  assert.equal(asked, `https://wttr.in/${encodeURIComponent(city)}?format=j1`);
  assert.equal(result.request.url, asked);
  assert.equal(result.answer.result.sky, "Light rain");
  assert.match(await page.locator("#answer").textContent(), /Light rain/);
  assert.equal(await page.locator("#request a").first().getAttribute("href"), asked);
});

test("an API that fails is said so, with the call still shown", async () => {
  const result = await ask(EUROS);
  assert.equal(result.error.code, "http_status");
  assert.match(await page.locator("#error").textContent(), /500/);
  assert.ok(await page.locator("#call mark").isVisible());
});

test("an empty and a too long question are refused in words", async () => {
  assert.equal((await ask("")).error.code, "question_empty");
  assert.equal((await ask("very long ".repeat(5000))).error.code, "question_too_long");
  assert.ok(await page.locator("#error").isVisible());
});

test("Escape cancels, and the next question works", async () => {
  // The API never answers: the model itself is done before a key can be pressed.
  await page.route("https://wttr.in/**", () => {});
  await page.locator("#question").fill(OSLO);
  await page.keyboard.press("Enter");
  const asked = page.locator("#request a").first();
  await choose(OSLO, asked.waitFor());
  await asked.waitFor();
  await page.keyboard.press("Escape");
  await waitForState(page, ["ready"]);
  await page.unroute("https://wttr.in/**");
  assert.equal((await ask(ROMAN)).call.name, "roman_numeral");
});

test("a question in the URL is asked on load", async () => {
  const second = await page.context().newPage();
  await second.goto(`${site.url}?q=${encodeURIComponent(ROMAN)}`);
  await waitForState(second, ["done", "error"]);
  assert.equal((await readResult(second)).call.name, "roman_numeral");
  await second.close();
});

test("the list of tools can be searched", async () => {
  await page.locator("#tools summary").click();
  await page.locator("#search").fill("roman");
  assert.equal(await page.locator("#tool-list li:visible").count(), 1);
});

test("no error and no blocked resource on the way", () => assert.deepEqual(problems, []));
