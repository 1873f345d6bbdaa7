/** The package with the real weights in Chromium: loading, refusals, aborts, memory, parity. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { CHECKPOINT, PACK, packOfAnotherBase, read, requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", CHECKPOINT, PACK);
  const checkpoint = read(CHECKPOINT);
  site = await startSite({
    files: {
      "/other-base.safetensors": packOfAnotherBase(),
      "/truncated.gguf": checkpoint.subarray(0, checkpoint.length >> 1),
      "/header-only.gguf": checkpoint.subarray(0, 100),
      // The connection breaks off after the first part.
      "/broken.gguf": (response) => {
        response.writeHead(200, { "content-length": checkpoint.length });
        response.write(checkpoint.subarray(0, 2 ** 20), () => response.destroy());
      },
    },
  });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(
    async (files) => {
      const { load } = await import("/pkg/index.js");
      window.load = load;
      window.files = files;
      window.toolgen = await load(files);
      // What a promise rejects with, as data.
      window.failure = (promise) =>
        promise.then(
          () => ({ name: "none" }),
          ({ name, code, message }) => ({ name, code, message }),
        );
    },
    { checkpoint: `/${CHECKPOINT}`, pack: `/${PACK}` },
  );
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const refusals = {
  "a pack of another base": [{ pack: "/other-base.safetensors" }, "base_mismatch"],
  "a truncated checkpoint": [{ checkpoint: "/truncated.gguf" }, "gguf"],
  "a checkpoint cut off in its header": [{ checkpoint: "/header-only.gguf" }, "gguf"],
  "a connection that breaks off": [{ checkpoint: "/broken.gguf" }, "download"],
  "a missing checkpoint": [{ checkpoint: "/none.gguf" }, "download"],
  "a missing module": [{ wasm: "/none.wasm" }, "wasm"],
};
for (const [name, [change, code]] of Object.entries(refusals)) {
  test(`${name} is refused`, async () => {
    const error = await page.evaluate((change) => failure(load({ ...files, ...change })), change);
    assert.equal(error.name, "ToolgenError");
    assert.equal(error.code, code, error.message);
  });
}

test("the second load needs no network for the checkpoint", async () => {
  const loads = () => site.requested.filter((path) => path === `/${CHECKPOINT}`).length;
  const before = loads();
  const progress = await page.evaluate(async () => {
    const seen = [];
    const second = await load({ ...files, onProgress: (progress) => seen.push(progress) });
    second.dispose();
    return seen.findLast(({ file }) => file === "checkpoint");
  });
  assert.equal(loads(), before);
  assert.equal(progress.cached, true);
  assert.equal(progress.loaded, read(CHECKPOINT).length);
  assert.equal(progress.total, progress.loaded);
});

test("a damaged copy in the cache is replaced from the network", async () => {
  const name = await page.evaluate(async () => {
    const cache = await caches.open("toolgen");
    await cache.put(files.checkpoint, new Response("GGUF and nothing", { headers: { "content-length": "16" } }));
    const again = await load(files);
    const [{ name }] = await again.retrieve("convert 5 miles to km");
    again.dispose();
    return name;
  });
  assert.equal(name, "convert_length");
});

test("loading can be aborted", async () => {
  const error = await page.evaluate(async () => {
    const abort = new AbortController();
    return failure(load({ ...files, signal: abort.signal, onProgress: () => abort.abort() }));
  });
  assert.equal(error.name, "AbortError");
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
    const error = await failure(reading);
    const started = performance.now();
    const { name } = await toolgen.call("convert 5 miles to km");
    return { error, tokens, name, ms: performance.now() - started };
  });
  assert.equal(error.name, "AbortError");
  assert.equal(tokens, 3);
  assert.equal(name, "convert_length");
  assert.ok(ms < 30_000, `${ms} ms`);
});

test("dispose rejects what is pending; create, dispose, create works", async () => {
  const [error, name] = await page.evaluate(async () => {
    const first = await load(files);
    const pending = failure(first.call("convert 5 miles to km"));
    first.dispose();
    const second = await load(files);
    const { name } = await second.call("convert 5 miles to km");
    second.dispose();
    return [await pending, name];
  });
  assert.equal(error.code, "disposed");
  assert.equal(name, "convert_length");
});

test("memory stays within 1.5 times the checkpoint", async (t) => {
  const { wasmBytes, checkpointBytes } = await page.evaluate(() => toolgen.memory());
  const ratio = wasmBytes / checkpointBytes;
  t.diagnostic(
    `${(wasmBytes / 1e6).toFixed(1)} MB for a checkpoint of ${(checkpointBytes / 1e6).toFixed(1)} MB: ${ratio.toFixed(2)}`,
  );
  assert.equal(checkpointBytes, read(CHECKPOINT).length);
  assert.ok(ratio <= 1.5, String(ratio));
});

test("greedy tokens in Chromium equal the native ones", async () => {
  requireBuilt("tests/golden/greedy.json");
  const { prompts } = JSON.parse(read("tests/golden/greedy.json").toString());
  for (const { prompt, ids } of prompts) {
    const found = await page.evaluate(
      async ({ prompt, maxTokens }) => {
        const ids = [];
        for await (const { id } of toolgen.complete(prompt, { maxTokens })) ids.push(id);
        return ids;
      },
      { prompt, maxTokens: ids.length },
    );
    assert.deepEqual(found, ids, prompt);
  }
});
