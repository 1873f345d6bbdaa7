/** The lesson in a browser, with a table in the model's place: by keyboard, without a network, on a phone, and its tasks. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { launch, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { read, requireBuilt } from "./files.mjs";
import { startLessonSite } from "./lesson-site.mjs";

const CHAPTERS = ["call", "prompt", "token", "memorization", "retrieval", "agent", "constrained", "judging"];
let site;
let browser;
let context;
let page;
let problems;

before(async () => {
  requireBuilt("www/dist/lesson.html");
  site = await startLessonSite();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => open());

async function open(hash = "", options = {}) {
  await context?.close();
  context = await browser.newContext(options);
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(`${site.url}lesson.html${hash}`);
  await waitForState(page, ["ready"], 20_000);
}

const ideas = () => page.locator("#ideas li").count();
const place = () => new URL(page.url()).hash;

test("the whole lesson by the space bar, without a network", async () => {
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  const seen = [];
  for (let presses = 0; presses < 100; presses++) {
    const [, chapter] = /^#(\w+)/.exec(place()) ?? [undefined, "call"];
    if (seen.at(-1) !== chapter) seen.push(chapter);
    assert.ok(await page.locator("#figure > *").first().isVisible(), chapter);
    if (await page.locator("#next").isDisabled()) break;
    await page.keyboard.press("Space");
  }
  assert.deepEqual(seen, CHAPTERS);
  assert.equal(place(), "#judging/7");
  assert.deepEqual(
    problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED/.test(problem)), // of the model that a task fetches
    [],
  );
});

test("one idea more at each step, one less on the way back; the address leads there again", async () => {
  assert.equal(await ideas(), 1);
  await page.keyboard.press("ArrowRight");
  await page.locator("#next").click();
  assert.equal(await ideas(), 3);
  assert.equal(place(), "#call/3");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await ideas(), 2);
  await open("#token/5");
  assert.equal(await ideas(), 5);
  assert.equal(await page.locator("#title").textContent(), "A tool becomes a token");
  await page.locator("#chapters a").nth(6).click();
  await page.getByRole("heading", { name: "Constrained decoding" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "title");
  await page.goBack();
  await page.getByRole("heading", { name: "A tool becomes a token" }).waitFor();
});

test("a field keeps its space and its arrows", async () => {
  await open("#memorization/2");
  const search = page.locator("#map-search");
  await search.fill("weather");
  await search.press("End");
  await search.press("Space");
  await search.press("ArrowLeft");
  assert.equal(place(), "#memorization/2");
  assert.equal(await search.inputValue(), "weather ");
});

test("a swipe goes on and back", async () => {
  await open("", { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });
  const swipe = (from, to) =>
    page.evaluate(
      ([from, to]) => {
        const at = (x) => new Touch({ identifier: 1, target: document.body, clientX: x, clientY: 300 });
        const tell = (type, touches, changedTouches) =>
          document.body.dispatchEvent(new TouchEvent(type, { touches, changedTouches, bubbles: true }));
        tell("touchstart", [at(from)], [at(from)]);
        tell("touchend", [], [at(to)]);
      },
      [from, to],
    );
  await swipe(300, 100);
  assert.equal(place(), "#call/2");
  await swipe(100, 300);
  await swipe(100, 120);
  assert.equal(place(), "#call/1");
});

test("figures answer without a model: a function, a slider, a map, a training, a mask, a mean", async () => {
  await open("#call/5");
  await page.getByLabel("Percent").fill("50");
  assert.equal(await page.locator(".stage output").textContent(), "32.25");
  await open("#prompt/3");
  await page.getByRole("button", { name: "the paper" }).click();
  assert.match(await page.locator(".prompt-figure").textContent(), /times as much as the model can read/);
  await open("#memorization/3");
  await page.locator("#map-search").fill("flip coin");
  assert.match(await page.locator(".map-says").textContent(), /flip coin\. Nearest rows: \w/);
  await page.locator(".map").focus();
  await page.keyboard.press("ArrowRight");
  assert.doesNotMatch(await page.locator(".map-says").textContent(), /^flip coin/);
  await open("#retrieval/3");
  const lossNow = async () => Number(/Loss ([\d.]+)/.exec(await page.locator(".training").textContent())[1]);
  const untrained = await lossNow();
  await page.getByRole("button", { name: "Fifty steps" }).click();
  assert.ok((await lossNow()) < untrained / 2);
  await open("#constrained/3");
  assert.ok(await page.getByRole("button", { name: "weather_wizard" }).isDisabled());
  for (const token of ["weather_now", '{"city": "', "Bergen", '"}'])
    await page.getByRole("button", { name: token, exact: true }).click();
  await page.getByText("The call is complete and valid.").waitFor();
  await page.getByRole("button", { name: "Begin again" }).click();
  await page.getByLabel("Mask on").uncheck();
  await page.getByRole("button", { name: "weather_wizard" }).click();
  await page.getByText("there is no such tool").waitFor();
  await open("#judging/3");
  for (const choice of await page.locator(".by-hand select").all()) await choice.selectOption("1");
  assert.match(await page.locator(".mean").textContent(), /100\s%/);
});

/** Fills a task's fields and gives what the model says; `null` leaves a field as it is. */
async function solve(id, ...values) {
  const steps = await page.evaluate((id) => {
    location.hash = `${id}/99`;
    return location.hash;
  }, id);
  assert.ok(steps);
  const fields = page.locator(`.task input[id^="${id}"]`);
  await fields.first().waitFor();
  for (const [i, value] of values.entries()) if (value !== null) await fields.nth(i).fill(value);
  await page.locator(".task .outcome").evaluate((outcome) => outcome.replaceChildren());
  await page.locator(".task form button").click();
  await page.locator(".task .outcome:not(:empty)").waitFor();
  return page.locator(".task .outcome").textContent();
}

