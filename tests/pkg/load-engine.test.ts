import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import type { CacheMode, Progress } from "../../pkg/core/types.ts";
import { hasModel } from "../../pkg/index.ts";
import { loadEngine } from "../../pkg/worker/load-engine.ts";
import { serve } from "../../pkg/worker/serve.ts";
import { MODEL, noise, publish } from "./download-fixture.ts";
import { fakeCaches } from "./fake-browser.ts";
import * as fake from "./fake-wasm.ts";
import { ShardServer, type Turn } from "./shard-server.ts";

const TOOLS = [{ name: "add", description: "Adds", parameters: {} }];
const PACK = new TextEncoder().encode(JSON.stringify({ tools: TOOLS, answers: {} }));
const WASM = new URL("file:///toolgen_bg.wasm");
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
    { checkpoint, pack: PACK, wasm: WASM, device: "cpu" },
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

test("aborting a load in the page stops the worker's download", async () => {
  const manifest = publish(server, gguf(4));
  const living = fake.log.living;
  const hold = ({ content, head, send }: Turn) => (head(), send(content.subarray(0, 100)));
  for (const { file } of manifest.shards) server.next(file, hold);
  const { port1, port2 } = new MessageChannel();
  serve(port1 as never, fake, WASM);
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
