/** The package with the real weights on WebGPU, in Chromium on SwiftShader: parity, costs, memory, lost devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { CHECKPOINT, PACK, read, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

const TOKENS = 32;
/** Thousandths between two logits that rounding may swap. */
const TIE = 20;
const WORKER = "pkg/dist/worker.js";
/**
 * Runs in the worker before the package: counts adapters asked for, and destroys the device when told to. The
 * clock runs slower: SwiftShader takes minutes for what a GPU does in seconds, and a minute's rule is tested.
 */
const WATCH = `{
  const { now } = performance;
  performance.now = () => now.call(performance) / 100;
  const channel = new BroadcastChannel("gpu");
  let adapters = 0;
  let device;
  const { requestAdapter } = GPU.prototype;
  GPU.prototype.requestAdapter = function (...args) {
    adapters += 1;
    return requestAdapter.apply(this, args);
  };
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    return (device = await requestDevice.apply(this, args));
  };
  channel.onmessage = ({ data }) => {
    if (data === "destroy") device?.destroy();
    if (data === "count") channel.postMessage({ adapters });
  };
}
`;

const { prompts } = JSON.parse(read("tests/golden/greedy.json").toString());
let site;
let browser;
let page;

before(async () => {
  requireBuilt(WORKER, "pkg/dist/toolgen_bg.wasm", CHECKPOINT, PACK);
  site = await startSite({ files: { "/pkg/worker.js": WATCH + read(WORKER) } });
  browser = await launch({ webgpu: true });
  page = await browser.newPage();
  page.setDefaultTimeout(0); // SwiftShader is slow
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(
    async (files) => {
      const { load } = await import("/pkg/index.js");
      window.load = (device) => load({ ...files, device });
      window.channel = new BroadcastChannel("gpu");
      window.complete = async (toolgen, prompt, maxTokens, each = () => {}) => {
        const ids = [];
        for await (const { id } of toolgen.complete(prompt, { maxTokens })) {
          ids.push(id);
          await each(ids.length);
        }
        return ids;
      };
      window.adapters = () =>
        new Promise((resolve) => {
          channel.onmessage = ({ data }) => resolve(data.adapters);
          channel.postMessage("count");
        });
    },
    { checkpoint: `/${CHECKPOINT}`, pack: `/${PACK}` },
  );
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test("with cpu no adapter is asked for; auto passes a software adapter over and says so", async () => {
  const [adapters, cpu, auto] = await page.evaluate(async () => {
    const first = await load("cpu");
    const asked = await adapters();
    const cpu = await first.device();
    first.dispose();
    const second = await load("auto");
    const auto = await second.device();
    second.dispose();
    return [asked, cpu, auto];
  });
  assert.equal(adapters, 0);
  assert.deepEqual([cpu.kind, cpu.reason, auto.kind], ["cpu", undefined, "cpu"]);
  assert.match(auto.reason, /software/);
});

test("loading keeps the weights out of the module's memory", async (t) => {
  const [memory, device] = await page.evaluate(async () => {
    window.toolgen = await load("webgpu");
    return [await toolgen.memory(), await toolgen.device()];
  });
  t.diagnostic(`${device.description}: ${(memory.wasmBytes / 1e6).toFixed(1)} MB`);
  assert.equal(device.kind, "webgpu");
  assert.ok(memory.wasmBytes <= 64e6 + 4e6, `${memory.wasmBytes} bytes`); // the empty module has some 2 MB
});

test("greedy tokens equal the CPU's, up to ties", async (t) => {
  for (const { prompt, ids, margins } of prompts) {
    const expected = ids.slice(0, TOKENS);
    const found = await page.evaluate(({ prompt, maxTokens }) => complete(toolgen, prompt, maxTokens), {
      prompt,
      maxTokens: expected.length,
    });
    const other = expected.findIndex((id, index) => found[index] !== id);
    if (other === -1) continue;
    // Where the CPU's two best logits are this near to each other, rounding decides, and all that follows differs.
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
  assert.ok(perToken.bytesRead <= 512 && perToken.dispatches <= 250);
});

test("a question becomes the same call as on the CPU", async () => {
  const call = await page.evaluate(() => toolgen.call("convert 5 miles to km"));
  assert.equal(call.name, "convert_length");
});

test("a lost device is opened again, a second loss moves to the CPU, and the tokens stay the same", async () => {
  const [lost, kinds] = await page.evaluate(async (prompt) => {
    const destroyAt = (place) => (count) => void (count === place && channel.postMessage("destroy"));
    const kinds = [];
    const lost = [];
    for (const place of [2, 3]) {
      lost.push(await complete(toolgen, prompt, 8, destroyAt(place)));
      kinds.push((await toolgen.device()).kind);
    }
    return [lost, kinds];
  }, prompts[1].prompt);
  const expected = prompts[1].ids.slice(0, 8);
  assert.deepEqual(lost, [expected, expected]);
  assert.deepEqual(kinds, ["webgpu", "cpu"]);
});
