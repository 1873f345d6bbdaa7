/** The package with the real weights on WebGPU, in Chromium on SwiftShader: parity, costs, memory. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "../browser/browser.mjs";
import { MODEL, read, requireBuilt, urls } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const TOKENS = 32;
/** Thousandths between two logits that may change places where activations have eight bits, as the CPU's have. */
const TIE = 500;

const { prompts } = JSON.parse(read("tests/golden/greedy.json").toString());
let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", ...Object.values(MODEL));
  site = await startSite();
  browser = await launch({ webgpu: true });
  page = await browser.newPage();
  page.setDefaultTimeout(0); // SwiftShader is slow
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(async (files) => {
    window.load = (await import("/pkg/index.js")).load;
    window.files = files;
    window.complete = async (toolgen, prompt, maxTokens) => {
      const ids = [];
      for await (const { id } of toolgen.complete(prompt, { maxTokens })) ids.push(id);
      return ids;
    };
  }, urls(MODEL));
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test("loading keeps the weights out of the module's memory", async (t) => {
  const [memory, device] = await page.evaluate(async () => {
    window.toolgen = await load({ ...files, device: "webgpu" });
    return [await toolgen.memory(), await toolgen.device()];
  });
  t.diagnostic(`${device.description}: ${(memory.wasmBytes / 1e6).toFixed(1)} MB`);
  assert.equal(device.kind, "webgpu");
  assert.ok(memory.wasmBytes <= 64e6 + 4e6, `${memory.wasmBytes} bytes`); // the empty module has some 2 MB
});

test("greedy tokens are the CPU's, up to ties", async (t) => {
  for (const { prompt, cpu } of prompts) {
    const { ids, margins } = cpu;
    const expected = ids.slice(0, TOKENS);
    const found = await page.evaluate(({ prompt, maxTokens }) => complete(toolgen, prompt, maxTokens), {
      prompt,
      maxTokens: expected.length,
    });
    const other = expected.findIndex((id, index) => found[index] !== id);
    if (other === -1) continue;
    // After a tie all that follows differs.
    t.diagnostic(`${prompt} token ${other} is a tie: ${margins[other] / 1000} between the two best`);
    assert.ok(margins[other] < TIE, `${prompt} token ${other}: ${found[other]}, not ${expected[other]}`);
  }
});

test("a token is one submit, reads little back and makes nothing", async (t) => {
  const [, short, long] = await page.evaluate(async (prompt) => {
    const costs = [];
    for (const tokens of [4, 4, 8]) {
      // the first warms up
      const { counters: before } = await toolgen.device();
      await complete(toolgen, prompt, tokens);
      const { counters: after } = await toolgen.device();
      costs.push(Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]])));
    }
    return costs;
  }, prompts[0].prompt);
  const perToken = Object.fromEntries(Object.keys(long).map((key) => [key, (long[key] - short[key]) / 4]));
  t.diagnostic(JSON.stringify(perToken));
  assert.equal(perToken.submits, 1);
  assert.equal(long.created, 0);
  assert.ok(perToken.bytesRead <= 512 && perToken.dispatches <= 300);
});

test("a question becomes the same call as on the CPU", async () => {
  const call = await page.evaluate(() => toolgen.call("convert 5 miles to km").then(({ call }) => call));
  assert.equal(call.name, "convert_length");
});
