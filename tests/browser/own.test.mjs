/** Tools that a visitor brings: with a table in the model's place, and with the tiny model, which reads documents. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { answerExternal, launch, waitForState } from "./browser.mjs";
import { faint } from "./contrast.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { startMcpServer } from "./mcp-server.mjs";
import { startTaughtSite } from "./taught.mjs";

const CANCEL = "Cancel the dentist";
const PING = "Ping it";
const GREET = "Greet Mia";
const WATER = "Water the roses";
const answers = {
  [CANCEL]: [{ name: "cancel_event", arguments: { title: "dentist" }, approve: "changes" }],
  [PING]: [{ name: "ping", arguments: {} }],
  [WATER]: [{ name: "water_bed", arguments: { bed: "roses" }, approve: "changes" }],
  [GREET]: [{ name: "greet", arguments: { person: "Mia" }, approve: "changes" }],
};
const list = [
  {
    name: "greet",
    description: "Says hello.",
    parameters: { type: "object", properties: { person: { type: "string" } } },
  },
  {
    name: "ping",
    description: "Asks whether the service is there.",
    http: { method: "GET", url: "https://own.example/ping", result: { state: "/state" } },
    annotations: { readOnlyHint: true },
  },
  { name: "no words" },
];

let count;
let sites;
let browser;
let page;
let sent;

before(async () => {
  requireBuilt("www/dist/index.html", "pkg/wasm/toolgen_bg.wasm");
  const tools = readLines("models/catalogue/tools.jsonl");
  count = tools.length;
  sites = {
    table: await startSite({ files: { "/worker.js": fakeWorker({ tools, answers }) } }),
    tiny: await startTaughtSite({}),
  };
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const site of Object.values(sites ?? {})) await site.close();
});

async function open({ url }, options = {}) {
  await page?.context().close();
  const context = await browser.newContext({ serviceWorkers: "block", ...options });
  sent = [];
  await answerExternal(context, url, ({ href }) => {
    sent.push(href);
    return { json: { state: "up" } };
  });
  page = await context.newPage();
  await page.goto(url);
  await waitForState(page, ["ready"], 20_000);
  await page.locator("#own > summary").click();
  await page.locator(".own-examples").waitFor();
}

async function paste(text) {
  await page.getByText("Paste a document or a list").click();
  await page.locator("#own-document").fill(text);
  await page.getByRole("button", { name: "Read it" }).click();
}

async function ask(question, states = ["done", "error"]) {
  await page.locator("#question").fill(question);
  await page.locator("#question").press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  await waitForState(page, states, 20_000);
}

const last = (selector) => page.locator(".turn").first().locator(selector);
const ended = (text) => page.locator(".own-end").getByText(text).waitFor();

test("an example's tools are used at once: a call is approved, and its reply says that it is an example", async () => {
  await open(sites.table);
  await page.getByRole("button", { name: "A calendar" }).click();
  await ended("6 tools of “A calendar” can be asked for.");
  assert.equal(await page.locator("#tools > summary").textContent(), `All ${count + 6} tools`);
  await page.locator(".own-source .chip").last().click();
  await waitForState(page, ["waiting"]);
  assert.match(await last(".prompt").textContent(), /Carry out “Cancel event”/);
  await last(".prompt .primary").click();
  await waitForState(page, ["done"]);
  assert.match(await last(".outcome").textContent(), /the event was cancelled.*An example reply that is stored/);
  assert.deepEqual(sent, []);
  await page.getByRole("button", { name: "Remove A calendar" }).click();
  await ended("“A calendar” is removed.");
  assert.equal(await page.evaluate(() => document.activeElement.className), "own-end");
  assert.equal(await page.locator("#tools > summary").textContent(), `All ${count} tools`);
});

test("of a pasted list the sound ones are used; the other is named by its place, with the reason", async () => {
  await open(sites.table);
  await paste(JSON.stringify(list));
  await ended("2 tools of “Your functions” can be asked for. 1 left out: see below why.");
  await page.locator(".own-source summary").last().click();
  assert.match(await page.locator(".own-source").textContent(), /\/2.*\/2\/name must be 1 to 128 ASCII letters/);
});

test("nothing is sent to a server of the visitor's before a yes, which holds for the visit", async () => {
  await open(sites.table);
  await paste(JSON.stringify(list));
  await ended("2 tools");
  await ask(PING, ["waiting"]);
  assert.match(
    await last(".prompt").textContent(),
    /one of yours, from “Your functions”\. Send this request to own\.example/,
  );
  assert.deepEqual(sent, []);
  await last(".prompt .choice").last().click();
  await waitForState(page, ["ready"]);
  assert.deepEqual(sent, []);
  await ask(PING, ["waiting"]);
  await last(".prompt .primary").click();
  await waitForState(page, ["done"]);
  assert.deepEqual(sent, ["https://own.example/ping"]);
  await ask(PING);
  assert.equal(sent.length, 2);
});

test("a tool without a function shows its call, and asks nobody", async () => {
  await open(sites.table);
  await paste(JSON.stringify(list));
  await ended("2 tools");
  await ask(GREET);
  assert.match(await last(".outcome").textContent(), /person Mia.*no function for it/);
});

test("tools that may be confused are named, and a button begins to teach one of them", async () => {
  await open(sites.table);
  await paste(JSON.stringify([list[0], { ...list[0], name: "welcome" }]));
  await page.getByText("“Greet” and “Welcome”, 95 % alike").waitFor();
  await page.getByRole("button", { name: "Teach “Welcome”" }).click();
  assert.equal(await page.locator("#own-tool").inputValue(), "welcome");
  assert.equal(await page.evaluate(() => document.activeElement.id), "own-sentence");
  await page.getByRole("button", { name: "Remove Your functions" }).click();
  await page.getByText("May be confused").waitFor({ state: "detached" });
});

test("an MCP server's tools are used, and it is called after a yes, whatever it says of itself", async () => {
  const garden = await startMcpServer();
  await open(sites.table);
  await page.unrouteAll();
  await page.context().unrouteAll();
  await page.getByText("Connect to an MCP server").click();
  await page.locator("#own-server").fill(garden.url);
  await page.getByRole("button", { name: "Connect" }).click();
  await ended("One tool of “garden” can be asked for.");
  await ask(WATER, ["waiting"]);
  assert.deepEqual(garden.called, []);
  await last(".prompt .primary").click();
  await waitForState(page, ["done"]);
  assert.deepEqual(garden.called, [{ name: "water_bed", arguments: { bed: "roses" } }]);
  assert.match(await last(".outcome").textContent(), /The roses were watered/);
  await garden.close();
  await page.locator("#own-server").fill(`${garden.url}/gone`);
  await page.getByRole("button", { name: "Connect" }).click();
  await page
    .locator(".own-end .failure")
    .getByText(/can't be reached from this page.*CORS/)
    .waitFor();
});

test("a document that can't be read says where, and what to do", async () => {
  await open(sites.table);
  await paste('[\n  { "name": "a" "b" }\n]');
  await page
    .locator(".own-end .failure")
    .getByText(/Line 2, column \d+: .*Mend it there/)
    .waitFor();
});

test("an OpenAPI document is read, taught and exported, by the module itself", async () => {
  await open(sites.tiny, { acceptDownloads: true });
  await page.getByRole("button", { name: "A small shop" }).click();
  await ended("7 tools of “A small shop” can be asked for.");
  await page.locator("#own-sentence").fill("two mugs please");
  await page.locator("#own-tool").selectOption("add_to_basket");
  await page.getByRole("button", { name: "Teach it" }).click();
  await page.getByText(/^Learned\. “Add to the basket” for “two mugs please”: .* before, .* now/).waitFor();
  assert.match(await page.locator(".own pre").textContent(), /pack: "\/my-tools\.safetensors"/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save the pack" }).click(),
  ]);
  const bytes = await readFile(await download.path());
  const loaded = await page.evaluate(
    async ([base64]) => {
      const { load } = await import("/pkg/index.js");
      const pack = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const toolgen = await load({ checkpoint: "model/manifest.json", pack, device: "cpu" });
      return toolgen.tools.map(({ name }) => name);
    },
    [bytes.toString("base64")],
  );
  assert.deepEqual(loaded.sort(), [
    "add_to_basket",
    "apply_voucher",
    "opening_hours",
    "return_order",
    "search_products",
    "show_basket",
    "track_order",
  ]);
});

test("an OpenAPI document that is none says what is missing", async () => {
  await open(sites.tiny);
  await paste('{ "openapi": "3.0.0", "info": {} }');
  await page
    .locator(".own-end")
    .getByText(/OpenAPI document can't be read|None of its tools/)
    .waitFor();
});

test("the section is readable in light and dark, and fits a phone", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await open(sites.table, { colorScheme, viewport: { width: 320, height: 700 }, hasTouch: true, isMobile: true });
    await page.getByRole("button", { name: "A calendar" }).click();
    await ended("6 tools");
    await page.evaluate(() => {
      for (const part of document.querySelectorAll("#own details")) part.open = true;
    });
    assert.deepEqual(await page.evaluate(faint), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("#own :is(button, input:not([type=checkbox]), select, textarea, summary)")]
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.9)
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(small, []);
  }
});