test("the model checks every task: what solves it, and what doesn't yet", async () => {
  assert.match(await solve("call", ""), /Fill in every field/);
  assert.match(await solve("call", "18 percent of what?"), /Not yet.*doesn't say: value/);
  assert.match(await solve("call", "Who wins?"), /Not yet.*no tool/);
  assert.match(await solve("call", "What is 18 percent of 64.50?"), /Solved.*percentage_of \{"percent":18/);
  assert.match(await solve("prompt", null, "60"), /Not yet.*14 tokens with ten tools and 14 with all/);
  assert.match(await solve("prompt", null, "1"), /Solved/);
  assert.match(await solve("token", null, "Oslo, please"), /Not yet.*share a word: oslo/);
  assert.match(await solve("token", null, "Write 1987 in Roman numerals"), /share a word: in/);
  assert.match(await solve("token", null, "Forecast for Bergen"), /Solved.*Weather forecast/);
  assert.match(await solve("memorization"), /Solved.*14\.0.*No tool fits/s);
  const mark = page.locator(".map .mark");
  assert.equal(await mark.textContent(), "Your tool");
  const { tools } = JSON.parse(read("www/dist/map.json"));
  const { x } = tools.find(({ name }) => name === "frost_risk");
  assert.ok(Math.abs((await acrossOf(mark)) - x) < 0.01);
  assert.match(await solve("memorization", null, "Is it raining in Oslo?"), /Not yet.*Weather now came first/);
  assert.match(await solve("retrieval", "no_such_tool"), /Not yet.*no tool of that name/);
  assert.match(await solve("retrieval", "flip_coin"), /Solved.*2\.0.*22\.0/);
  assert.match(await solve("agent", "Who wins?"), /Not yet.*no tool in this page fits\. Carried out: nothing/);
  assert.match(await solve("agent", "Write 1987 in Roman numerals"), /Solved.*Roman numeral.*Timeline/s);
  assert.match(await solve("constrained"), /Solved.*there is no tool answer_today/);
  assert.match(await solve("judging", "many"), /Not yet.*from 0 to 100/);
  assert.match(await solve("judging", "95 %"), /Solved.*100\s%/);
  assert.deepEqual(problems, []);
});

test("a call token by token: the tool as a chip, forced and chosen ones, and what else could have stood there", async () => {
  await solve("constrained");
  const line = page.locator(".tokens");
  assert.deepEqual(await line.locator(".token").allTextContents(), ["sunrise_sunset", '{"city":"', "Lisbon", '"}']);
  assert.equal(await line.locator(".forced").count(), 2);
  const says = page.locator(".token-says");
  await line.locator(".free").hover();
  assert.equal(await says.textContent(), "“Lisbon”: 97.0\u00a0%, of 6 allowed tokens. Next: “today” 2.0\u00a0%.");
  await line.focus();
  await page.keyboard.press("ArrowLeft");
  assert.match(await says.textContent(), /forced/);
  await page.keyboard.press("ArrowLeft");
  assert.match(await says.textContent(), /one for the whole tool/);
  assert.match(place(), /^#constrained/);
  await page.getByRole("switch", { name: "The same tool's arguments without the mask" }).check();
  await page.getByText("It is JSON, but breaks the tool's schema: city is missing.").waitFor();
  assert.equal(await page.locator(".without-grammar pre").textContent(), 'sunrise_sunset {"town":"Lisbon"}');
});

test("a typed question has its place on the map, among the tools that it may mean", async () => {
  await open("#memorization/3");
  await page.locator("#map-question-0").fill("Is it raining in Oslo?");
  const mark = page.locator(".map .mark");
  await mark.waitFor();
  assert.equal(await mark.textContent(), "One question");
  assert.match(await page.locator(".question-points").textContent(), /Likeliest: Weather now 90\.0\s%/);
  const { tools } = JSON.parse(read("www/dist/map.json"));
  const { x } = tools.find(({ name }) => name === "weather_now");
  assert.ok(Math.abs((await acrossOf(mark)) - x) < 0.05);
  await page.locator("#map-search").fill("flip coin");
  assert.match(
    await page.locator(".question-points").textContent(),
    /Flip a coin has <\s0\.1\s% of it, and is number \d+\. Weather now is [\d,]+ times as likely\./,
  );
  await page.locator("#map-question-1").fill("Write 1987 in Roman numerals");
  await page.getByText("Another question", { exact: true }).waitFor();
  assert.equal(await mark.count(), 2);
  // The table gives a tool the less the later it comes: the one question is further from the other's tool.
  await page
    .getByText(/the choice is Weather now, then Roman numeral[^,]* from [56]\d\.\d\s% of the way on\./)
    .waitFor();
  assert.equal(await page.locator(".map .flip").count(), 1);
  assert.match(await page.locator(".map .way path").getAttribute("d"), /^M[^M]+$/);
  await page.locator("#map-question-1").fill("Who wins?");
  await page.locator("#map-question-0").fill("Who wins?");
  await page.getByText("So it lies near none of them.").nth(1).waitFor();
  assert.equal(await mark.count(), 0);
  assert.equal(await page.locator(".map .flip").count(), 0);
  await page.locator("#map-question-1").fill("");
  assert.equal(await page.locator(".between").textContent(), "");
});

/** Where a mark stands on the map, from -1 to 1. */
function acrossOf(mark) {
  return mark.evaluate(({ style }) => Number(/\(([^p]+)px/.exec(style.transform)[1]) / 500);
}

test("nothing of the model is fetched before a task is looked at", async () => {
  await open("", { serviceWorkers: "block" }); // what is saved for offline are the pages
  const asked = site.requested.length;
  await page.keyboard.press("Space");
  assert.deepEqual(
    site.requested.slice(asked).filter((path) => /model|worker/.test(path)),
    [],
  );
});

test("on a phone what is pressed is 44 px high, and nothing reaches over the side", async () => {
  await open("", { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
  for (const id of CHAPTERS) {
    await page.evaluate((id) => (location.hash = `${id}/99`), id);
    await page.locator(`.task input[id^="${id}"]`).first().waitFor();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, input:not([type=checkbox]), select, #chapters a")]
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.9)
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(small, [], id);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), id);
  }
});

test("text has a contrast of 4.5 to 1, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await open("", { colorScheme });
    for (const id of CHAPTERS) {
      await page.evaluate((id) => (location.hash = `${id}/99`), id);
      await page.locator(`.task input[id^="${id}"]`).first().waitFor();
      assert.deepEqual(await page.evaluate(faint), [], `${id}, ${colorScheme}`);
    }
  }
});

test("the teacher's sheet has both plans, every answer, and a solution of each task", async () => {
  await page.goto(`${site.url}lesson-sheet.html`);
  await page.getByRole("heading", { name: "15 minutes" }).waitFor();
  await page.getByRole("heading", { name: "45 minutes" }).waitFor();
  assert.equal(await page.locator("dt").count(), 9 + CHAPTERS.length);
  assert.doesNotMatch(await page.locator("main").textContent(), /\{\w+\}|undefined/);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("button", { name: "Print" }).isVisible(), false);
});
