import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import type { CacheMode, Progress } from "../../pkg/core/types.ts";
import { deleteModel, hasModel, listModels } from "../../pkg/models.ts";
import { loadEngine } from "../../pkg/worker/load-engine.ts";
import { serve } from "../../pkg/worker/serve.ts";
import { MODEL, noise, publish } from "./download-fixture.ts";
import { fakeCaches } from "./fake-browser.ts";
import * as fake from "./fake-wasm.ts";
import { ShardServer, wrongAt, type Turn } from "./shard-server.ts";

const TOOLS = [{ name: "add", description: "Adds", parameters: {} }];
const PACK = new TextEncoder().encode(JSON.stringify({ tools: TOOLS, answers: {} }));
const MODULES = { strict: new URL("file:///toolgen_bg.wasm") };
const gguf = (seed: number) => Buffer.concat([Buffer.from("GGUF"), noise(50_000, seed)]);

let server: ShardServer;
let url: string;

beforeEach(async () => {
  server = await ShardServer.start();
  url = `${server.url}manifest.json`;
});
afterEach(async () => {
  delete (globalThis as { caches?: unknown }).caches;
  await server.close();
});

function keepInCaches(): void {
  Object.defineProperty(globalThis, "caches", { value: fakeCaches(), configurable: true });
}

async function load(checkpoint: string, cache?: CacheMode) {
  const progress: Progress[] = [];
  const loaded = await loadEngine(
    fake,
    { checkpoint, pack: PACK, modules: MODULES, device: "cpu" },
    (report) => progress.push(report),
    { cache },
  );
  loaded.engine.free();
  loaded.device.free();
  return { ...loaded, last: progress.at(-1)! };
}

test("a checkpoint in shards is loaded, and again without the network", async () => {
  keepInCaches();
  const bytes = gguf(1);
  publish(server, bytes);
  const first = await load(url);
  assert.deepEqual([first.checkpointBytes, first.last.loaded, first.last.cached], [bytes.length, bytes.length, false]);
  assert.equal(await hasModel(url), true);
  const requests = server.log.length;
  const second = await load(url);
  assert.deepEqual([second.last.loaded, second.last.cached, server.log.length], [bytes.length, true, requests]);
});

test("a stored checkpoint that the engine refuses gives way to a newer release, if there is one", async () => {
  keepInCaches();
  const living = fake.log.living;
  publish(server, Buffer.from(MODEL));
  await assert.rejects(load(url), { code: "gguf" });
  await assert.rejects(load(url), { code: "gguf" });
  publish(server, gguf(2));
  assert.equal((await load(url)).last.cached, false);
  assert.equal((await load(url)).last.cached, true);
  assert.equal(fake.log.living, living);
});

test("a single file is kept as before; reload fetches it again and none doesn't keep it", async () => {
  keepInCaches();
  server.files.set("model.gguf", gguf(3));
  const file = `${server.url}model.gguf`;
  assert.equal((await load(file, "none")).last.cached, false);
  assert.equal((await load(file)).last.cached, false);
  assert.equal((await load(file)).last.cached, true);
  assert.equal((await load(file, "reload")).last.cached, false);
  assert.equal((await load(file, "none")).last.cached, false);
  assert.equal(server.log.length, 4);
});

test("a kept checkpoint of an older release gives way to the current one, in shards and as a single file", async () => {
  keepInCaches();
  const living = fake.log.living;
  const old = Buffer.concat([Buffer.from("GGUF-old"), noise(50_000, 5)]);
  publish(server, old);
  server.files.set("model.gguf", old);
  const file = `${server.url}model.gguf`;
  // What an older module took, it kept.
  await (await caches.open("toolgen")).put(
    file,
    new Response(old, { headers: { "content-length": String(old.length) } }),
  );
  for (const checkpoint of [url, file]) await assert.rejects(load(checkpoint), { code: "checkpoint" });
  assert.equal(await hasModel(url), true);
  publish(server, gguf(6));
  server.files.set("model.gguf", gguf(6));
  for (const checkpoint of [url, file]) {
    assert.equal((await load(checkpoint)).last.cached, false);
    assert.equal((await load(checkpoint)).last.cached, true);
  }
  assert.equal(fake.log.living, living);
});

test("the checkpoint is on its way while the module is compiled, and let go where that fails", async () => {
  keepInCaches();
  const { shards } = publish(server, gguf(11));
  const { modules, device } = { modules: MODULES, device: "cpu" as const };
  const isCompiledWhen = async (arrived: () => boolean) => {
    const limit = performance.now() + 5000;
    while (!arrived()) {
      assert.ok(performance.now() < limit, "nothing was asked for meanwhile");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const compiling = () => isCompiledWhen(() => server.of(shards[0]!.file).length > 0);
  const loaded = await loadEngine({ ...fake, start: compiling }, { checkpoint: url, modules, device }, () => {});
  assert.deepEqual(Object.keys(loaded.startup), ["moduleMs", "deviceMs", "checkpointMs", "toolsMs"]);
  loaded.engine.free();
  loaded.device.free();

  const hold = ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 100)));
  const renewed = publish(server, gguf(12)).shards[0]!.file;
  server.next(renewed, hold);
  const failing = async () => {
    await isCompiledWhen(() => server.of(renewed).length > 0);
    throw new Error("no module");
  };
  const failed = loadEngine({ ...fake, start: failing }, { checkpoint: url, modules, device }, () => {}, {
    cache: "reload",
    stallMs: 100,
  });
  await assert.rejects(failed, { code: "wasm" });
  // The lock on the storage is free again.
  assert.equal((await load(url, "reload")).last.cached, false);
});

