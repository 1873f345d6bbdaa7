/** The demo page under hasty hands, with texts that are too long, and with what links and files bring that lie. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { answerExternal, launch, waitForState } from "./browser.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { withServiceWorker } from "./signed.mjs";

const http = { method: "POST", url: "https://evil.example/deed" };
const parameters = { type: "object", properties: {} };
const deed = { name: "deed", description: "Does a deed.", parameters, http };
const OSLO = "How is the weather in Oslo?";
const answers = {
  [OSLO]: [{ name: "weather_now", arguments: { city: "Oslo" } }],
  "Do it": [{ name: "deed", approve: "changes" }],
  "Darker": [{ name: "make_darker", approve: "changes" }],
  "Roll": [{ name: "roll_dice", arguments: { sides: 6 }, approve: "not_asked" }],
};
let site;
let browser;

before(async () => {
  requireBuilt("www/dist/index.html");
  const tools = readLines("models/catalogue/tools.jsonl");
  site = await startSite({ files: withServiceWorker({ "/worker.js": fakeWorker({ tools, answers }) }) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A page, what left it, and what went wrong on it. */
async function open(t, address = "", states = ["ready"]) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const [sent, problems] = [[], []];
  await answerExternal(context, site.url, (url) => {
    sent.push(url.href);
    return { json: {} };
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(new URL(address, site.url).href);
  await waitForState(page, states);
  return { page, sent, problems };
}

const encoded = (value) => `#run=${Buffer.from(JSON.stringify(value)).toString("base64url")}`;
const prompt = (page) => page.locator(".turn .prompt").first();
const turns = (page) => page.locator("#turns .turn").count();

async function ask(page, question, states = ["done", "error"]) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await waitForState(page, states);
}

test("double clicks answer one prompt each, and send nothing that was not agreed to", async (t) => {
  const { page, sent, problems } = await open(t, encoded({ question: "Do it", tools: [deed] }), ["waiting"]);
  // The next prompt is there before the second click.
  for (const [name, next] of [
    ["Use them", "Carry it out"],
    ["Carry it out", "Send it"],
  ]) {
    await prompt(page).getByRole("button", { name }).click();
    await prompt(page).getByRole("button", { name: next }).hover();
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
  }
  await prompt(page).getByRole("button", { name: "Send it" }).waitFor();
  assert.deepEqual([sent, problems], [[], []]);
});

test("what a link brought asks before it is sent anything, also for the questions after", async (t) => {
  const { page, sent } = await open(t, encoded({ question: "Do it", tools: [deed] }), ["waiting"]);
  await prompt(page).getByRole("button", { name: "Use them" }).click();
  await prompt(page).getByRole("button", { name: "Carry it out" }).click();
  await prompt(page).getByRole("button", { name: "Don't send" }).click();
  await waitForState(page, ["ready"]);
  await ask(page, "Do it", ["waiting"]);
  await prompt(page).getByRole("button", { name: "Carry it out" }).click();
  await prompt(page)
    .getByText("This tool is one of yours, from “a link”. Send this request to evil.example?")
    .waitFor();
  assert.deepEqual(sent, []);
});

test("no link and no visitor puts a tool in the place of the room's", async (t) => {
  const dark = { ...deed, name: "make_darker" };
  const { page, sent } = await open(t, encoded({ question: "Darker", place: "room", tools: [dark] }), ["done"]);
  assert.match(await page.locator("#room .now").textContent(), /at 50 %/);
  assert.deepEqual(sent, []);
  const { page: other } = await open(t, "?place=room");
  await other.getByLabel("What does your tool do?").fill("Make darker");
  await other.getByRole("button", { name: "Add the tool" }).click();
  await other.locator(".outcome").getByText("There is such a tool already.").waitFor();
});

