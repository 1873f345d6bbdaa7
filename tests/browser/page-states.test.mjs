/** Every state of the demo page, with a table in the model's place. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { answerExternal, launch, readResult, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { fakeWorker, tell } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const OSLO = "How is the weather in Oslo?";
const MILES = "Convert 5 miles to kilometres";
const call = { name: "convert_length", arguments: { value: 5, from: "mi", to: "km" } };
const weather = { name: "weather_now", arguments: { city: "Oslo" } };
const answers = {
  [OSLO]: [{ ...weather, look: 0.9, free: ['{"city', '": Os', "lo}"] }],
  [MILES]: [{ ...call, free: ['{"value": 5, "from": "mi", ', '"to": "kilometres"}'] }],
  "How is the weather?": [{ name: "weather_now", missing: ["city"], free: ['{"city": "Springfield"}'] }],
  "In Oslo": [weather],
  "Split it": [{ name: "split_bill", missing: ["total", "people"] }],
  "Convert 5 miles": [{ name: "convert_length", arguments: { value: 5, from: "mi" }, missing: ["to"] }],
  "Something about Oslo": [
    { candidates: ["weather_now", "wikipedia_summary", "sunrise_sunset"], arguments: { city: "Oslo" } },
  ],
  "Now or later in Oslo": [
    {
      candidates: ["weather_now", "weather_forecast", "flip_coin"],
      probabilities: [0.7, 0.2, 0.001],
      name: "flip_coin",
    },
  ],
  "Weather in Oslo, and 5 miles": [{ ...weather, free: ['{ "city": ', '"Oslo" }'] }, call],
  "Do it": [{ ...call, approve: "not_asked" }],
  "Wo ist Berlin?": { abstain: "language" },
};
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };

let sites;
let browser;
let context;
let page;
let sent;

before(async () => {
  requireBuilt("www/dist/index.html");
  const tools = readLines("models/catalogue/tools.jsonl");
  const site = (options) => startSite({ files: { "/worker.js": fakeWorker({ tools, answers, ...options }) } });
  const [ready, held] = await Promise.all([site({}), site({ hold: true })]);
  sites = { ready, held };
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const site of Object.values(sites ?? {})) await site.close();
});
beforeEach(() => open(sites.ready.url));

/** A fresh page, in a state that it is waited for. */
async function open(url, states = ["ready"], options = {}) {
  await context?.close();
  context = await browser.newContext(options);
  sent = [];
  await answerExternal(context, url, (url) => {
    sent.push(url.href);
    return { json: WEATHER };
  });
  page = await context.newPage();
  await page.goto(url);
  await waitForState(page, states, 20_000);
}

async function ask(question, states = ["done", "error"]) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  await waitForState(page, states, 20_000);
}

const last = (selector) => page.locator(".turn").first().locator(selector);
const said = () => last(".sentence").allTextContents();
const status = () => page.locator("#status").textContent();

test("the answer comes first, as a sentence that is read out; ranking, call and request are folded", async () => {
  await ask(OSLO);
  assert.deepEqual(await said(), ["Weather now, Oslo: Light rain, temperature 7 °C."]);
  assert.equal(await status(), (await said())[0]);
  assert.equal(await last(".step .part:visible").count(), 3);
  assert.equal(await last(".part[open]").count(), 0);
  await last(".tool summary").click();
  assert.match(await last(".ranking").textContent(), /Weather now96.0\u00a0%.*No tool fits1.0\u00a0%/);
  assert.match(await last(".tool").textContent(), /Read what Weather now does: it fits/);
  // What was opened once stays open in the next answer.
  await ask(MILES);
  assert.equal(await last(".tool[open]").count(), 1);
});

