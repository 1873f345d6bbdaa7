/** The package on WebGPU, in Chromium on SwiftShader, on the tiny checkpoint: parity, costs, lost devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { read, readTranscripts, requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** The most runs of kernels for a token: eight for each of two layers, and a few more. */
const DISPATCHES = 21;
const WORKER = "pkg/dist/worker.js";
/** Runs in the worker before the package: counts adapters asked for, and destroys the device when told to. */
const WATCH = `{
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

/** A driver that hangs. */
const HANG = "GPU.prototype.requestAdapter = () => new Promise(() => {});\n";

/** What the CPU says. */
const transcript = (type) => readTranscripts().find(({ asked }) => asked.type === type);
const { prompt } = transcript("complete").asked;
const ids = transcript("complete").steps.flatMap(({ event }) => event.id ?? []);
let site;
let browser;
let page;

before(async () => {
  requireBuilt(WORKER, "pkg/dist/toolgen_bg.wasm");
  site = await startSite({ files: { "/pkg/worker.js": WATCH + read(WORKER), "/pkg/hung.js": HANG + read(WORKER) } });
  browser = await launch({ webgpu: true });
  page = await browser.newPage();
  page.setDefaultTimeout(0); // SwiftShader is slow
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(
    async (files) => {
      const { load } = await import("/pkg/index.js");
      window.load = (device, change = {}) => load({ ...files, device, ...change });
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
    { checkpoint: `/${TINY_CHECKPOINT}`, pack: `/${TINY_PACK}` },
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

test("loading takes the GPU that was asked for", async (t) => {
  const device = await page.evaluate(async () => {
    window.toolgen = await load("webgpu");
    return toolgen.device();
  });
  t.diagnostic(device.description);
  assert.equal(device.kind, "webgpu");
});

test("greedy tokens equal the CPU's", async () => {
  const found = await page.evaluate(([prompt, tokens]) => complete(toolgen, prompt, tokens), [prompt, ids.length]);
  assert.deepEqual(found, ids);
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
  }, prompt);
  const perToken = Object.fromEntries(Object.keys(long).map((key) => [key, (long[key] - short[key]) / 4]));
  t.diagnostic(JSON.stringify(perToken));
  assert.equal(perToken.submits, 1);
  assert.equal(long.created, 0);
  assert.ok(perToken.bytesRead <= 512 && perToken.dispatches <= DISPATCHES);
});

test("a question becomes the same call as on the CPU", async () => {
  const { asked, steps } = transcript("call");
  const { name, arguments: args } = await page.evaluate(async (query) => (await toolgen.call(query)).call, asked.query);
  assert.deepEqual({ name, arguments: args }, steps.at(-1).event.call);
});

test("a lost device is opened again, a second loss moves to the CPU, and the tokens stay the same", async () => {
  const { expected, found, kinds, opened } = await page.evaluate(async (prompt) => {
    const tokens = 64; // enough to be lost in the middle, however fast
    const cpu = await load("cpu");
    const expected = await complete(cpu, prompt, tokens);
    cpu.dispose();
    const destroyAt = (place) => (count) => void (count === place && channel.postMessage("destroy"));
    const before = await adapters();
    const found = [];
    const kinds = [];
    const opened = [];
    for (const place of [2, 3]) {
      found.push(await complete(toolgen, prompt, tokens, destroyAt(place)));
      kinds.push((await toolgen.device()).kind);
      opened.push((await adapters()) - before);
    }
    return { expected, found, kinds, opened };
  }, prompt);
  assert.equal(expected.length, 64);
  assert.deepEqual(expected.slice(0, ids.length), ids);
  assert.deepEqual(found, [expected, expected]);
  assert.deepEqual(kinds, ["webgpu", "cpu"]);
  assert.deepEqual(opened, [1, 1]);
});

test("an adapter gives other tokens, and is there again after the device was lost", async () => {
  const { expected, found, kind } = await page.evaluate(
    async ({ prompt, adapter, tokens }) => {
      const model = { adapter, pack: undefined };
      const cpu = await load("cpu", model);
      const expected = await complete(cpu, prompt, tokens);
      cpu.dispose();
      const gpu = await load("webgpu", model);
      const found = [await complete(gpu, prompt, tokens)];
      found.push(await complete(gpu, prompt, tokens, (count) => void (count === 2 && channel.postMessage("destroy"))));
      const { kind } = await gpu.device();
      gpu.dispose();
      return { expected, found, kind };
    },
    { prompt, adapter: `/${TINY_ADAPTER}`, tokens: 64 },
  );
  assert.notDeepEqual(found[0].slice(0, ids.length), ids);
  assert.deepEqual(found[1], found[0]);
  // The CPU's activations have eight bits: random weights soon lead elsewhere.
  assert.deepEqual(found[0].slice(0, 4), expected.slice(0, 4));
  assert.equal(kind, "webgpu");
});

test("where no adapter ever comes, the CPU takes over after some seconds, or the GPU that was asked for is an error", async () => {
  const [report, code] = await page.evaluate(async () => {
    const worker = "/pkg/hung.js";
    const [auto, forced] = await Promise.allSettled([load("auto", { worker }), load("webgpu", { worker })]);
    const report = await auto.value.device();
    auto.value.dispose();
    return [report, forced.reason.code];
  });
  assert.equal(report.kind, "cpu");
  assert.match(report.reason, /adapter: none was found/);
  assert.equal(code, "gpu");
});