test("aborting a load in the page stops the worker's download", async () => {
  const manifest = publish(server, gguf(4));
  const living = fake.log.living;
  const hold = ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 100)));
  for (const { file } of manifest.shards) server.next(file, hold);
  const { port1, port2 } = new MessageChannel();
  serve(port1 as never, fake, MODULES);
  const client = new Client(Object.assign(port2 as unknown as WorkerLike, { terminate: () => {} }));
  const stop = new AbortController();
  const onProgress = ({ loaded }: Progress) => loaded === 300 && stop.abort();
  const loading = client.ask(
    { type: "load", checkpoint: url, pack: PACK, cache: "prefer", stallMs: 60_000 },
    { signal: stop.signal, onProgress },
  );
  await assert.rejects(loading, { name: "AbortError" });
  while (fake.log.living > living || server.log.some(({ closed }) => !closed))
    await new Promise((resolve) => setTimeout(resolve, 5));
  port1.close();
  port2.close();
});

const adapter = (name: string) => Buffer.from(`adapter ${name}`);
/** A pack that fits the adapter of this name. */
const packOf = (name?: string) =>
  new TextEncoder().encode(JSON.stringify({ tools: TOOLS, answers: {}, adapter: name }));

/** Loads, and gives each file's last progress. */
async function loadAdapted(files: { checkpoint: string; adapter?: string | Uint8Array; pack?: string | Uint8Array }) {
  const last: Partial<Record<Progress["file"], Progress>> = {};
  const loaded = await loadEngine(fake, { modules: MODULES, device: "cpu", ...files }, (p) => (last[p.file] = p));
  loaded.engine.free();
  loaded.device.free();
  return last;
}

/** How often the server was asked for a file since the last time. */
function asked(file: string): number {
  const count = server.of(file).length;
  server.log.splice(0, server.log.length, ...server.log.filter((served) => served.file !== file));
  return count;
}

test("an adapter is taken before the checkpoint, counted by itself, and kept for the next visit", async () => {
  keepInCaches();
  server.files.set("model.gguf", gguf(7));
  server.files.set("adapter.bin", adapter("a"));
  const files = { checkpoint: `${server.url}model.gguf`, adapter: `${server.url}adapter.bin`, pack: packOf("a") };
  fake.log.adapters = [];
  const first = await loadAdapted(files);
  assert.deepEqual([first.adapter?.loaded, first.adapter?.total, first.adapter?.cached], [9, 9, false]);
  assert.equal(first.checkpoint?.loaded, gguf(7).length);
  assert.deepEqual(fake.log.adapters, [["a", 0]]);
  const second = await loadAdapted(files);
  assert.deepEqual([second.adapter?.cached, second.checkpoint?.cached], [true, true]);
  assert.deepEqual([asked("adapter.bin"), asked("model.gguf")], [1, 1]);
  const bytes = await loadAdapted({ ...files, adapter: adapter("a") });
  assert.equal(bytes.adapter, undefined);
});

test("a broken adapter fails before the checkpoint is there; one of another base, and a pack of another one, are told", async () => {
  const living = fake.log.living;
  server.files.set("model.gguf", gguf(8));
  const checkpoint = `${server.url}model.gguf`;
  const hold = ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 100)));
  server.next("model.gguf", hold);
  await assert.rejects(loadAdapted({ checkpoint, adapter: Buffer.from("<html>") }), { code: "adapter" });
  await assert.rejects(loadAdapted({ checkpoint, adapter: adapter("of another base") }), { code: "base_mismatch" });
  await assert.rejects(loadAdapted({ checkpoint, adapter: adapter("a"), pack: packOf() }), { code: "base_mismatch" });
  await assert.rejects(loadAdapted({ checkpoint, adapter: adapter("a"), pack: packOf("b") }), {
    code: "base_mismatch",
  });
  await assert.rejects(loadAdapted({ checkpoint, adapter: `${server.url}none` }), { code: "download", status: 404 });
  assert.equal(fake.log.living, living);
});