test("without the grammar: what the model would have written, and what is wrong with it", async () => {
  const free = async (question, ...verdict) => {
    await ask(question);
    const call = last(".step").first().locator(".part.call");
    if ((await call.getAttribute("open")) === null) await call.locator("summary").click();
    await call.getByRole("switch", { name: "Without the grammar" }).check();
    for (const text of verdict) await call.getByText(text).waitFor();
    return call.locator(".free-text");
  };
  const broken = await free(OSLO, "From the marked place on it is no JSON.");
  assert.equal(await broken.textContent(), 'weather_now {"city": Oslo}');
  assert.equal(await broken.locator("del").textContent(), "Oslo}");
  const wrong = await free(MILES, /breaks the tool's schema: to must be "mm" or/);
  assert.equal(await wrong.locator("del").textContent(), '"kilometres"');
  await free("Weather in Oslo, and 5 miles", "The same call: this time the model needed no grammar.");
  assert.equal(await last(".without-grammar").count(), 1, "of the first call alone");
  await last(".without-grammar").getByRole("switch").uncheck();
  assert.ok(await last(".free-text").isHidden());
  // A call that lacks something is one that the model wrote, too.
  await free("How is the weather?", /fits the tool's schema, but is another call/);
  await ask("Wo ist Berlin?");
  assert.equal(await last(".without-grammar").count(), 0);
});

test("where the time went is folded below the answer", async () => {
  await ask(OSLO);
  await last(".technical summary").click();
  assert.match(await last(".run-timeline").textContent(), /[a-z]: \d+\sms/);
  assert.equal(await last(".timeline rect").count(), await last(".run-timeline li").count());
});

test("a form asks for what is missing, by the schema's type, and completes the call", async () => {
  await ask("Split it");
  assert.match((await said())[0], /Split a bill needs a little more: the bill before the tip and how many people/);
  const [total, people] = await last("input").all();
  assert.deepEqual([await total.getAttribute("type"), await people.getAttribute("step")], ["number", "1"]);
  assert.ok(await total.evaluate((input) => input === document.activeElement));
  await total.fill("90");
  await people.fill("4");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /each pays 22.5/.test(document.querySelector(".turn .sentence")?.textContent));
  assert.equal(await last("form").count(), 0);
  await ask("Convert 5 miles");
  assert.deepEqual((await last("option").allTextContents()).slice(0, 3), ["Choose…", "mm", "cm"]);
  await last("select").selectOption({ label: "km" });
  await last("button[type=submit]").click();
  await page.waitForFunction(() => /8.0467 km/.test(document.querySelector(".turn .sentence")?.textContent));
});

test("a value that doesn't fit is refused in the form, which stays", async () => {
  await ask("Split it");
  const [total, people] = await last("input").all();
  await people.evaluate((input) => input.removeAttribute("max"));
  await total.fill("90");
  await people.fill("5000");
  await page.keyboard.press("Enter");
  await last(".problem").waitFor();
  assert.match(await last(".problem").textContent(), /people/);
  await people.fill("4");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /each pays/.test(document.querySelector(".turn .sentence")?.textContent));
});

test("the next sentence answers as well, and closes the form", async () => {
  await ask("How is the weather?");
  assert.equal(await page.locator(".missing").count(), 1);
  await ask("In Oslo");
  assert.equal(await page.locator(".missing").count(), 0);
  assert.match((await said())[0], /Light rain/);
});

test("where the model is not sure the person chooses, and nothing is sent before", async () => {
  await ask("Something about Oslo", ["waiting"]);
  assert.equal(await status(), "Did you mean one of these?");
  const buttons = await last(".prompt button").allTextContents();
  assert.deepEqual(buttons, [
    "Weather now 31.0\u00a0%",
    "Wikipedia summary 22.0\u00a0%",
    "Sunrise and sunset 12.0\u00a0%",
    "None of these",
  ]);
  assert.deepEqual(sent, []);
  await last(".prompt button").first().click();
  await waitForState(page, ["done"]);
  assert.equal(sent.length, 1);
  await ask("Something about Oslo", ["waiting"]);
  await last(".prompt button").last().click();
  await waitForState(page, ["done"]);
  assert.deepEqual(await said(), ["Then none of the tools here does that."]);
  assert.equal(sent.length, 1);
});

test("what is hardly likely is no choice", async () => {
  await ask("Now or later in Oslo", ["waiting"]);
  const buttons = await last(".prompt button").allTextContents();
  assert.deepEqual(buttons, ["Weather now 70.0\u00a0%", "Weather forecast 20.0\u00a0%", "None of these"]);
});

test("two wishes are both answered", async () => {
  await ask("Weather in Oslo, and 5 miles");
  assert.deepEqual(await said(), ["Weather now, Oslo: Light rain, temperature 7 °C.", "5 mi = 8.0467 km."]);
  assert.equal(await last(".step").count(), 2);
  assert.equal((await readResult(page)).calls.length, 2);
});

test("no tool fits, and another language, are answers in words", async () => {
  await ask("Who wins?");
  assert.deepEqual(await said(), ["None of the tools here fits that question."]);
  assert.match(await last(".tool .said").textContent(), /No tool fits, 70.0\u00a0%/);
  await ask("Wo ist Berlin?");
  assert.match((await said())[0], /English alone/);
});

test("a call that the question doesn't lead to waits for approval in the card", async () => {
  await ask("Do it", ["waiting"]);
  assert.match(await last(".prompt").textContent(), /Carry out “Length”\? A result led to this call/);
  await last(".prompt .choice").click();
  await waitForState(page, ["error"]);
  assert.match((await said())[0], /wasn't allowed/);
});

test("greetings are answered by the page, with examples", async () => {
  await ask("hi");
  assert.match((await said())[0], /^Hello!/);
  await last(".chip").first().click();
  await page.waitForFunction(() => /8.0467/.test(document.querySelector(".turn .sentence")?.textContent));
});

test("answers stay, Back goes back to the one before, and a new conversation begins without them", async () => {
  await ask(OSLO);
  await ask(MILES);
  assert.equal(await page.locator(".turn").count(), 2);
  assert.match(page.url(), /q=Convert/);
  await page.goBack();
  assert.match(page.url(), /q=How/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), OSLO);
  assert.equal(await last(".link").getAttribute("href"), `?q=${encodeURIComponent(MILES)}`);
  await page.locator("#forget").click();
  assert.equal(await page.locator(".turn").count(), 0);
});

