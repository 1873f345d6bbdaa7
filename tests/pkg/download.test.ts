import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Manifest } from "../../pkg/download/manifest.ts";
import { openModel } from "../../pkg/download/model.ts";
import { deleteModel, hasModel, listModels } from "../../pkg/download/models.ts";
import { CHUNK, checkStored, fakeLocks, MODEL, publish, read, SHARD, visit, type Visit } from "./download-fixture.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { honest, ShardServer, status, type Turn } from "./shard-server.ts";

let server: ShardServer;
let manifest: Manifest;
let url: string;

beforeEach(async () => {
  server = await ShardServer.start();
  url = `${server.url}manifest.json`;
  manifest = publish(server);
});
afterEach(() => server.close());

const file = (shard: number) => manifest.shards[shard]!.file;
/** Bytes of shards that were served, in all or to one visit: an aborted request may reach the server late. */
const shardBytes = (page?: Visit) =>
  server.log
    .filter(({ file, visit }) => file !== "manifest.json" && (!page || visit === page.id))
    .reduce((sum, { bytes }) => sum + bytes, 0);

test("a model comes in order, every byte is counted and fetched once, and the next visit needs no network", async () => {
  const first = visit();
  await read(first, url);
  assert.equal(shardBytes(), MODEL.length);
  assert.equal(await checkStored(first.storage), MODEL.length);
  const counts = first.progress.map(({ loaded }) => loaded);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
  const last = first.progress.at(-1)!;
  assert.deepEqual([last.loaded, last.total, last.remainingMs, last.cached], [MODEL.length, MODEL.length, 0, false]);

  const requests = server.log.length;
  const second = visit(first.storage, { fetch: () => assert.fail("The network was asked.") });
  await read(second, url);
  assert.equal(server.log.length, requests);
  assert.equal(second.progress.at(-1)!.loaded, MODEL.length);
  assert.ok(second.progress.every(({ cached }) => cached));
});

test("as many shards as told are fetched at once", async () => {
  const held: Turn[] = [];
  server.behaviour = (turn) => {
    if (turn.request.url === "/manifest.json") return honest(turn);
    held.push(turn);
    // All three that may be under way have to be, or none is answered; a fourth would have time to come.
    if (held.length >= 3) setTimeout(() => held.splice(0).forEach(honest), 20);
    server.behaviour = held.length >= 3 ? (later) => setTimeout(honest, 20, later) : server.behaviour;
  };
  await read(visit(), url);
  assert.equal(server.busiest, 3);
  server.busiest = 0;
  server.behaviour = (turn) => setTimeout(honest, 5, turn);
  await read(visit(), url, { parallel: 1 });
  assert.equal(server.busiest, 1);
});

test("an abort ends all connections, keeps what is valid, and the next visit fetches the rest alone", async () => {
  const hold = ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 3 * CHUNK + 100)));
  for (const shard of [0, 1, 2]) server.next(file(shard), hold);
  const page = visit();
  const stop = new AbortController();
  const reason = new Error("enough");
  page.onProgress = ({ loaded }) => loaded === 3 * (3 * CHUNK + 100) && stop.abort(reason);
  await assert.rejects(read(page, url, { signal: stop.signal }), (error) => error === reason);
  await until(() => server.log.every(({ closed }) => closed));
  const stored = await checkStored(page.storage);
  assert.ok(stored >= 6 * CHUNK && stored <= 9 * CHUNK && stored % CHUNK === 0, `${stored} bytes are stored`);
  assert.deepEqual(
    (await listModels(page.environment)).map(({ storedBytes, bytes }) => [storedBytes, bytes]),
    [[stored, MODEL.length]],
  );

  const next = visit(page.storage);
  await read(next, url);
  assert.equal(shardBytes(next), MODEL.length - stored);

  await assert.rejects(read(visit(), url, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
});

