/** `<toolgen-ask>` and `<toolgen-inspector>` under hasty hands, and in pages that move and mix them. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
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
beforeEach(async () => {
  page = await browser.newPage();
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${site.url}elements.html`);
  await page.waitForFunction(() => window.ready);
});
afterEach(async () => {
  await page.context().close();
  assert.deepEqual(problems, []);
});

async function ask(question) {
  await page.getByLabel("Your question").fill(question);
  await page.keyboard.press("Enter");
}
const answered = (text) => page.locator("toolgen-ask").getByText(text, { exact: true }).waitFor();
const button = (name) => page.getByRole("button", { name });
const stopped = () => page.locator("toolgen-ask").getByText("Stopped.").count();

test("a double click approves one call, not the next one that takes its place", async () => {
  await ask("two timers");
  await button("Yes, go ahead").dblclick();
  const prompt = page.getByRole("region", { name: "Set timer?" });
  await prompt.getByText("2", { exact: true }).waitFor();
  await prompt.getByRole("button", { name: "No" }).click();
  await answered("It rings in 1 minutes.");
});

test("a double click asks, and doesn't stop; a typed question takes the place of the one that goes on", async () => {
  await page.getByLabel("Your question").fill("wait");
  await button("Ask").dblclick();
  await page.getByLabel("Your question").press("Enter");
  await button("Stop").waitFor();
  assert.equal(await stopped(), 0);
  await ask("rain?");
  await answered("city: Oslo, rain: true");
  assert.equal(await stopped(), 1);
});

test("the form of an older question is gone when another is asked, so that it answers no other call", async () => {
  await ask("a timer");
  await page.getByLabel("Minutes").waitFor();
  await ask("a table");
  await page.getByLabel("Guests").waitFor();
  assert.equal(await page.getByLabel("Minutes").count(), 0);
});

test("a form doesn't answer what somebody else has asked in the same conversation", async () => {
  const said = await page.evaluate(async () => {
    const asked = (name) => ({
      type: "ask",
      call: { name, arguments: {} },
      parameters: [{ name: "city", schema: {} }],
    });
    const answers = [];
    const chat = {
      async *run(name) {
        yield (chat.asked = asked(name));
      },
      async *answer() {
        answers.push(chat.asked.call.name);
      },
    };
    const element = document.querySelector("toolgen-ask");
    element.toolgen = chat;
    await element.ask("weather");
    for await (const _ of chat.run("bomb"));
    const form = element.shadowRoot.querySelector("form[part=prompt]");
    form.querySelector("input").value = "Oslo";
    form.requestSubmit();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [answers, form.querySelector("[role=alert]").textContent];
  });
  assert.deepEqual(said, [[], "Another question has been asked since. Ask this one again."]);
});

test("one that is moved goes on; one that is taken out stops, and works where it is put back", async () => {
  await ask("20 minutes");
  await button("Yes, go ahead").waitFor();
  await page.evaluate(() => document.querySelector("main").append(document.querySelector("toolgen-ask")));
  await button("Yes, go ahead").click();
  await answered("It rings in 20 minutes.");
  await ask("20 minutes");
  await button("Yes, go ahead").waitFor();
  await page.evaluate(async () => {
    const element = document.querySelector("toolgen-ask");
    element.remove();
    await new Promise((resolve) => setTimeout(resolve, 50));
    document.querySelector("main").append(element);
  });
  await answered("Stopped.");
  assert.equal(await button("Yes, go ahead").count(), 0);
  await ask("rain?");
  await answered("city: Oslo, rain: true");
});

test("waiting for a model that never comes can be stopped; an older load hides nothing of a newer one", async () => {
  const element = page.locator("toolgen-ask");
  await element.evaluate((it) => {
    it.toolgen = new Promise((resolve) => (window.old = () => resolve({ run() {}, answer() {} })));
    it.toolgen = new Promise(() => {});
    it.progress = { loaded: 0, total: 0 };
    window.old();
  });
  await ask("anyone?");
  await page.getByText("Waiting for the model…").waitFor();
  assert.equal(await page.getByLabel("Loading the model").isVisible(), true);
  await button("Stop").click();
  await answered("Stopped.");
  await button("Ask").waitFor();
  await element.evaluate((it) => (it.toolgen = undefined));
  assert.equal(await page.getByLabel("Loading the model").isVisible(), false);
});

test("a text of megabytes is shown in part", async () => {
  await page.locator("toolgen-ask").evaluate((it) => {
    it.toolgen = {
      async *run() {
        yield { type: "answer", text: "long ".repeat(1e6), steps: [] };
      },
      answer() {},
    };
    return it.ask("word ".repeat(1e6));
  });
  const text = await page.locator("toolgen-ask [part=turn]").innerText();
  assert.ok(text.length < 10_000);
  assert.match(text, /more characters/);
});

test("the inspector keeps runs apart that go on at the same time, and stands whatever a tool gave back", async () => {
  const seen = await page.evaluate(async () => {
    const { replay } = await import("/pkg/trace.js");
    const inspector = document.createElement("toolgen-inspector");
    document.body.append(inspector);
    const end = inspector.observe(document.body);
    const circular = {};
    circular.self = circular;
    const elements = ["a", "b"].map((name) => {
      const element = document.createElement("toolgen-ask");
      document.body.append(element);
      const run = async function* () {
        for (let i = 0; i < 3; i++) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          yield { type: "observation", observation: { result: { name, circular }, body: circular } };
        }
      };
      element.toolgen = { run, answer() {} };
      return element;
    });
    await Promise.all(elements.map((element, i) => element.ask(`question ${i}`)));
    end();
    const names = [];
    for await (const { observation } of replay(inspector.trace)) names.push(observation.result.name);
    const passed = [];
    const events = elements.map((_, i) => ({ type: "observation", observation: { result: { i, circular } } }));
    for await (const event of inspector.watch(
      "q",
      (async function* () {
        yield* events;
      })(),
    ))
      passed.push(event.type);
    return { names, passed };
  });
  assert.deepEqual(seen, { names: ["b", "b", "b"], passed: ["observation", "observation"] });
});
