/** The package in Chromium, on the tiny checkpoint: loading, adapters, refusals, the cache, aborts, disposal. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import {
  adapterWithNaN,
  ofAnotherBase,
  read,
  readTranscripts,
  requireBuilt,
  TINY_ADAPTER,
  TINY_CHECKPOINT,
  TINY_PACK,
} from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

/** A question, and the call that it becomes, whichever way the model was loaded. */
const { asked, steps } = readTranscripts().find(({ asked }) => asked.type === "call");
const { call } = steps.at(-1).event;
const checkpoint = read(TINY_CHECKPOINT);
const adapter = read(TINY_ADAPTER);
let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", "pkg/dist/toolgen_relaxed_bg.wasm");
  site = await startSite({
    files: {
      "/other-base.safetensors": ofAnotherBase(TINY_PACK),
      "/other-base-adapter.safetensors": ofAnotherBase(TINY_ADAPTER),
      "/nan-adapter.safetensors": adapterWithNaN(),
      "/truncated-adapter.safetensors": adapter.subarray(0, adapter.length >> 1),
      "/truncated.gguf": checkpoint.subarray(0, checkpoint.length >> 1),
      "/header-only.gguf": checkpoint.subarray(0, 100),
      // The connection breaks off after the first part.
      "/broken.gguf": (response) => {
        response.writeHead(200, { "content-length": checkpoint.length });
        response.write(checkpoint.subarray(0, checkpoint.length >> 1), () => response.destroy());
      },
      // The connection stays, and nothing more comes.
      "/stalled.gguf": (response) => stall(response, checkpoint, "application/octet-stream"),
      "/stalled.safetensors": (response) => stall(response, read(TINY_PACK), "application/octet-stream"),
      "/stalled.wasm": (response) => stall(response, read("pkg/dist/toolgen_bg.wasm"), "application/wasm"),
      "/slow.gguf": (response) => {
        response.writeHead(200, { "content-length": checkpoint.length });
        response.write(checkpoint.subarray(0, checkpoint.length >> 1));
        setTimeout(() => response.end(checkpoint.subarray(checkpoint.length >> 1)), 500);
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
        const { name, arguments: args } = (await toolgen.call(query)).call;
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

function stall(response, bytes, type) {
  response.writeHead(200, { "content-length": bytes.length, "content-type": type });
  response.write(bytes.subarray(0, bytes.length >> 1));
}

const refusals = {
  "a pack of another base": [{ pack: "/other-base.safetensors" }, "base_mismatch"],
  "a pack of the base alone beside an adapter": [{ adapter: `/${TINY_ADAPTER}` }, "base_mismatch"],
  "an adapter of another base": [{ adapter: "/other-base-adapter.safetensors", pack: undefined }, "base_mismatch"],
  "an adapter with a scale that is no number": [{ adapter: "/nan-adapter.safetensors" }, "adapter"],
  "a truncated adapter": [{ adapter: "/truncated-adapter.safetensors" }, "adapter"],
  "a broken adapter of a checkpoint that doesn't come": [
    { adapter: "/truncated-adapter.safetensors", checkpoint: "/stalled.gguf" },
    "adapter",
  ],
  "a missing adapter": [{ adapter: "/none.safetensors" }, "download"],
  "a truncated checkpoint": [{ checkpoint: "/truncated.gguf" }, "gguf"],
  "a checkpoint cut off in its header": [{ checkpoint: "/header-only.gguf" }, "gguf"],
  "a connection that breaks off": [{ checkpoint: "/broken.gguf" }, "download"],
  "a missing checkpoint": [{ checkpoint: "/none.gguf" }, "download"],
  "a missing module": [{ wasm: "/none.wasm" }, "wasm"],
  "a checkpoint that stalls": [{ checkpoint: "/stalled.gguf", stallMs: 500 }, "download"],
  "a pack that stalls": [{ pack: "/stalled.safetensors", stallMs: 500 }, "download"],
  "a module that stalls": [{ wasm: "/stalled.wasm", stallMs: 500 }, "download"],
  "a page in the worker's place": [{ worker: "/blank.html" }, "crashed"],
  "no worker at all": [{ worker: "/none.js" }, "crashed"],
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

test("the module is the one with relaxed SIMD, or the one that is named", async () => {
  const kinds = await page.evaluate(async () => {
    const strict = await load({ ...files, wasm: "/pkg/toolgen_bg.wasm" });
    try {
      return [await toolgen.device(), await strict.device()].map(({ simd }) => simd.kind);
    } finally {
      strict.dispose();
    }
  });
  assert.deepEqual(kinds, ["relaxed", "strict"]);
});

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

test("an adapter is loaded beside the checkpoint and kept; a pack of both fits no other model", async () => {
  const count = () => site.requested.filter((path) => path === `/${TINY_ADAPTER}`).length;
  const before = count();
  const { progress, names, codes } = await page.evaluate(
    async ({ adapter, tools }) => {
      const model = { checkpoint: files.checkpoint, adapter };
      const seen = [];
      const first = await load({ ...model, onProgress: (progress) => seen.push(progress) });
      await first.register(tools);
      const pack = await first.exportPack();
      first.dispose();
      const again = await load({ ...model, pack, onProgress: (progress) => seen.push(progress) });
      const names = again.tools.map(({ name }) => name);
      again.dispose();
      const failures = await Promise.all([
        failure(load({ ...files, pack })),
        failure(load({ ...model, ...files, adapter })),
      ]);
      const progress = seen.filter(({ file, loaded, total }) => file === "adapter" && loaded === total);
      return { progress, names, codes: failures.map(({ code }) => code) };
    },
    {
      adapter: `/${TINY_ADAPTER}`,
      tools: [{ name: "flip_coin", description: "Flips a coin.", inputSchema: { type: "object", properties: {} } }],
    },
  );
  assert.deepEqual(
    progress.map(({ loaded, cached }) => [loaded, cached]),
    [
      [adapter.length, false],
      [adapter.length, true],
    ],
  );
  assert.deepEqual(names, ["flip_coin"]);
  assert.deepEqual(codes, ["base_mismatch", "base_mismatch"]);
  // Where the pack refuses what was kept, the network has the last word: first on the adapter, then on both.
  assert.equal(count(), before + 3);
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

test("a cache that is deleted in mid-load, and a database that can't be, hold nothing up", async () => {
  const [answered, added] = await page.evaluate(async () => {
    let deleting;
    const second = await load({
      ...files,
      checkpoint: "/slow.gguf",
      onProgress: () => (deleting ??= caches.delete("toolgen")),
    });
    const answered = await answer(second);
    const opening = indexedDB.open("toolgen", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("rows");
    const held = await new Promise((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    // It waits for the one that is open, and those that open wait for it.
    indexedDB.deleteDatabase("toolgen");
    const { added } = await second.register([
      { name: "flip_coin", description: "Flips a coin.", inputSchema: { type: "object", properties: {} } },
    ]);
    held.close();
    second.dispose();
    return [answered, added];
  });
  assert.deepEqual([answered, added], [call, ["flip_coin"]]);
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
