/** Models that have chunks in common, as the same weights at two URLs: those are fetched once and kept once. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { deleteModel, hasModel, listModels } from "../../pkg/download/models.ts";
import { CHUNK, checkStored, MODEL, publish, read, SHARD, visit } from "./download-fixture.ts";
import { ShardServer } from "./shard-server.ts";

let server: ShardServer;
let url: string;
let second: string;

beforeEach(async () => {
  server = await ShardServer.start();
  publish(server);
  for (const [name, bytes] of [...server.files]) server.files.set(`second/${name}`, bytes);
  url = `${server.url}manifest.json`;
  second = `${server.url}second/manifest.json`;
});
afterEach(() => server.close());

/** What was asked for since the last time. */
const asked = () => server.log.splice(0).map(({ file }) => file);

async function firstVisit() {
  const page = visit();
  await read(page, url);
  asked();
  return page;
}

test("the same weights at a second URL are neither fetched nor kept again, and need no room", async () => {
  const { storage } = await firstVisit();
  const page = visit(storage, { estimate: async () => ({ quota: MODEL.length, usage: MODEL.length }) });
  await read(page, second);
  assert.deepEqual(asked(), ["second/manifest.json"]);
  assert.equal(await checkStored(storage), MODEL.length);
  assert.ok(page.progress.every(({ cached, kept }) => cached && kept === undefined));

  const offline = visit(storage, { fetch: () => assert.fail("The network was asked.") });
  for (const model of [url, second]) {
    assert.equal(await hasModel(model, offline.environment), true);
    await read(offline, model);
  }
  const full = { name: "test model", bytes: MODEL.length, storedBytes: MODEL.length };
  assert.deepEqual(await listModels(page.environment), [
    { url, ...full },
    { url: second, ...full },
  ]);
});

test("of a release that shares most chunks with another model, the others alone are fetched", async () => {
  const { storage } = await firstVisit();
  const newer = MODEL.slice();
  newer[SHARD + 5]! ^= 255;
  const { shards } = publish(server, newer);
  server.files.set("newer.json", server.files.get("manifest.json")!);
  await read(visit(storage), `${server.url}newer.json`, {}, newer);
  assert.deepEqual(asked(), ["newer.json", shards[1]!.file]);
  assert.equal(await checkStored(storage), MODEL.length + CHUNK);
  // What the first model alone has is not the second one's to remove.
  await read(visit(storage, { fetch: () => assert.fail("The network was asked.") }), url);
});

test("of two models that share chunks one can be deleted: the other fetches what it lacks, once", async () => {
  const { storage, environment } = await firstVisit();
  await read(visit(storage), second);
  asked();
  assert.equal(await deleteModel(url, {}, environment), true);
  assert.equal(await hasModel(second, environment), false);
  await read(visit(storage), second);
  assert.equal(await checkStored(storage), MODEL.length);
  assert.ok(asked().every((file) => file.startsWith("second/")));
  await read(visit(storage, { fetch: () => assert.fail("The network was asked.") }), second);
  assert.equal(await deleteModel(second, {}, environment), true);
  assert.equal(await checkStored(storage), 0);
});

test("a chunk that was damaged at the other model is fetched, and counts from then on", async () => {
  const { storage } = await firstVisit();
  const [key] = await storage.models();
  const [name] = [...(await storage.sizes(key!))].find(([name]) => name !== "record.json")!;
  await storage.write(key!, name, new Uint8Array(CHUNK));
  await read(visit(storage), second);
  assert.equal(asked().length, 2);
  await read(visit(storage, { fetch: () => assert.fail("The network was asked.") }), second);
});
