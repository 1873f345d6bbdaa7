/** After one visit the page works without its server, and without any network. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { answerExternal, launch, readResult, waitForState } from "./browser.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { readLines, requireBuilt } from "./files.mjs";
import { withServiceWorker } from "./signed.mjs";
import { startTaughtSite } from "./taught.mjs";

const ROMAN = "Write 1987 in Roman numerals";
const OSLO = "What is the weather in Oslo right now?";
const BERGEN = "How is it in Bergen?";

const roman = [{ name: "roman_numeral", arguments: { number: 1987 } }];

let browser;
before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/service-worker.js");
  browser = await launch();
});
after(() => browser?.close());

async function ask(page, question, states) {
  await page.locator("#question").fill(question);
  await page.locator("#question").press("Enter");
  await page.locator(".turn").first().getByText(question, { exact: true }).waitFor();
  return waitForState(page, states, 20_000);
}

test("the server is killed: reload, ask, bring tools; what is deleted is gone", async (t) => {
  const site = await startTaughtSite({ [ROMAN]: "roman_numeral" });
  t.after(() => site.close());
  const context = await browser.newContext();
  await answerExternal(context, site.url);
  const page = await context.newPage();
  await page.goto(site.url);
  await waitForState(page, ["ready"], 20_000);
  const saved = page.locator("#saved");
  await saved.getByText(/^Saved for offline, \d+ MB: this page works without a network/).waitFor();
  await site.close();

  await page.reload();
  await waitForState(page, ["ready"], 20_000);
  // Random weights, though taught, are seldom sure: then the page asks which tool is meant.
  let state = await ask(page, ROMAN, ["waiting", "done", "error"]);
  for (let first = true; state === "waiting"; first = false) {
    const buttons = page.locator(".turn .prompt button");
    await (first ? page.locator('.turn .prompt button[value="roman_numeral"]') : buttons.last()).click();
    state = await waitForState(page, ["waiting", "done", "error"]);
  }
  assert.match((await readResult(page)).said[0], /MCMLXXXVII/);
  await page.locator("#own > summary").click();
  await page.getByRole("button", { name: "A small shop" }).click();
  await page.getByText("7 tools of “A small shop” can be asked for.").waitFor();

  await saved.getByText("Delete it").click();
  await saved.getByText(/^Deleted from this device/).waitFor();
  assert.deepEqual(await page.evaluate(() => caches.keys()), []);
  await assert.rejects(page.reload(), /ERR_CONNECTION_REFUSED/);
  await context.close();
});

test("without a network an example has a stored reply, marked as such; another question says what is wrong", async (t) => {
  const tools = readLines("models/catalogue/tools.jsonl");
  const weather = (city) => [{ name: "weather_now", arguments: { city } }];
  const answers = { [OSLO]: weather("Oslo"), [BERGEN]: weather("Bergen") };
  const site = await startSite({ files: { "/worker.js": fakeWorker({ tools, answers }) } });
  t.after(() => site.close());
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  await page.goto(site.url);
  await waitForState(page, ["ready"], 20_000);
  // What carries calls out over HTTP comes with the first such call: it was saved by the first visit, or is fetched here.
  await page.route("https://**", (route) => route.abort());
  await ask(page, BERGEN, ["done", "error"]);
  await context.setOffline(true);
  await page
    .locator(".legend")
    .getByText(/no network: answered by a stored example/)
    .waitFor();
  await page.locator("#examples .chip", { hasText: OSLO }).click();
  await waitForState(page, ["done"]);
  const [reply] = (await readResult(page)).said;
  assert.match(
    reply,
    /^Weather now, Oslo: Light rain, temperature 7 °C.*The service can't be reached: this is an example reply/,
  );
  assert.match(await page.locator(".turn .request .said").first().textContent(), /not reached/);
  await ask(page, BERGEN, ["error"]);
  assert.match(await page.locator(".turn .failure").first().textContent(), /There is no network at the moment/);
  await context.close();
});

test("any static host serves the page, under a path of its own and without special headers", async (t) => {
  const tools = readLines("models/catalogue/tools.jsonl");
  const worker = fakeWorker({ tools, answers: { [ROMAN]: roman } });
  const files = withServiceWorker({ "/a/path/worker.js": worker }, "/a/path/");
  const site = await startSite({ folders: { "/": "docs", "/a/path/": "www/dist" }, files });
  t.after(() => site.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const failed = [];
  page.on("response", (response) => response.status() >= 400 && failed.push(response.url()));
  await page.goto(`${site.url}a/path/`);
  await waitForState(page, ["ready"], 20_000);
  await ask(page, ROMAN, ["done"]);
  await page
    .locator("#saved")
    .getByText(/saved for offline/i)
    .waitFor();
  await site.close();
  await page.goto(`${site.url}a/path/?q=${encodeURIComponent(ROMAN)}`);
  await waitForState(page, ["done"], 20_000);
  assert.deepEqual(failed, []);
  await context.close();
});

test("a browser finds nothing that keeps it from installing the page", async (t) => {
  const tools = readLines("models/catalogue/tools.jsonl");
  const site = await startSite({ files: withServiceWorker({ "/worker.js": fakeWorker({ tools, answers: {} }) }) });
  t.after(() => site.close());
  const page = await browser.newPage();
  await page.goto(site.url);
  await page
    .locator("#saved")
    .getByText(/saved for offline/i)
    .waitFor();
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  for (const { src } of JSON.parse(data).icons) assert.ok(site.requested.includes(`/${src}`), src);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A test's pages are private ones.
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"),
    [],
  );
  // Nor is there an offer to a private page: one is made up.
  const install = page.locator("#install");
  assert.equal(await install.isVisible(), false);
  const offer = (outcome) =>
    page.evaluate((outcome) => {
      const event = new Event("beforeinstallprompt", { cancelable: true });
      dispatchEvent(Object.assign(event, { prompt: async () => {}, userChoice: Promise.resolve({ outcome }) }));
      if (!event.defaultPrevented) throw new Error("The browser would lay its own bar over the page.");
    }, outcome);
  await offer("dismissed");
  await install.getByRole("button").click();
  await install.getByText(/Not installed/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "install");
  await offer("accepted");
  await install.getByRole("button").click();
  await page.evaluate(() => dispatchEvent(new Event("appinstalled")));
  await install.getByText(/^Installed/).waitFor();
  await page.context().close();
});
