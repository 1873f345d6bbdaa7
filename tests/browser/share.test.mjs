/** What can be sent of an answer, and what opens it again, with a table in the model's place. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { answerExternal, launch, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const OSLO = "How is the weather in Oslo?";
const answers = {
  [OSLO]: [{ name: "weather_now", arguments: { city: "Oslo" } }],
  "Here, puss": [{ name: "lets_the_cat_in" }],
  "Tides in Oban": [{ name: "tides", arguments: { place: "Oban" } }],
};
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };
let site;
let browser;
let page;
let sent;
const problems = [];

before(async () => {
  requireBuilt("www/dist/index.html");
  site = await startSite({
    files: { "/worker.js": fakeWorker({ tools: readLines("models/catalogue/tools.jsonl"), answers }) },
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

async function open(address, states = ["ready"]) {
  await page?.context().close();
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  sent = [];
  await answerExternal(context, site.url, (url) => {
    sent.push(url.href);
    return { json: WEATHER };
  });
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && problems.push(message.text()));
  await page.goto(new URL(address, site.url).href);
  await waitForState(page, states, 20_000);
}

async function ask(question) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  await waitForState(page, ["done", "error"]);
}

const last = (selector) => page.locator("#turns .turn").first().locator(selector);
const copied = () => page.evaluate(() => navigator.clipboard.readText());

test("a link, and the lines of code, are copied", async () => {
  await open("");
  await ask(OSLO);
  await last(".share summary").click();
  await last(".share").getByRole("button", { name: "Copy the link" }).click();
  await last(".share").getByText("Copied").waitFor();
  assert.equal(await copied(), `${site.url}?q=${encodeURIComponent(OSLO)}`);
  await last(".share").getByRole("button", { name: "Copy the code" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".share .choice").length === 3);
  const code = await last(".snippet").textContent();
  for (let tries = 0; tries < 100 && (await copied()) !== code; tries++) await page.waitForTimeout(50);
  assert.equal(await copied(), code);
  assert.match(code, /import \{ load \} from "toolgen";[^]*name: "weather_now"[^]*How is the weather in Oslo/);
  assert.deepEqual(await page.evaluate(faint), []);
});

test("a run is saved as a file and plays again elsewhere, marked as recorded, asking nobody", async () => {
  await last(".share summary").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    last(".share").getByRole("button", { name: "Save as a file" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "toolgen-how-is-the-weather-in-oslo.json");
  const buffer = readFileSync(await download.path());
  await open("");
  const file = { name: "run.json", mimeType: "application/json", buffer };
  await page.locator("#open-run input").setInputFiles(file);
  await page.locator("#recorded").getByText("Weather now, Oslo: Light rain, temperature 7 °C.").waitFor();
  assert.match(await page.locator("#recorded header").textContent(), /recorded on \w+ \d+, \d{4}/);
  assert.deepEqual(sent, []);
  await page.locator("#open-run input").setInputFiles({ ...file, buffer: Buffer.from("{}") });
  await page
    .locator("#open-run .problem")
    .getByText(/no saved run/)
    .waitFor();
});

test("a link brings the visitor's own tools of the room", async () => {
  await open("?place=room");
  await page.getByLabel("What does your tool do?").fill("Lets the cat in");
  await page.getByRole("button", { name: "Add the tool" }).click();
  await page
    .locator(".bring-tool .outcome")
    .getByText(/^Added/)
    .waitFor();
  await ask("Here, puss");
  const address = page.url();
  assert.match(address, /\/#run=[\w-]+$/);
  assert.equal(await last(".link").evaluate((link) => link.href), address);
  await open(address, ["done"]);
  assert.equal(await page.locator(".things use[href='#room-cat']").count(), 1);
  assert.equal(page.url(), address);
});

test("other tools that a link brings are used only if the person says so, and so are their requests", async () => {
  const tides = {
    name: "tides",
    description: "The tides at a place.",
    parameters: { type: "object", properties: { place: { type: "string" } } },
    http: { method: "GET", url: "https://tides.example/{place}" },
    annotations: { readOnlyHint: true },
  };
  const shared = { question: "Tides in Oban", place: "catalogue", tools: [tides, { ...tides, name: "weather_now" }] };
  const address = `#run=${Buffer.from(JSON.stringify(shared)).toString("base64url")}`;
  await open(address, ["waiting"]);
  const prompt = last(".prompt");
  assert.match(
    await prompt.textContent(),
    /This link brings a tool that this page doesn't have\.Tides \(asks tides\.example\)/,
  );
  await prompt.getByRole("button", { name: "Use them" }).click();
  await prompt.getByText(/Send this request to tides.example/).waitFor();
  assert.deepEqual(sent, []);
  await prompt.getByRole("button", { name: "Send it" }).click();
  await waitForState(page, ["done"]);
  assert.deepEqual(sent, ["https://tides.example/Oban"]);
});

test("a link that was cut off says so in a sentence, until something is asked", async () => {
  const shared = { question: "Tides in Oban", place: "catalogue", own: [] };
  const whole = `#run=${Buffer.from(JSON.stringify(shared)).toString("base64url")}`;
  const incomplete = () => page.getByText("This link is incomplete").isVisible();
  for (const [address, expected] of [
    ["", false],
    ["#tools", false],
    [whole.slice(0, -9), true],
    ["#run", true],
  ]) {
    await open(address);
    assert.equal(await incomplete(), expected, address);
    assert.equal(await page.locator("#turns .turn").count(), 0);
  }
  await ask(OSLO);
  assert.ok(!(await incomplete()));
  assert.doesNotMatch(page.url(), /#run/);
});

test("a link that is pasted beside answers brings its tools once its question is asked", async () => {
  await open("");
  await ask(OSLO);
  const shared = { question: "Here, puss", place: "room", own: [{ description: "Lets the cat in", shape: "cat" }] };
  const hash = `#run=${Buffer.from(JSON.stringify(shared)).toString("base64url")}`;
  await page.evaluate((hash) => void (location.hash = hash), hash);
  await page.waitForFunction((text) => document.querySelector("#question").value === text, shared.question);
  await page.locator("#question").press("Enter");
  await page.locator(".things use[href='#room-cat']").waitFor();
});

test("no error and no blocked resource on the way", () => assert.deepEqual(problems, []));
