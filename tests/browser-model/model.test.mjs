/** The package with the real weights in Chromium: a call, an abort while it thinks, memory, parity. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "../browser/browser.mjs";
import { MODEL, read, requireBuilt, urls } from "../browser/files.mjs";
import { startSite } from "../../xtask/serve.mjs";

let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", ...Object.values(MODEL));
  site = await startSite();
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(async (files) => {
    const { load } = await import("/pkg/index.js");
    Object.assign(window, { load, files });
    window.toolgen = await load(files);
  }, urls(MODEL));
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test("a question becomes its call", async () => {
  const { call, ranking } = await page.evaluate(async () => {
    const { call } = await toolgen.call("convert 5 miles to km");
    return { call, ranking: await toolgen.retrieve("convert 5 miles to km") };
  });
  assert.equal(ranking[0].name, "convert_length");
  assert.equal(call.name, "convert_length");
  assert.equal(call.arguments.value, 5);
});

test("an abort in mid-stream rejects at once, and the next question works", async () => {
  const { error, tokens, name, ms } = await page.evaluate(async () => {
    const abort = new AbortController();
    let tokens = 0;
    const reading = (async () => {
      for await (const _ of toolgen.complete("Once upon a time", { maxTokens: 500, signal: abort.signal })) {
        if (++tokens === 3) abort.abort();
      }
    })();
    const error = await reading.catch(({ name }) => name);
    const started = performance.now();
    const { name } = (await toolgen.call("convert 5 miles to km")).call;
    return { error, tokens, name, ms: performance.now() - started };
  });
  assert.equal(error, "AbortError");
  assert.equal(tokens, 3);
  assert.equal(name, "convert_length");
  assert.ok(ms < 30_000, `${ms} ms`);
});

test("memory stays within 1.5 times the checkpoint", async (t) => {
  const { wasmBytes, checkpointBytes } = await page.evaluate(() => toolgen.memory());
  const ratio = wasmBytes / checkpointBytes;
  t.diagnostic(
    `${(wasmBytes / 1e6).toFixed(1)} MB for a checkpoint of ${(checkpointBytes / 1e6).toFixed(1)} MB: ${ratio.toFixed(2)}`,
  );
  assert.equal(checkpointBytes, read(MODEL.checkpoint).length);
  assert.ok(ratio <= 1.5, String(ratio));
});

for (const [name, simd, threads] of [
  ["relaxed", "relaxed", 1],
  ["strict", "strict", 1],
  ["on two threads", "relaxed", 2],
])
  test(`greedy tokens in Chromium equal the native ones, ${name}`, async (t) => {
    requireBuilt("tests/golden/greedy.json");
    const { prompts } = JSON.parse(read("tests/golden/greedy.json").toString());
    const isolated = await startSite({ isolated: threads > 1 });
    const page = await browser.newPage();
    t.after(async () => {
      await page.close();
      await isolated.close();
    });
    await page.goto(`${isolated.url}blank.html`);
    const found = await page.evaluate(
      async ({ files, simd, threads, prompts }) => {
        const { load } = await import("/pkg/index.js");
        const wasm = simd === "strict" ? "/pkg/toolgen_bg.wasm" : undefined;
        const toolgen = await load({ ...files, wasm, threads });
        const all = [];
        for (const { prompt, cpu } of prompts) {
          const ids = [];
          for await (const { id } of toolgen.complete(prompt, { maxTokens: cpu.ids.length })) ids.push(id);
          all.push(ids);
        }
        const device = await toolgen.device();
        toolgen.dispose();
        return { ids: all, simd: device.simd.kind, threads: device.threads.count };
      },
      { files: urls(MODEL), simd, threads, prompts },
    );
    assert.deepEqual(found, { ids: prompts.map(({ cpu }) => cpu.ids), simd, threads });
  });
