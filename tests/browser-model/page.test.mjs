/** The demo page with the real weights and the whole catalogue: what it answers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerExternal, launch, readResult, waitForState } from "../browser/browser.mjs";
import { MODEL, requireBuilt } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };
let site;
let browser;
let page;
let asked;
const problems = [];

before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/model/manifest.json", MODEL.pack);
  site = await startSite();
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
  assert.equal(await waitForState(page, ["ready", "error"]), "ready", await page.locator("#failure").textContent());
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** The card of the last question. */
const last = (selector) => page.locator(".turn").first().locator(selector);

/** In a conversation of its own. */
async function ask(question) {
  const forget = page.locator("#forget");
  if (await forget.isVisible()) await forget.click();
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await last(".asked").getByText(question).waitFor();
  await waitForState(page, ["done", "error"]);
  return readResult(page);
}

test("an offline tool: question, call, answer", async () => {
  const result = await ask("Convert 5 miles to kilometres");
  assert.equal(result.error, undefined);
  assert.equal(result.call.name, "convert_length");
  assert.equal(result.call.arguments.value, 5);
  assert.equal(result.request, undefined);
  assert.match(JSON.stringify(result.answer.result), /8\.04/);
  assert.equal(await last(".sentence").textContent(), "5 mi = 8.0467 km.");
  assert.match(await last(".call mark").first().textContent(), /convert_length/);
  assert.equal(result.ranking[0].name, "convert_length");
});

test("a network tool: the request goes to its API and the answer is labelled", async () => {
  const result = await ask("What is the weather in Oslo right now?");
  assert.equal(result.error, undefined);
  assert.equal(result.call.name, "weather_now");
  assert.equal(asked, "https://wttr.in/Oslo?format=j1");
  assert.equal(result.request.url, asked);
  assert.equal(result.answer.result.sky, "Light rain");
  assert.match(await last(".sentence").textContent(), /Light rain/);
  assert.equal(await last(".request a").first().getAttribute("href"), asked);
});

test("an API that fails is said so, with the call still shown", async () => {
  const result = await ask("How much is 100 US dollars in euros?");
  assert.equal(result.error.code, "http_status");
  assert.match(await last(".failure").textContent(), /out of order.*500/s);
  assert.match(await last(".call mark").first().textContent(), /exchange_rate/);
});

test("Escape cancels while the model thinks, and the next question works", async () => {
  await page.locator("#question").fill("What is the weather in Bergen right now?");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await waitForState(page, ["ready"]);
  assert.equal((await ask("Convert 5 miles to kilometres")).call.name, "convert_length");
});

test("a question in the URL is asked on load", async () => {
  const second = await page.context().newPage();
  await second.goto(`${site.url}?q=${encodeURIComponent("Write 1987 in Roman numerals")}`);
  await waitForState(second, ["done", "error"]);
  assert.equal((await readResult(second)).call.name, "roman_numeral");
  await second.close();
});

test("the page says how much is to come before its script does", async () => {
  const html = await (await fetch(site.url)).text();
  assert.match(html, /id="progress-text"[^>]*>106 MB\. Starting…</);
});

test("the list of tools can be searched", async () => {
  await page.locator("#tools summary").click();
  await page.locator("#search").fill("written as a roman");
  assert.equal(await page.locator("#tool-list li:visible").count(), 1);
});

test("no error and no blocked resource on the way", () => assert.deepEqual(problems, []));
