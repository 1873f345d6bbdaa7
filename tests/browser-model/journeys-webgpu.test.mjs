/**
 * Visits to the demo on WebGPU, in Chromium on SwiftShader, beside the same visits on the processor. The page passes
 * over such an adapter, since it is slower; here it isn't told that it is software.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { answerExternal, launch, readResult, waitForState } from "../browser/browser.mjs";
import { MODEL, read, requireBuilt } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** SwiftShader computes a token in a second or so. */
const PATIENCE_MS = 600_000;
const HIDE_SOFTWARE = "Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { value: false });\n";
const WEATHER = { current_condition: [{ weatherDesc: [{ value: "Light rain" }], temp_C: "7" }] };

let site;
const browsers = {};

before(async () => {
  requireBuilt("www/dist/index.html", "www/dist/lesson.html", "www/dist/model/manifest.json", MODEL.pack);
  site = await startSite({ files: { "/worker.js": HIDE_SOFTWARE + read("www/dist/worker.js") } });
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
  assert.equal(error, undefined);
  return { calls, missing, said: await last(page, ".sentence").allTextContents() };
}

const VISITS = {
  async visitor(t, device) {
    const page = await open(t, device);
    const computes = await page.locator("#device").textContent();
    const said = [];
    for (const question of ["What is the weather in Oslo right now?", "And in Bergen?", "Convert 5 miles to kilometres"]) {
      await ask(page, question);
      said.push(await outcome(page));
    }
    return { computes, said };
  },
};

for (const [who, visit] of Object.entries(VISITS))
  test(`a ${who} on WebGPU sees what one on the processor sees`, async (t) => {
    const start = performance.now();
    const onCpu = await visit(t, "cpu");
    t.diagnostic(JSON.stringify(onCpu) + (performance.now() - start));
    const onGpu = await visit(t, "webgpu");
    t.diagnostic(JSON.stringify(onGpu) + (performance.now() - start));
    assert.match(onGpu.computes, /WebGPU/);
    assert.deepEqual(onGpu.said, onCpu.said);
  });
