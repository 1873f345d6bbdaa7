/** The room of the demo page, with a table in the model's place. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { answerExternal, launch, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const COSY = "Make it cosy";
const answers = {
  [COSY]: [{ name: "set_mood", arguments: { mood: "cosy" } }],
  "Set a timer": [{ name: "set_timer", missing: ["minutes"] }],
  "Play some jazz and close the blinds": [
    { name: "play_music", arguments: { style: "jazz" } },
    { name: "close_blinds" },
  ],
  "Where is Lima?": [{ name: "show_on_map", arguments: { city: "Lima" } }],
  "Here, puss": [{ name: "lets_the_cat_in" }],
};

let site;
let browser;
let page;
const problems = [];

before(async () => {
  requireBuilt("www/dist/index.html");
  const tools = readLines("models/catalogue/tools.jsonl");
  site = await startSite({ files: { "/worker.js": fakeWorker({ tools, answers }) } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => open("?place=room"));

async function open(search, options = {}) {
  await page?.context().close();
  const context = await browser.newContext(options);
  await answerExternal(context, site.url);
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && problems.push(message.text()));
  await page.goto(`${site.url}${search}`);
  await waitForState(page, ["ready", "done"]);
  await page.locator("#room .progress").waitFor({ state: "hidden" });
}

async function ask(question) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  await waitForState(page, ["done", "error"]);
}

const caption = () => page.locator("#room .now").textContent();
const last = (selector) => page.locator(".turn").first().locator(selector);

test("a question moves the room at once, unasked, and Undo takes it back", async () => {
  await ask(COSY);
  assert.equal(await last(".sentence").textContent(), "The room is ready for a cosy evening.");
  assert.match(await caption(), /Floor lamp and desk lamp on at 45 %, orange · blinds closed · 22 °C/);
  assert.match(await page.locator("svg.room").getAttribute("aria-label"), /drawing of a room.*blinds closed/);
  assert.equal(await page.locator("svg.room.closed").count(), 1);
  assert.equal(await page.locator("circle.glow.on").count(), 2);
  await page.getByRole("button", { name: "Undo" }).click();
  assert.match(await caption(), /^Ceiling lamp on.*blinds open · 20 °C/);
  assert.ok(await page.getByRole("button", { name: "Undo" }).isDisabled());
  assert.match(await page.locator("#status").textContent(), /^Ceiling lamp on/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "question");
});

test("two wishes, a missing value and no tool are levels that are marked when done", async () => {
  await page.getByRole("button", { name: "Play some jazz and close the blinds" }).click();
  await page.locator(".levels .done", { hasText: "done" }).nth(1).waitFor();
  assert.match(await caption(), /blinds closed.*jazz on the radio/);
  await ask("Set a timer");
  await last(".missing input").fill("5");
  await page.keyboard.press("Enter");
  await page.locator(".timer.running").waitFor();
  assert.match(await page.locator(".timer .left").textContent(), /^[45]:\d\d$/);
  await ask("Make me a sandwich");
  const done = await page.locator(".levels h3:has(.done:not(:empty))").allTextContents();
  assert.deepEqual(
    done.map((text) => text.replace(" ✓ done", "")),
    ["Say what you mean", "Two wishes at once", "Leave something out", "Ask for too much"],
  );
});

test("a visitor adds a tool, asks for it in other words, and finds it in the room", async () => {
  await page.getByLabel("What does your tool do?").fill("Lets the cat in");
  await page.getByRole("button", { name: "Add the tool" }).click();
  await page
    .locator(".bring-tool .outcome")
    .getByText("Added as lets_the_cat_in. Now ask for it in your own words.")
    .waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "question");
  await ask("Here, puss");
  assert.equal(await page.locator(".things use[href='#room-cat']").count(), 1);
  assert.match(await page.locator(".levels").textContent(), /Bring a tool ✓ done/);
});

test("what the room can't do is asked among all tools with a click", async () => {
  await ask("Make me a sandwich");
  await last("button").getByText("Ask it under “Questions”").click();
  await page.locator("#examples").waitFor();
  assert.match(page.url(), /\?q=Make%20me%20a%20sandwich$/);
  await waitForState(page, ["done"]);
  assert.equal(await page.locator("#turns .turn").count(), 2);
  assert.equal(await last(".actions").count(), 0, "there it is no way out");
});

test("small talk offers what the room can do, and leaves orders to the model", async () => {
  await ask("hello");
  await last(".chip").first().click();
  await page.waitForFunction(() => /cosy/.test(document.querySelector(".turn .sentence")?.textContent));
  await ask("good night");
  assert.match(await last(".sentence").textContent(), /None of the tools/); // the table knows nothing of it
});

test("the pin stands where the city lies", async () => {
  await ask("Where is Lima?");
  assert.equal(await page.locator("svg .pin.placed").getAttribute("transform"), "translate(-77 12)");
});

test("the source of the tools is shown beside them", async () => {
  await page.getByText("How these tools are made").click();
  await page.locator(".sources pre").first().getByText('name: "make_darker"').waitFor();
  assert.equal(await page.locator(".sources pre").count(), 3);
});

test("the switch leads to the catalogue and back by keyboard, and the address says where", async () => {
  assert.equal(await page.locator("#tool-count").textContent(), "19");
  await page.locator("#places input:checked").focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator("#examples").waitFor();
  assert.equal(await page.locator("#room").isVisible(), false);
  assert.notEqual(await page.locator("#tool-count").textContent(), "19");
  assert.doesNotMatch(page.url(), /place/);
  await page.keyboard.press("ArrowRight");
  await page.locator("svg.room").waitFor();
  assert.match(page.url(), /\?place=room$/);
});

test("the catalogue's examples lead into the room", async () => {
  await open("");
  await page.locator(".invitation .chip").click();
  await waitForState(page, ["done"]);
  assert.match(await caption(), /orange/);
  assert.match(page.url(), /\?place=room&q=Make%20it%20cosy$/);
  await page.goBack();
  await page.locator("#examples").waitFor();
});

test("Back leads from the room to the question that was asked before it", async () => {
  await open("");
  await ask("Split it");
  await page.locator("#places input[value=room]").check();
  await page.locator("svg.room").waitFor();
  await page.goBack();
  assert.equal(await page.locator("#room").isVisible(), false);
  assert.match(page.url(), /\?q=Split%20it$/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Split it");
});

test("a link to a question of the room is asked there", async () => {
  await open(`?place=room&q=${encodeURIComponent(COSY)}`);
  await waitForState(page, ["done"]);
  assert.match(await caption(), /orange/);
  assert.equal(await last(".link").getAttribute("href"), "?place=room&q=Make%20it%20cosy");
});

test("on a phone the picture stays in sight of the answer; nothing reaches over the side; all is 44 px high", async () => {
  await open("?place=room", { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  await ask(COSY);
  const top = (selector) =>
    page.evaluate((selector) => document.querySelector(selector).getBoundingClientRect().top, selector);
  assert.ok((await top("svg.room")) > -10);
  assert.ok((await top(".turn .sentence")) < 640);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, summary, #places label")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.9)
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(small, []);
});

test("nothing moves while the room is set up", async () => {
  for (const width of [320, 1000]) {
    await open("?place=room", { viewport: { width, height: 800 } });
    const moved = await page.evaluate(
      () =>
        new Promise((resolve) => {
          let sum = 0;
          const observer = new PerformanceObserver((list) => {
            for (const { value } of list.getEntries()) sum += value;
          });
          observer.observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(sum), 300);
        }),
    );
    assert.ok(moved < 0.05, `${moved} at ${width}`);
  }
});

test("text has a contrast of 4.5 to 1, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await open("?place=room", { colorScheme });
    await ask(COSY);
    const texts = await page.evaluate(faint);
    assert.deepEqual(texts, [], colorScheme);
  }
});

test("without motion for who wants none", async () => {
  await open("?place=room", { reducedMotion: "reduce" });
  await ask(COSY);
  assert.equal(await page.locator(".blinds").evaluate((element) => getComputedStyle(element).transitionDuration), "0s");
});

test("no error and no blocked resource on the way", () => assert.deepEqual(problems, []));
