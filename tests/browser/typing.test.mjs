/** The race of rankings while a question is typed, with a table in the model's place. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerExternal, launch, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const MILES = "Convert 5 miles";
const answers = {
  [MILES]: [{ name: "convert_length", arguments: { value: 5, from: "mi", to: "km" } }],
  "xyzzy": [{ name: "convert_length", arguments: { value: 5, from: "mi", to: "km" } }],
};
let site;
let browser;
let page;

before(async () => {
  requireBuilt("www/dist/index.html");
  site = await startSite({
    files: { "/worker.js": fakeWorker({ tools: readLines("models/catalogue/tools.jsonl"), answers }) },
  });
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  await answerExternal(context, site.url);
  page = await context.newPage();
  await page.goto(site.url);
  await waitForState(page, ["ready"]);
  await page.getByText("See the choice as you type").click();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const model = () => page.locator(".race section").first();
const verdict = (text) => page.locator("#typing > p").first().getByText(text).waitFor();

test("each pause in typing ranks anew, by the model and by words", async () => {
  await page.locator("#question").pressSequentially(MILES);
  await model().locator(".chosen", { hasText: "Length" }).waitFor();
  assert.match(await model().locator(".time").textContent(), /^ [\d.]+ ms$/);
  assert.ok((await page.locator(".race section").last().locator("li").count()) > 0);
  await page.locator("#question").fill("xyzzy");
  await verdict(/shares no word/);
  await page.locator("#question").fill("");
  await verdict("Type a question above.");
  assert.equal(await page.locator("#turns .turn").count(), 0);
});

test("tokens are counted, the time is computed, and both are said so", async () => {
  await page
    .locator("#typing > p")
    .last()
    .getByText(/With all \d+ tools in the prompt.*counted.*computed/)
    .waitFor();
});

test("in the room it ranks the room's tools alone", async () => {
  await page.locator("#places input[value=room]").check();
  await page.locator("#room .progress").waitFor({ state: "hidden" });
  await page.locator("#question").fill("Darker please");
  await page.locator(".race section").last().getByText("Make darker").waitFor();
  assert.equal(await page.locator(".race").getByText("Wikipedia").count(), 0);
  await page
    .locator("#typing > p")
    .last()
    .getByText(/all 19 tools/)
    .waitFor();
});

test("it fits a phone and can be read", async () => {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(await page.evaluate(faint), []);
});
