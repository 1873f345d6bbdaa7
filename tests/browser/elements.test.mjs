/** `<toolgen-ask>` and `<toolgen-inspector>` in Chromium, under a strict policy, with a table in the model's place. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { PAGE, SCRIPT, STYLES } from "./elements-app.mjs";
import { requireBuilt } from "./files.mjs";

let site;
let browser;
let page;
let problems;

before(async () => {
  requireBuilt("pkg/dist/elements/ask.js");
  const html = (response) => response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  const css = (response) => response.writeHead(200, { "content-type": "text/css" }).end(STYLES);
  site = await startSite({ files: { "/elements.html": html, "/elements.css": css, "/elements.js": SCRIPT } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => open());
afterEach(async () => {
  await page.context().close();
  assert.deepEqual(problems, []);
});

async function open(options = {}) {
  await page?.context().close();
  page = await browser.newPage(options);
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(`${site.url}elements.html`);
  await page.waitForFunction(() => window.ready);
}

async function ask(question) {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
}
const answered = (text) => page.locator("toolgen-ask").getByText(text, { exact: true }).waitFor({ timeout: 10_000 });
const button = (name) => page.getByRole("button", { name });

test("a question is answered, and how it came about is folded beneath", async () => {
  await ask("rain?");
  await answered("city: Oslo, rain: true");
  await page.getByText("How it came about").click();
  assert.match(await page.locator("toolgen-ask dl").innerText(), /^Tools\s+Weather 99.%\s+Call\s+Weather, City: Oslo$/);
  assert.equal(await page.getByLabel("Your question").inputValue(), "");
  await ask("hello");
  await answered("None of the tools here does that. Try other words.");
  await ask("fail");
  await answered("There is no such place.");
});

test("what changes something is approved by a button, and not by Enter", async () => {
  await ask("20 minutes");
  const prompt = page.getByRole("region", { name: "Set timer?" });
  await prompt.waitFor();
  assert.match(await prompt.innerText(), /Starts a timer\.\s+Minutes\s+20/);
  assert.equal(await prompt.evaluate((it) => it.getRootNode().activeElement === it), true);
  await page.keyboard.press("Enter");
  await prompt.getByRole("button", { name: "No" }).click();
  await answered("It was not carried out.");
  await ask("20 minutes");
  await page.keyboard.press("Tab");
  await button("Yes, go ahead").waitFor();
  await button("Yes, go ahead").press("Enter");
  await answered("It rings in 20 minutes.");
  assert.equal(await prompt.count(), 0);
});

test("what is missing is asked for in a form", async () => {
  await ask("a timer");
  const minutes = page.getByLabel("Minutes");
  await minutes.waitFor();
  assert.deepEqual(await minutes.evaluate((it) => [it.type, it.min, it.step, it.getRootNode().activeElement === it]), [
    "number",
    "1",
    "1",
    true,
  ]);
  await minutes.fill("5");
  await page.keyboard.press("Enter");
  await button("Yes, go ahead").click();
  await answered("It rings in 5 minutes.");
  assert.equal(await minutes.count(), 0);
});

test("each kind of value has its control, and values that don't fit can be mended", async () => {
  await ask("a table");
  await page.getByLabel("City").fill("Oslo");
  await page.getByLabel("Smoking").selectOption("No");
  await page.getByLabel("Meal").selectOption("Late dinner");
  await page.getByLabel("Day").fill("2026-05-14");
  await page.getByLabel("Guests").fill("Anna, Bob");
  await button("Answer").click();
  await page.getByRole("region", { name: "Book a table?" }).waitFor();
  await button("Yes, go ahead").click();
  const value = {
    where: { city: "Oslo" },
    smoking: false,
    meal: "late_dinner",
    day: "2026-05-14",
    guests: ["Anna", "Bob"],
  };
  await answered(JSON.stringify(value));
  await ask("a timer");
  await page.getByLabel("Minutes").evaluate((it) => it.removeAttribute("min"));
  await page.getByLabel("Minutes").fill("0");
  await button("Answer").click();
  await page.getByRole("alert").filter({ hasText: "at least 1" }).waitFor();
});

test("where the model is not sure, the person chooses, or none", async () => {
  await ask("unclear");
  await page.getByRole("region", { name: "Which do you mean?" }).waitFor();
  await button(/^Weather 50/).click();
  await answered("city: Oslo, rain: true");
  await ask("unclear");
  await button("None of these").click();
  await answered("Nothing was carried out. Try other words.");
});

test("Escape, the button and a new question end what goes on", async () => {
  for (const stop of [() => page.keyboard.press("Escape"), () => button("Stop").click()]) {
    await ask("wait");
    await button("Stop").waitFor();
    await stop();
    await button("Ask").waitFor();
  }
  assert.equal(await page.locator("toolgen-ask").getByText("Stopped.").count(), 2);
  await ask("20 minutes");
  await button("Yes, go ahead").waitFor();
  await page.locator("toolgen-ask").evaluate((it) => it.ask("rain?"));
  await answered("city: Oslo, rain: true");
  assert.equal(await button("Yes, go ahead").count(), 0);
});

test("questions wait for the model; one that doesn't come says why", async () => {
  const loading = page.getByLabel("Loading the model");
  await page.locator("toolgen-ask").evaluate((it) => {
    it.toolgen = new Promise(
      (resolve) =>
        (window.come = () =>
          resolve({
            run: async function* () {
              yield { type: "answer", text: "There.", steps: [] };
            },
            answer() {},
          })),
    );
    it.progress = { loaded: 1, total: 4 };
  });
  assert.equal(await loading.getAttribute("value"), "0.25");
  await ask("anyone?");
  await page.getByText("Waiting for the model…").waitFor();
  await page.evaluate(() => window.come());
  await answered("There.");
  assert.equal(await loading.isVisible(), false);
  await page.locator("toolgen-ask").evaluate((it) => void (it.toolgen = Promise.reject(new Error("No network."))));
  await ask("anyone?");
  await answered("No network.");
});

test("the inspector shows a run event by event, with what each token was chosen from", async () => {
  await ask("rain?");
  await answered("city: Oslo, rain: true");
  const inspector = page.locator("toolgen-inspector");
  const titles = await inspector.locator("[part=timeline] > li > strong").allInnerTexts();
  assert.deepEqual(titles, ["Ranking", "Look", "Ranking", "Tool", "Arguments", "Call", "Observation", "Answer", "End"]);
  assert.match(await inspector.locator(".time").last().innerText(), /^\d+ ms$/);
  assert.match(await inspector.locator("[part=timeline]").innerText(), /weather fits with 93.%/);
  const tokens = inspector.locator(".token");
  assert.deepEqual(await tokens.allInnerTexts(), ['"Oslo"']);
  await tokens.first().click();
  assert.match(
    await inspector.getByRole("status").last().innerText(),
    /2 tokens fit the schema here[\s\S]*"Oslo"\s+written[\s\S]*100.%/,
  );
  await tokens.first().click();
  assert.equal(await inspector.locator("[part=alternatives]").innerText(), "");
  await inspector.getByText(/Computes on one thread/).waitFor();
});

test("a run is copied as a trace, also where nothing may be copied, and earlier runs are kept", async () => {
  await ask("rain?");
  await answered("city: Oslo, rain: true");
  await ask("hello");
  await answered("None of the tools here does that. Try other words.");
  const inspector = page.locator("toolgen-inspector");
  assert.deepEqual(await inspector.getByLabel("Question").locator("option").allInnerTexts(), ["hello", "rain?"]);
  await inspector.getByLabel("Question").selectOption("rain?");
  await inspector.evaluate(() => (navigator.clipboard.writeText = () => Promise.reject(new Error("no"))));
  await button("Copy as trace").click();
  const trace = await inspector.getByLabel("Trace").inputValue();
  const seen = await page.evaluate(async (text) => {
    const { replay } = await import("/pkg/trace.js");
    const types = [];
    for await (const { type, tokens = [] } of replay(text)) types.push(type, ...tokens.map(() => "token"));
    return types;
  }, trace);
  assert.deepEqual([seen[0], seen.at(-1), seen.filter((type) => type === "token").length], ["ranking", "finish", 4]);
});

for (const colorScheme of ["light", "dark"])
  for (const width of [320, 900])
    test(`${colorScheme}, ${width} px wide: all can be read and hit, and nothing is cut off`, async () => {
      await open({ colorScheme, viewport: { width, height: 900 } });
      await ask("rain?");
      await answered("city: Oslo, rain: true");
      await page.getByText("How it came about").click();
      await page.locator("toolgen-inspector .token").first().click();
      await ask("20 minutes");
      await button("Yes, go ahead").waitFor();
      assert.deepEqual(await page.evaluate(faint), []);
      const seen = await page.evaluate(() => {
        const all = ["toolgen-ask", "toolgen-inspector"].flatMap((name) => [
          ...document.querySelector(name).shadowRoot.querySelectorAll("button, input, select, summary"),
        ]);
        const small = all
          .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 44)
          .map((it) => it.outerHTML);
        return { small, wide: document.documentElement.scrollWidth - innerWidth };
      });
      assert.deepEqual([seen.small, seen.wide <= 0], [[], true]);
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/elements-${colorScheme}-${width}.png`, fullPage: true });
    });
