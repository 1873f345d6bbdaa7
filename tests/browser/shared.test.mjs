/** Two tabs at one engine in a shared worker, in Chromium. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
import { requireBuilt, TINY_CHECKPOINT, TINY_PACK, urls } from "./files.mjs";

const FILES = urls({ checkpoint: TINY_CHECKPOINT, pack: TINY_PACK });
let site;
let browser;

before(async () => {
  requireBuilt("pkg/dist/shared-worker.js");
  site = await startSite();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Loads in a new tab, and ranks tools for a question. */
async function ask(context, { withShared = true, withLocks = true } = {}) {
  const page = await context.newPage();
  if (!withLocks) await page.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  await page.goto(`${site.url}blank.html`);
  const answer = await page.evaluate(
    async ({ files, withShared }) => {
      if (!withShared) delete globalThis.SharedWorker;
      const { load } = await import("/pkg/index.js");
      const { sharedWorker } = await import("/pkg/shared.js");
      window.toolgen = await load({ ...files, cache: "none", worker: sharedWorker });
      return window.toolgen.retrieve("what is the weather in Bergen?", { topK: 3 });
    },
    { files: FILES, withShared },
  );
  return { page, answer };
}

const fetched = () => site.requested.filter((path) => path === FILES.checkpoint).length;

test("the second tab fetches nothing, gets the same answer, and outlives the first", async () => {
  const context = await browser.newContext();
  const first = await ask(context);
  assert.equal(first.answer.length, 3);
  const before = fetched();
  const second = await ask(context);
  assert.deepEqual(second.answer, first.answer);
  assert.equal(fetched(), before);
  await first.page.evaluate(async () => {
    const inputSchema = { type: "object", properties: {} };
    await window.toolgen.register([{ name: "own", description: "Of the first tab.", inputSchema, execute: () => 1 }]);
  });
  const again = () =>
    second.page.evaluate(() => window.toolgen.retrieve("what is the weather in Bergen?", { topK: 100 }));
  assert.ok(
    (await again()).every(({ name }) => name !== "own"),
    "each tab has its own tools",
  );
  await first.page.close();
  assert.ok((await again()).length > 3);
  await context.close();
});

test("without shared workers a tab has an engine of its own", async () => {
  const context = await browser.newContext();
  const { answer } = await ask(context, { withShared: false });
  assert.equal(answer.length, 3);
  await context.close();
});

test("a tab that goes leaves its tools' names to others, also without locks, as over plain http", async () => {
  const context = await browser.newContext();
  const [stays, goes] = [await ask(context), await ask(context, { withLocks: false })];
  const register = ({ page }, description) =>
    page.evaluate(async (description) => {
      const inputSchema = { type: "object", properties: {} };
      const { added } = await window.toolgen.register([{ name: "own", description, inputSchema, execute: () => 1 }]);
      return added;
    }, description);
  await register(goes, "Of the one that goes.");
  await assert.rejects(register(stays, "Of the one that stays."), /another tool own/);
  await goes.page.goto("about:blank");
  assert.deepEqual(await register(stays, "Of the one that stays."), ["own"]);
  await context.close();
});
