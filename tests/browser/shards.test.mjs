/** A checkpoint in shards and its adapter, the tiny ones, from a server with bad days, kept in Chromium's own storage. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { cut } from "../../pkg/scripts/shard.mjs";
import { launch } from "./browser.mjs";
import { readTranscripts, requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

/** A question, and the call that it becomes. */
const { asked, steps } = readTranscripts().find(({ asked }) => asked.type === "call");
const { call } = steps.at(-1).event;
let folder;
let site;
let browser;
let page;
const served = new Map();

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm");
  folder = mkdtempSync(join(tmpdir(), "toolgen-shards-"));
  const sizes = { shardBytes: 16 << 10, chunkBytes: 4 << 10 };
  const file = join(root, TINY_CHECKPOINT);
  const { shards } = cut({ file, folder: join(folder, "model"), ...sizes });
  assert.ok(shards.length > 3);
  cut({ file, adapter: join(root, TINY_ADAPTER), folder: join(folder, "adapted"), ...sizes });
  const files = ["model", "adapted"].flatMap((model) =>
    readdirSync(join(folder, model)).map((name) => [
      `/${model}/${name}`,
      (response) => serve(`${model}/${name}`, response),
    ]),
  );
  site = await startSite({ files: Object.fromEntries(files) });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
});
after(async () => {
  await browser?.close();
  await site?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The second shard's connection breaks once, the third has a wrong byte once; Range is never known. */
function serve(name, response) {
  const count = (served.get(name) ?? 0) + 1;
  served.set(name, count);
  const bytes = readFileSync(join(folder, name));
  response.writeHead(200, {
    "content-length": bytes.length,
    "content-type": name.endsWith(".json") ? "application/json" : "application/octet-stream",
  });
  if (count === 1 && name.startsWith("model/001-"))
    return void response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  if (count === 1 && name.startsWith("model/002-")) bytes[5_000] ^= 1;
  response.end(bytes);
}

const load = () =>
  page.evaluate(
    async ([pack, query]) => {
      const { load } = await import("/pkg/index.js");
      const { hasModel } = await import("/pkg/models.js");
      const seen = [];
      const toolgen = await load({
        checkpoint: "/model/manifest.json",
        pack,
        onProgress: (progress) => progress.file === "checkpoint" && seen.push(progress),
      });
      const { name, arguments: args } = (await toolgen.call(query)).call;
      toolgen.dispose();
      return { answered: { name, arguments: args }, last: seen.at(-1), stored: await hasModel("/model/manifest.json") };
    },
    [`/${TINY_PACK}`, asked.query],
  );

test("a broken connection and a wrong byte cost a repeat, no more", async () => {
  const { answered, last, stored } = await load();
  assert.deepEqual(answered, call);
  assert.deepEqual(
    [last.loaded, last.total, last.cached, stored],
    [last.total, readFileSync(join(root, TINY_CHECKPOINT)).length, false, true],
  );
  const again = [...served].filter(([, count]) => count > 1).map(([name]) => name.slice(0, 9));
  assert.deepEqual(again.sort(), ["model/001", "model/002"], "nothing else is fetched twice");
});

test("the second load asks the network for nothing", async () => {
  const before = [...served.values()].reduce((sum, count) => sum + count);
  const { answered, last } = await load();
  assert.deepEqual(answered, call);
  assert.equal(last.cached, true);
  assert.equal(
    [...served.values()].reduce((sum, count) => sum + count),
    before,
  );
});

test("a deleted model is gone", async () => {
  const seen = await page.evaluate(async () => {
    const { deleteModel, hasModel, listModels } = await import("/pkg/models.js");
    const listed = (await listModels()).map(({ bytes, storedBytes }) => bytes === storedBytes);
    return [
      listed,
      await deleteModel("/model/manifest.json"),
      await hasModel("/model/manifest.json"),
      (await listModels()).length,
    ];
  });
  assert.deepEqual(seen, [[true], true, false, 0]);
});

test("the adapter that a manifest names is loaded and stored with the checkpoint", async () => {
  const load = () =>
    page.evaluate(async () => {
      const { load } = await import("/pkg/index.js");
      const { hasModel } = await import("/pkg/models.js");
      const last = {};
      const checkpoint = "/adapted/manifest.json";
      const toolgen = await load({ checkpoint, onProgress: (progress) => (last[progress.file] = progress) });
      await toolgen.register([{ name: "flip_coin", description: "Flips a coin.", inputSchema: { type: "object" } }]);
      const pack = new TextDecoder("latin1").decode(await toolgen.exportPack());
      toolgen.dispose();
      const [, adapter] = /"adapter_sha256":"(\w+)"/.exec(pack);
      return { last, adapter, stored: await hasModel(checkpoint) };
    });
  const bytes = readFileSync(join(root, TINY_ADAPTER));
  for (const cached of [false, true]) {
    const { last, adapter, stored } = await load();
    assert.deepEqual(
      [last.adapter.loaded, last.adapter.total, last.adapter.cached],
      [bytes.length, bytes.length, cached],
    );
    assert.equal(last.checkpoint.loaded, readFileSync(join(root, TINY_CHECKPOINT)).length);
    assert.equal(adapter, createHash("sha256").update(bytes).digest("hex"));
    assert.equal(stored, true);
  }
  const asked = [...served].filter(([name]) => name.startsWith("adapted/"));
  assert.ok(asked.length > 4 && asked.every(([, count]) => count === 1));
});