test("a link's question shows the call and sends nothing before a click", async () => {
  await open(`${sites.ready.url}?q=${encodeURIComponent(OSLO)}`, ["waiting"]);
  assert.match(await last(".prompt").textContent(), /came with a link\. Send this request to wttr\.in\?/);
  assert.match(await last(".call .said").textContent(), /weather_now: Oslo/);
  assert.deepEqual(sent, []);
  await last(".prompt .primary").click();
  await waitForState(page, ["done"]);
  assert.equal(sent.length, 1);
  assert.match((await said())[0], /Light rain/);
  await page.reload();
  await waitForState(page, ["waiting"]);
  assert.match(await last(".prompt").textContent(), /was loaded again\. Send this request to wttr\.in\?/);
  await open(`${sites.ready.url}?q=${encodeURIComponent(OSLO)}`, ["waiting"]);
  await last(".prompt .choice").click();
  await waitForState(page, ["ready"]);
  assert.deepEqual([await said(), sent], [["Nothing was sent."], []]);
});

test("what is asked before the model is ready is asked as soon as it is", async () => {
  await open(sites.held.url, ["loading"]);
  assert.match(await page.locator("#keys").textContent(), /as soon as the model is ready/);
  await ask(OSLO, ["loading"]);
  await ask(MILES, ["loading"]); // the last one counts
  assert.equal(await page.locator(".turn").count(), 1);
  assert.match(await last(".progress").textContent(), /as soon as the model is ready/);
  await tell(page, { ready: true });
  await waitForState(page, ["done"]);
  assert.deepEqual(await said(), ["5 mi = 8.0467 km."]);
});

test("progress counts all files with the time left; a broken connection can be tried again", async () => {
  await open(sites.held.url, ["loading"]);
  const progress = { file: "checkpoint", loaded: 30e6, total: 90e6, bytesPerSecond: 3e6, cached: false };
  await tell(page, { progress: { ...progress, file: "adapter", loaded: 5e6, total: 5e6 } });
  await tell(page, { progress: { ...progress, file: "pack", loaded: 1e6, total: 1e6 } });
  await tell(page, { progress });
  const text = page.locator("#progress-text");
  await text.getByText("36.0 of 96.0 MB · 20 s left · 3.0 MB/s").waitFor();
  await tell(page, { error: { code: "download", message: "It broke five times in a row." } });
  await waitForState(page, ["error"]);
  assert.match(
    await page.locator("#failure").textContent(),
    /The connection broke. What has come is kept.*five times/s,
  );
  await page.locator("#try-again").click();
  await page.locator("#failure").waitFor({ state: "hidden" });
  await tell(page, { ready: true });
  await waitForState(page, ["ready"]);
  await page.locator("#device").getByText("Computes on the processor, with relaxed SIMD.").waitFor();
});

test("the focus is never lost: after the button, an example, a choice", async () => {
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
  await page.locator("#question").fill(MILES);
  await page.locator("#ask").click();
  await waitForState(page, ["done"]);
  assert.match(await focused(), /^asked-1$/);
  await page.locator("#examples .chip").first().click();
  await page.locator("#answer-2").waitFor();
  assert.equal(await focused(), "asked-2");
  await ask("Something about Oslo", ["waiting"]);
  assert.equal(await focused(), "prompt");
  await last(".prompt button").first().click();
  await waitForState(page, ["done"]);
  assert.equal(await focused(), "asked-3");
});

test("on a phone what is pressed is 44 px high, and nothing reaches over the side", async () => {
  await open(sites.ready.url, ["ready"], { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  await ask("Something about Oslo", ["waiting"]);
  await ask("Split it");
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, summary")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.9)
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(small, []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test("examples that need the network rest while there is none", async () => {
  const resting = () => page.locator("#examples .chip:disabled").count();
  assert.equal(await resting(), 0);
  await context.setOffline(true);
  await page.waitForFunction(() => document.querySelectorAll("#examples .chip:disabled").length > 0);
  assert.equal(await resting(), 1); // the others have a stored reply
  await context.setOffline(false);
  await page.waitForFunction(() => document.querySelectorAll("#examples .chip:disabled").length === 0);
});

test("text has a contrast of 4.5 to 1, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await open(sites.ready.url, ["ready"], { colorScheme });
    await page.route("https://**", (route) =>
      route.fulfill({ status: 500, headers: { "access-control-allow-origin": "*" } }),
    );
    await ask(OSLO);
    await ask("Split it");
    assert.deepEqual(await page.evaluate(faint), [], colorScheme);
  }
});