test("a second Enter and a second click are no other question", async (t) => {
  const { page, problems } = await open(t);
  await ask(page, "Roll", ["waiting"]);
  await page.locator("#question").focus();
  await page.keyboard.press("Enter");
  await ask(page, "Roll", ["waiting"]);
  await page.locator("#ask").dblclick();
  assert.equal(await turns(page), 1);
  await prompt(page).getByRole("button", { name: "Don't" }).click();
  await waitForState(page, ["error", "done"]);
  await ask(page, "Roll", ["waiting"]);
  assert.equal(await turns(page), 2);
  assert.deepEqual(problems, []);
});

test("half a character, and five million, are questions that are answered", async (t) => {
  const { page, problems } = await open(t);
  for (const text of ["half \ud83d", "word ".repeat(1e6)]) {
    await page.evaluate((text) => (document.querySelector("#question").value = text), text);
    await page.locator("#question").focus();
    await page.keyboard.press("Enter");
    await waitForState(page, ["done", "error"]);
    assert.ok((await page.locator("#turns .asked").first().textContent()).length < 600);
    assert.ok(page.url().length < 200);
    await page.locator("#forget").click();
  }
  assert.deepEqual(problems, []);
});

const traced = (...events) => events.map((event, i) => `${JSON.stringify({ atMs: 10 ** (3 * i), event })}\n`).join("");
const saved = (trace, tools = []) => {
  const run = { toolgen: "run", version: 1, question: "<b>q</b>", place: "catalogue", saved: {}, tools, trace };
  return { name: "run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(run)) };
};

test("a saved run that lies shows text, leads nowhere and ends", async (t) => {
  const { page, sent, problems } = await open(t);
  const call = { name: "deed", arguments: { "<b>": "</pre><img src=x>" } };
  const evil = [null, { ...deed, http: { ...http, documentation: "javascript:alert(1)" } }];
  const observation = { result: { picture: "https://spy.example/a.png", __proto__: null }, body: null };
  const trace = traced(
    { type: "call", call },
    { type: "request", request: { method: "GET", url: "javascript:alert(1)", headers: {} } },
    { type: "of a later version" },
    { type: "observation", observation },
  );
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.locator("#open-run input").setInputFiles(saved(trace, evil));
  const card = page.locator("#recorded .turn");
  await card.locator(".request").waitFor();
  await page.waitForFunction(() => /spy\.example/.test(document.querySelector("#recorded .outcome")?.textContent));
  assert.equal(await card.locator("b, img, a[href^=javascript]").count(), 0);
  for (const bad of [{ type: "ranking" }, { type: "observation" }, { type: "ask", call: 5 }]) {
    await page.locator("#open-run input").setInputFiles(saved(traced({ type: "prefill", done: 1, total: 1 }, bad)));
    await page.locator("#open-run .problem").getByText("This saved run is damaged").waitFor();
    assert.equal(await card.locator(".progress:visible").count(), 0);
  }
  assert.deepEqual([sent, problems], [[], []]);
});

test("a run whose person thought for a week plays to its end", async (t) => {
  const { page } = await open(t);
  await page.clock.install();
  const trace = traced(
    { type: "prefill", done: 1, total: 1 },
    { type: "prefill", done: 1, total: 1 },
    { type: "abstain" },
  );
  await page.locator("#open-run input").setInputFiles(saved(trace.replace("1000000", "600000000")));
  await page.locator("#recorded .turn").waitFor();
  for (let i = 0; i < 8; i++) await page.clock.runFor(1000);
  await page.locator("#recorded").getByText("None of the tools here fits").waitFor();
});

test("deleting what the page keeps leaves what other pages of the site keep", async (t) => {
  const { page } = await open(t);
  await page.locator("#saved button").waitFor();
  await page.evaluate(async () => {
    await (await caches.open("another app")).put("/x", new Response("x"));
    await new Promise(
      (resolve) => (indexedDB.open("another app").onsuccess = ({ target }) => resolve(target.result.close())),
    );
  });
  await page.locator("#saved button").click();
  await page.locator("#saved").getByText("Deleted").waitFor();
  const left = await page.evaluate(async () => [
    await caches.keys(),
    (await indexedDB.databases()).map(({ name }) => name),
  ]);
  assert.deepEqual(left, [["another app"], ["another app"]]);
});
