/** Threads in Chromium: only on isolated pages, with the same bits, and with a reason where there are none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
import { read, requireBuilt, TINY_CHECKPOINT, TINY_PACK, urls } from "./files.mjs";

const FILES = urls({ checkpoint: TINY_CHECKPOINT, pack: TINY_PACK });
const QUESTIONS = ["what is the weather in Bergen tomorrow?", "add 2 and 3", "a longer text, ".repeat(20)];
let browser;

before(async () => {
  requireBuilt("pkg/dist/worker-threads.js", "pkg/dist/toolgen_threads_bg.wasm");
  browser = await launch();
});
after(() => browser?.close());

/** What a page of such a site says of its threads, and of questions. */
async function ask(t, site, options = {}) {
  const { url, close } = await startSite(site);
  const page = await browser.newPage();
  t.after(async () => {
    await page.close();
    await close();
  });
  await page.goto(`${url}blank.html`);
  return page.evaluate(
    async ({ files, options, questions }) => {
      const { load } = await import("/pkg/index.js");
      const toolgen = await load({ ...files, cache: "none", ...options });
      const rankings = [];
      for (const question of questions) rankings.push(await toolgen.retrieve(question, { topK: 3 }));
      const { threads } = await toolgen.device();
      toolgen.dispose();
      return { rankings, threads };
    },
    { files: FILES, options, questions: QUESTIONS },
  );
}

test("an isolated page computes on several threads, and the same", async (t) => {
  const alone = await ask(t, {});
  assert.equal(alone.threads.count, 1);
  assert.match(alone.threads.reason, /not isolated/);
  const three = await ask(t, { isolated: true }, { threads: 3 });
  assert.deepEqual(three.threads, { count: 3, reason: undefined });
  assert.deepEqual(three.rankings, alone.rankings);
});

test("one thread is what was asked for", async (t) => {
  const { threads } = await ask(t, { isolated: true }, { threads: 1 });
  assert.deepEqual(threads, { count: 1, reason: "One was asked for." });
});

const missing = (response) => response.writeHead(404).end();
const refusing = "WebAssembly.Memory = class { constructor() { throw new RangeError('no shared memory'); } };\n";
const faults = {
  "a missing worker": ["/pkg/worker-threads.js", () => missing, /could not be loaded/],
  "a broken module": ["/pkg/toolgen_threads_bg.wasm", () => "no module", /could not be started/],
  "a refused memory": [
    "/pkg/worker-threads.js",
    () => refusing + read("pkg/dist/worker-threads.js"),
    /no shared memory/,
  ],
};
for (const [name, [file, content, reason]] of Object.entries(faults))
  test(`${name} leaves one thread, and tells why`, async (t) => {
    const { threads, rankings } = await ask(t, { isolated: true, files: { [file]: content() } }, { threads: 2 });
    assert.equal(threads.count, 1);
    assert.match(threads.reason, reason);
    assert.equal(rankings.length, QUESTIONS.length);
  });