test("an abort ends a pause between attempts", async () => {
  server.next(file(0), status(503));
  const stop = new AbortController();
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal!.addEventListener("abort", () => reject(signal!.reason));
      stop.abort();
    });
  await assert.rejects(read(visit(undefined, { sleep }), url, { signal: stop.signal }), { name: "AbortError" });
});

test("leaving the loop early ends the connections and lets go of the lock", async () => {
  const locks = fakeLocks();
  const page = visit(undefined, { locks });
  server.next(file(0), ({ content, head, send }: Turn) => (head(), send(content.subarray(0, CHUNK))));
  const { checkpoint } = await openModel(url, () => {}, {}, page.environment);
  for await (const _ of checkpoint.chunks) {
    assert.equal(locks.isHeld(), true);
    break;
  }
  await until(() => server.log.every(({ closed }) => closed));
  assert.equal(locks.isHeld(), false);
});

test("where there is no room the model is read, is not kept, and that is told", async () => {
  const page = visit(undefined, { estimate: async () => ({ quota: 0, usage: 0 }) });
  await read(page, url);
  assert.ok(page.progress.length > 0 && page.progress.every(({ kept }) => kept === false));
  assert.equal(await hasModel(url, page.environment), false);
  const roomy = visit();
  await read(roomy, url);
  assert.ok(roomy.progress.every(({ kept }) => kept === undefined));
});

test("a release that is to be kept needs room before a shard is asked for, and what is needed and free is told", async () => {
  const page = visit(undefined, { estimate: async () => ({ quota: 60_000, usage: 10_000 }) });
  await assert.rejects(read(page, url, { cache: "reload" }), {
    code: "quota",
    message: /needs 87777 bytes, .* only 50000 are free/,
  });
  assert.deepEqual(
    server.log.map(({ file }) => file),
    ["manifest.json"],
  );
  await read(page, url, { cache: "none" });

  // What is stored already needs no room a second time.
  const { storage } = await firstVisit();
  const [key] = await storage.models();
  await storage.remove(key!, manifest.shards[0]!.chunks[0]!);
  await read(visit(storage, { estimate: async () => ({ quota: 100_000, usage: 100_000 - CHUNK }) }), url);
});

test("a storage that fails costs the copy, not the model", async () => {
  class Full extends MemoryStorage {
    override async write(model: string, name: string, bytes: Uint8Array): Promise<void> {
      if ((await checkStored(this)) > 30_000) throw new DOMException("full", "QuotaExceededError");
      await super.write(model, name, bytes);
    }
  }
  const storage = new Full();
  await read(visit(storage), url, { bufferBytes: CHUNK });
  const stored = await checkStored(storage);
  assert.ok(stored > 30_000 && stored < 30_000 + 2 * 3 * CHUNK);

  const denied = async () => Promise.reject(new DOMException("denied", "SecurityError"));
  const broken = Object.assign(new MemoryStorage(), { sizes: denied, read: denied, write: denied, remove: denied });
  await read(visit(broken), url);
});

test("a stored chunk that was damaged is fetched again, alone", async () => {
  const { storage } = await firstVisit();
  const [key] = await storage.models();
  const name = manifest.shards[2]!.chunks[1]!;
  await storage.write(key!, name, new Uint8Array(CHUNK));
  server.log.length = 0;
  const page = visit(storage);
  await read(page, url);
  assert.deepEqual(
    server.log.map(({ file, range }) => [file, range]),
    [[file(2), `bytes=${CHUNK}-${2 * CHUNK - 1}`]],
  );
  assert.equal(await checkStored(storage), MODEL.length);
  assert.equal(page.progress.at(-1)!.loaded, MODEL.length);
});