test("a kept adapter of an older release is fetched again, and its base is not", async () => {
  keepInCaches();
  server.files.set("model.gguf", gguf(9));
  server.files.set("adapter.bin", adapter("a"));
  const files = { checkpoint: `${server.url}model.gguf`, adapter: `${server.url}adapter.bin` };
  await loadAdapted({ ...files, pack: packOf("a") });
  assert.deepEqual([asked("adapter.bin"), asked("model.gguf")], [1, 1]);
  server.files.set("adapter.bin", adapter("b"));
  const renewed = await loadAdapted({ ...files, pack: packOf("b") });
  assert.deepEqual([renewed.adapter?.cached, renewed.checkpoint?.cached], [false, true]);
  assert.deepEqual([asked("adapter.bin"), asked("model.gguf")], [1, 0]);
  assert.equal((await loadAdapted({ ...files, pack: packOf("b") })).adapter?.cached, true);

  // What was kept is damaged.
  await (await caches.open("toolgen")).put(
    files.adapter,
    new Response("GGUF?", { headers: { "content-length": "5" } }),
  );
  await loadAdapted({ ...files, pack: packOf("b") });
  assert.deepEqual([asked("adapter.bin"), asked("model.gguf")], [1, 0]);

  // Where the base is another one, too, both are.
  server.files.set("adapter.bin", adapter("of another base"));
  const named = {
    code: "base_mismatch",
    url: files.adapter,
    message: new RegExp(`^${files.adapter}: adapter: made for`),
  };
  await assert.rejects(loadAdapted({ ...files, pack: packOf("c") }), named);
  assert.deepEqual([asked("adapter.bin"), asked("model.gguf")], [2, 1]);
});

test("a manifest's adapter is loaded, verified and stored with its checkpoint; a given one takes its place", async () => {
  keepInCaches();
  const bytes = gguf(10);
  const { adapter: named } = publish(server, bytes, adapter("a"));
  fake.log.adapters = [];
  server.next(named!.file, wrongAt(3));
  const first = await loadAdapted({ checkpoint: url, pack: packOf("a") });
  assert.deepEqual([first.adapter?.loaded, first.checkpoint?.loaded], [9, bytes.length]);
  assert.deepEqual(fake.log.adapters, [["a", 0]]);
  assert.equal(await hasModel(url), true);
  assert.deepEqual(
    (await listModels()).map(({ bytes, storedBytes }) => [bytes, storedBytes]),
    [[bytes.length + 9, bytes.length + 9]],
  );
  const requests = server.log.length;
  const second = await loadAdapted({ checkpoint: url, pack: packOf("a") });
  assert.deepEqual([second.adapter?.cached, second.checkpoint?.cached, server.log.length], [true, true, requests]);
  await loadAdapted({ checkpoint: url, adapter: adapter("own"), pack: packOf("own") });
  assert.equal(server.log.length, requests);

  // A new release has another adapter: that alone is fetched, when the pack refuses what is stored.
  const { shards, adapter: renewed } = publish(server, bytes, adapter("b"));
  await loadAdapted({ checkpoint: url, pack: packOf("b") });
  assert.deepEqual([asked("manifest.json"), asked(renewed!.file)], [2, 1]);
  assert.ok(shards.every(({ file }) => server.of(file).length === 1));

  // Who brings an adapter fetches and needs no other one.
  await deleteModel(url);
  server.log.length = 0;
  await loadAdapted({ checkpoint: url, adapter: adapter("own"), pack: packOf("own") });
  await loadAdapted({ checkpoint: url, adapter: adapter("own"), pack: packOf("own") });
  assert.deepEqual([asked("manifest.json"), asked(renewed!.file)], [1, 0]);
  assert.equal(await hasModel(url), false);
});

test("a kept file that can't be read any more is fetched again, once", async () => {
  keepInCaches();
  const living = fake.log.living;
  server.files.set("model.gguf", gguf(13));
  server.files.set("adapter.bin", adapter("a"));
  const files = { checkpoint: `${server.url}model.gguf`, adapter: `${server.url}adapter.bin`, pack: packOf("a") };
  await loadAdapted(files);
  for (const url of [files.checkpoint, files.adapter]) {
    server.log.length = 0;
    const cache = await caches.open("toolgen");
    const broken = () => new ReadableStream({ pull: (controller) => controller.error(new TypeError("network error")) });
    const evicted = async () => new Response(broken(), { headers: { "content-length": "5" } });
    caches.open = async () => ({
      ...cache,
      match: (wanted: string) => (wanted === url ? evicted() : cache.match(wanted)),
    });
    await loadAdapted(files);
    caches.open = async () => cache;
    await loadAdapted(files);
    assert.equal(server.log.length, 1, url);
  }
  assert.equal(fake.log.living, living);
});

test("an old pack out of the browser's own cache is fetched again before the checkpoint is", async () => {
  keepInCaches();
  server.files.set("model.gguf", gguf(14));
  server.files.set("pack.json", Buffer.from(packOf("old")));
  const files = { checkpoint: `${server.url}model.gguf`, adapter: adapter("new"), pack: `${server.url}pack.json` };
  await loadAdapted({ ...files, pack: packOf("new") });
  assert.equal(asked("model.gguf"), 1);
  const { fetch } = globalThis;
  const modes: (RequestCache | undefined)[] = [];
  globalThis.fetch = (input, init) => {
    if (String(input).endsWith("pack.json")) modes.push(init?.cache);
    if (init?.cache === "reload") server.files.set("pack.json", Buffer.from(packOf("new")));
    return fetch(input, init);
  };
  try {
    await loadAdapted(files);
  } finally {
    globalThis.fetch = fetch;
  }
  assert.deepEqual([modes, asked("model.gguf")], [[undefined, "reload"], 0]);
});
