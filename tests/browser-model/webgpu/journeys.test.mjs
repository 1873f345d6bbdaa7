/**
 * Visits to the demo on WebGPU, in Chromium on SwiftShader, beside the same visits on the processor. The page passes
 * over such an adapter, since it is slower; here it isn't told that it is software. They take a quarter of an hour, so they
 * run by themselves: `npm run test:journeys-webgpu`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { answerExternal, launch, readResult, waitForState } from "../../browser/browser.mjs";
import { MODEL, read, requireBuilt } from "../../browser/files.mjs";
import { root, startSite } from "../../../xtask/serve.mjs";

/** SwiftShader computes a token in a second or so. */
const PATIENCE_MS = 600_000;
/** In the worker: what the adapter is stays hidden, and what its device is asked for is counted. */
const IN_WORKER = `
  globalThis.submits = 0;
  if (globalThis.GPUQueue) {
    Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false });
    const { submit } = GPUQueue.prototype;
    GPUQueue.prototype.submit = function (...commands) {
      globalThis.submits++;
      return submit.apply(this, commands);
    };
  }
`;
/** A wish, what follows it, and one that lacks a value. */
const QUESTIONS = ["Convert 5 miles to kilometres", "And 10 miles?", "Split the bill"];
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };

let site;
const browsers = {};

before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/lesson.html", "www/dist/model/manifest.json", MODEL.pack);
  site = await startSite({ files: { "/worker.js": IN_WORKER + read("www/dist/worker.js") } });
  browsers.cpu = await launch();
  browsers.webgpu = await launch({ webgpu: true });
});
after(async () => {
  await Promise.all(Object.values(browsers).map((browser) => browser.close()));
  await site?.close();
});

/** A page of the site, once its model is ready. */
async function open(t, device, path = "") {
  const context = await browsers[device].newContext({ serviceWorkers: "block" });
  t.after(() => context.close());
  await answerExternal(context, site.url, () => ({ json: WEATHER }));
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${site.url}${path}`);
  assert.equal(await waitForState(page, ["ready", "error"], PATIENCE_MS), "ready");
  return page;
}

const last = (page, selector) => page.locator(".turn").first().locator(selector);

async function ask(page, question) {
  await page.locator("#question").fill(question);
  await page.keyboard.press("Enter");
  await last(page, ".asked").getByText(question, { exact: true }).waitFor();
  await waitForState(page, ["done", "waiting", "error"], PATIENCE_MS);
}

/** What was said, and the calls that led to it. */
async function outcome(page) {
  const { calls, missing, error } = await readResult(page);
  return { calls, missing, error, said: await last(page, ".sentence").allTextContents() };
}

const VISITS = {
  async visitor(t, device) {
    const page = await open(t, device);
    const said = [];
    for (const question of QUESTIONS) {
      await ask(page, question);
      said.push(await outcome(page));
    }
    return { page, said };
  },
  async developer(t, device) {
    const page = await open(t, device);
    await page.locator("#own > summary").click();
    await page.getByText("Paste a document or a list").click();
    await page.locator("#own-file").setInputFiles(join(root, "tests/fixtures/openapi/library-3.0.json"));
    await page.getByRole("button", { name: "Read it" }).click();
    await page
      .locator(".own-end")
      .getByText(/tools of “Town Library API” can be asked for/)
      .waitFor();
    await page.getByText("Choose among my tools alone").click();
    await ask(page, "Which books do you have?");
    // The request goes to another server, so the page asks first.
    await last(page, ".prompt .primary").click();
    await waitForState(page, ["done"], PATIENCE_MS);
    return { page, said: await last(page, ".call").allTextContents() };
  },
  async teacher(t, device) {
    const page = await open(t, device, "lesson.html");
    await page.evaluate(() => (location.hash = "call/99"));
    await page.locator(".task form button").click();
    const outcome = page.locator(".task .outcome:not(:empty)");
    await outcome.waitFor();
    return { page, said: [await outcome.textContent()] };
  },
};

for (const [who, visit] of Object.entries(VISITS))
  test(`a ${who} on WebGPU sees what one on the processor sees`, async (t) => {
    const submits = ({ page }) => page.workers()[0].evaluate(() => globalThis.submits);
    const onCpu = await visit(t, "cpu");
    assert.equal(await submits(onCpu), 0);
    const start = performance.now();
    const onGpu = await visit(t, "webgpu");
    const asked = await submits(onGpu);
    t.diagnostic(`${Math.round((performance.now() - start) / 1000)} s, ${asked} submits`);
    assert.ok(asked > 20, `${asked} submits`);
    assert.deepEqual(onGpu.said, onCpu.said);
  });