test("prefer stays with the stored release, reload takes the new one and fetches what differs, none keeps nothing", async () => {
  const { storage } = await firstVisit();
  const newer = MODEL.slice();
  newer[SHARD + 5]! ^= 255;
  manifest = publish(server, newer);
  server.log.length = 0;
  await read(visit(storage), url);
  assert.equal(server.log.length, 0);
  await read(visit(storage), url, { cache: "reload" }, newer);
  assert.deepEqual([...new Set(server.log.map(({ file }) => file))], ["manifest.json", file(1)]);
  assert.equal(shardBytes(), CHUNK);
  assert.equal(await checkStored(storage), MODEL.length); // nothing of the old release is left
  await read(visit(storage), url, {}, newer);

  const none = visit();
  await read(none, url, { cache: "none" }, newer);
  assert.deepEqual(await none.storage.models(), []);
});

test("without a storage, a consumer that waits makes the network wait", async () => {
  const page = visit();
  const bufferBytes = 3 * CHUNK;
  let first = true;
  await read(page, url, { cache: "none", bufferBytes }, MODEL, async () => {
    if (!first) return;
    first = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Waiting chunks, one more of the shard whose turn it is, the consumer's, and for each shard one that is being put together.
    const { loaded } = page.progress.at(-1)!;
    assert.ok(loaded <= bufferBytes + 2 * CHUNK + 3 * CHUNK, `${loaded} bytes were read ahead`);
    assert.ok(loaded > bufferBytes);
  });
});

test("with a storage, the network goes on while the consumer waits", async () => {
  const page = visit();
  const done = new Promise<void>((resolve) => {
    page.onProgress = ({ loaded }) => loaded === MODEL.length && resolve();
  });
  await read(page, url, { bufferBytes: CHUNK }, MODEL, () => done);
  assert.equal(shardBytes(), MODEL.length);
});

test("two tabs fetch every byte once, and without locks both still get the model", async () => {
  const storage = new MemoryStorage();
  const locks = fakeLocks();
  const tabs = [visit(storage, { locks }), visit(storage, { locks })];
  await Promise.all(tabs.map((tab) => read(tab, url)));
  assert.equal(shardBytes(), MODEL.length);
  assert.equal(locks.isHeld(), false);

  const shared = new MemoryStorage();
  await Promise.all([visit(shared), visit(shared)].map((tab) => read(tab, url)));
  assert.equal(await checkStored(shared), MODEL.length);
});

test("a tab that waits for another can be aborted", async () => {
  const locks = fakeLocks();
  let release = () => {};
  void locks.request("", { mode: "exclusive" }, () => new Promise((resolve) => (release = resolve)));
  const stop = new AbortController();
  const waiting = read(visit(undefined, { locks }), url, { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(waiting, { name: "AbortError" });
  release();
});

test("stored models can be asked for, listed and deleted", async () => {
  const page = visit();
  assert.equal(await hasModel(url, page.environment), false);
  assert.deepEqual(await listModels(page.environment), []);
  await read(page, url);
  assert.equal(await hasModel(`${url}#part`, page.environment), true);
  assert.equal(await hasModel(`${url}?v=2`, page.environment), false);
  assert.deepEqual(await listModels(page.environment), [
    { url, name: "test model", bytes: MODEL.length, storedBytes: MODEL.length },
  ]);
  assert.equal(await deleteModel(url, {}, page.environment), true);
  assert.equal(await deleteModel(url, {}, page.environment), false);
  assert.equal(await hasModel(url, page.environment), false);
  assert.deepEqual(await listModels(page.environment), []);

  const nowhere = visit(undefined, { storage: async () => undefined }).environment;
  assert.deepEqual(
    [await hasModel(url, nowhere), await deleteModel(url, {}, nowhere), await listModels(nowhere)],
    [false, false, []],
  );
});

test("shards lie beside the manifest that a redirect led to", async () => {
  server.next("latest/manifest.json", status(302, { location: "/manifest.json" }));
  server.files.set("latest/manifest.json", new Uint8Array(1));
  const page = visit();
  await read(page, `${server.url}latest/manifest.json`);
  assert.equal(await hasModel(`${server.url}latest/manifest.json`, page.environment), true);
});

async function firstVisit() {
  const page = visit();
  await read(page, url);
  return page;
}

/** Waits for what happens soon, but not at once. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
