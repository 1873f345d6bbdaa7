/** The package in Chromium, on the tiny checkpoint: loading, refusals, the cache, aborts, disposal. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { packOfAnotherBase, read, readTranscripts, requireBuilt, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** A question, and the call that it becomes, whichever way the model was loaded. */
const { asked, steps } = readTranscripts().find(({ asked }) => asked.type === "call");
const { call } = steps.at(-1).event;
const checkpoint = read(TINY_CHECKPOINT);
let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm");
  site = await startSite({
    files: {
      "/other-base.safetensors": packOfAnotherBase(),
      "/truncated.gguf": checkpoint.subarray(0, checkpoint.length >> 1),
      "/header-only.gguf": checkpoint.subarray(0, 100),
      // The connection breaks off after the first part.
      "/broken.gguf": (response) => {
        response.writeHead(200, { "content-length": checkpoint.length });
        response.write(checkpoint.subarray(0, checkpoint.length >> 1), () => response.destroy());
      },
      // The connection stays, and nothing more comes.
      "/stalled.gguf": (response) => {
        response.writeHead(200, { "content-length": checkpoint.length });
        response.write(checkpoint.subarray(0, checkpoint.length >> 1));
      },
    },
  });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(
    async ({ files, query }) => {
      const { load } = await import("/pkg/index.js");
      window.load = load;
      window.files = files;
      window.answer = async (toolgen) => {
        const { name, arguments: args } = await toolgen.call(query);
        return { name, arguments: args };
      };
      window.toolgen = await load(files);
      // What a promise rejects with, as data.
      window.failure = (promise) =>
        promise.then(
          () => ({ name: "none" }),
          ({ name, code, message }) => ({ name, code, message }),
        );
    },
    { files: { checkpoint: `/${TINY_CHECKPOINT}`, pack: `/${TINY_PACK}` }, query: asked.query },
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

/** How often the checkpoint was asked for. */
const loads = () => site.requested.filter((path) => path === `/${TINY_CHECKPOINT}`).length;

test("the second load needs no network for the checkpoint", async () => {
  const before = loads();
  const progress = await page.evaluate(async () => {
    const seen = [];
    const second = await load({ ...files, onProgress: (progress) => seen.push(progress) });
    second.dispose();
    return seen.findLast(({ file }) => file === "checkpoint");
  });
  assert.equal(loads(), before);
  assert.equal(progress.cached, true);
  assert.equal(progress.loaded, checkpoint.length);
  assert.equal(progress.total, progress.loaded);
});

test("a damaged copy in the cache is replaced from the network", async () => {
  const before = loads();
  const answered = await page.evaluate(async () => {
    const cache = await caches.open("toolgen");
    await cache.put(files.checkpoint, new Response("GGUF and nothing", { headers: { "content-length": "16" } }));
    const again = await load(files);
    const answered = await answer(again);
    again.dispose();
    return answered;
  });
  assert.equal(loads(), before + 1);
  assert.deepEqual(answered, call);
});

test("loading can be aborted", async () => {
  for (const change of [{}, { checkpoint: "/stalled.gguf" }]) {
    const error = await page.evaluate(async (change) => {
      const abort = new AbortController();
      return failure(load({ ...files, ...change, signal: abort.signal, onProgress: () => abort.abort() }));
    }, change);
    assert.equal(error.name, "AbortError");
  }
});

test("an abort in mid-stream rejects at once, and the next question works", async () => {
  const { error, tokens, answered, ms } = await page.evaluate(async () => {
    const abort = new AbortController();
    let tokens = 0;
    const reading = (async () => {
      for await (const _ of toolgen.complete("Once upon a time", { maxTokens: 500, signal: abort.signal })) {
        if (++tokens === 3) abort.abort();
      }
    })();
    const error = await failure(reading);
    const started = performance.now();
    const answered = await answer(toolgen);
    return { error, tokens, answered, ms: performance.now() - started };
  });
  assert.equal(error.name, "AbortError");
  assert.equal(tokens, 3);
  assert.deepEqual(answered, call);
  assert.ok(ms < 30_000, `${ms} ms`);
});

test("dispose rejects what is pending; create, dispose, create works", async () => {
  const [error, answered] = await page.evaluate(async () => {
    const first = await load(files);
    const pending = failure(answer(first));
    first.dispose();
    const second = await load(files);
    const answered = await answer(second);
    second.dispose();
    return [await pending, answered];
  });
  assert.equal(error.code, "disposed");
  assert.deepEqual(answered, call);
});

test("memory is told", async () => {
  const { wasmBytes, checkpointBytes } = await page.evaluate(() => toolgen.memory());
  assert.equal(checkpointBytes, checkpoint.length);
  assert.ok(wasmBytes > checkpointBytes, `${wasmBytes} bytes`);
});
