/** Servers, workers and storages that never answer: each wait has an end, and says what was waited for. */
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import { collect, download, openFile } from "../../pkg/download/file.ts";
import { openStorage, patient } from "../../pkg/download/open-storage.ts";
import { within } from "../../pkg/util/within.ts";
import { compile } from "../../pkg/worker/compile.ts";
import { RowCache } from "../../pkg/worker/row-cache.ts";
import { MemoryStorage } from "./memory-storage.ts";

const { fetch } = globalThis;
const { compileStreaming } = WebAssembly;
afterEach(() => {
  globalThis.fetch = fetch;
  Object.assign(WebAssembly, { compileStreaming });
  for (const name of ["caches", "indexedDB"]) Reflect.deleteProperty(globalThis, name);
  mock.timers.reset();
});

const never = new Promise<never>(() => {});
const URL_ = "https://models.example/file";
const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Headers come, and these bytes; then nothing, until the request is given up. Counts the requests. */
function stalls(bytes?: Uint8Array, headers: HeadersInit = {}): () => number {
  let requests = 0;
  globalThis.fetch = (_, init) => {
    requests += 1;
    const { signal } = init!;
    const aborted = (fail: (reason: unknown) => void) =>
      signal!.addEventListener("abort", () => fail(signal!.reason), { once: true });
    if (!bytes) return new Promise((_, reject) => aborted(reject));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        aborted((reason) => controller.error(reason));
      },
    });
    return Promise.resolve(new Response(body, { headers }));
  };
  return () => requests;
}

test("a file whose server stalls is given up, and asked for again where nothing has come", async () => {
  const requests = stalls();
  const waiting = download("pack", URL_, () => {}, { stallMs: 20 });
  await assert.rejects(waiting, { code: "download", url: URL_, message: /^The pack .*: no data for 20 ms\.$/ });
  assert.equal(requests(), 3);
  stalls(new Uint8Array(7));
  const cut = openFile("checkpoint", URL_, () => {}, "none", { stallMs: 20 }).then(collect);
  await assert.rejects(cut, { code: "download", message: /cut off after 7 bytes: no data for 20 ms/ });
});

test("a load that is aborted lets go of its files", async () => {
  for (const bytes of [undefined, new Uint8Array(7)]) {
    stalls(bytes);
    const stop = new AbortController();
    const loading = openFile("checkpoint", URL_, () => {}, "none", { signal: stop.signal }).then(collect);
    setTimeout(() => stop.abort("enough"), 10);
    await assert.rejects(loading, (reason) => reason === "enough");
  }
});

test("an answer without bytes is an error that says so, and a stall may take for ever", async () => {
  globalThis.fetch = async () => new Response(null, { status: 204 });
  await assert.rejects(
    download("pack", URL_, () => {}),
    { code: "download", status: 204, message: /HTTP status 204/ },
  );
  globalThis.fetch = async () => new Response("busy", { status: 503 });
  await assert.rejects(
    download("pack", URL_, () => {}),
    { code: "download", status: 503 },
  );
  globalThis.fetch = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response(new Uint8Array(3));
  };
  assert.equal((await collect(await download("pack", URL_, () => {}, { stallMs: Infinity }))).length, 3);
});

for (const headers of [{ "content-type": "application/wasm" }, { "content-type": "application/octet-stream" }]) {
  test(`a module that comes is compiled, and one that stalls is given up: ${headers["content-type"]}`, async () => {
    globalThis.fetch = async () => new Response(WASM, { headers });
    assert.ok((await compile(new URL(URL_), { stallMs: 1000 })) instanceof WebAssembly.Module);
    for (const bytes of [undefined, WASM.subarray(0, 4)]) {
      stalls(bytes, headers);
      await assert.rejects(compile(new URL(URL_), { stallMs: 20 }), { message: "no data for 20 ms" });
    }
    globalThis.fetch = async () => new Response("", { status: 404 });
    await assert.rejects(compile(new URL(URL_)), { message: "HTTP status 404" });
    globalThis.fetch = async () => new Response("<html>", { headers });
    await assert.rejects(compile(new URL(URL_)), WebAssembly.CompileError);
  });
}

test("a compiler that refuses is not waited for", async () => {
  Object.assign(WebAssembly, { compileStreaming: () => Promise.reject(new WebAssembly.CompileError("the policy")) });
  stalls(WASM.subarray(0, 4), { "content-type": "application/wasm" });
  await assert.rejects(compile(new URL(URL_)), { message: "the policy" });
});

/** A worker that answers a request with these messages, and nothing else. */
function workerSaying(...messages: unknown[]): WorkerLike & { ended: boolean } {
  return {
    ended: false,
    onmessage: null,
    postMessage() {
      for (const data of messages) this.onmessage!({ data } as MessageEvent);
    },
    terminate() {
      this.ended = true;
    },
  };
}

test("a script that isn't the package's worker says nothing that is understood, and is ended", async () => {
  for (const messages of [[], ["ready", null, 5, {}, { id: "x", type: "done" }]]) {
    mock.timers.enable({ apis: ["setTimeout"] });
    const worker = workerSaying(...messages);
    const loading = new Client(worker).ask({ type: "load", checkpoint: URL_ });
    mock.timers.tick(60_000);
    assert.equal(worker.ended, false);
    mock.timers.tick(1000);
    await assert.rejects(loading, { code: "crashed", message: /says nothing: .*option `worker`/ });
    assert.equal(worker.ended, true);
    mock.timers.reset();
  }
});

test("a worker that lives has all the time that it takes", async () => {
  for (const word of [{ alive: "" }, { id: 1, type: "progress", progress: {} }]) {
    mock.timers.enable({ apis: ["setTimeout"] });
    const worker = workerSaying(word);
    void new Client(worker).ask({ type: "load", checkpoint: URL_ });
    mock.timers.tick(1e9);
    assert.equal(worker.ended, false);
    mock.timers.reset();
  }
});

test("a database that doesn't open, or doesn't answer, is done without, and closed when it opens after all", async () => {
  let closed = 0;
  const database = {
    close: () => (closed += 1),
    transaction: () => ({ objectStore: () => ({ get: () => ({}), put: () => ({}) }) }),
  };
  const request: { result: unknown; onsuccess?(event: unknown): void } = { result: database };
  Object.assign(globalThis, { indexedDB: { open: () => request } });
  const without = await RowCache.open(10);
  assert.equal(await without.get("a"), undefined);
  request.onsuccess!({ target: request });
  assert.equal(closed, 1);

  const opening = RowCache.open(60_000);
  request.onsuccess!({ target: request });
  const mute = await opening;
  mock.timers.enable({ apis: ["setTimeout"] });
  const [read, written] = [mute.get("a"), mute.put("b", new Float32Array(1))];
  mock.timers.tick(10_000);
  assert.deepEqual([await read, await written], [undefined, undefined]);
  // The next row doesn't wait again.
  assert.equal(await mute.get("c"), undefined);
});

test("caches and file systems that don't answer are done without", async () => {
  await assert.rejects(within(never, 10), { message: /too long/ });
  assert.equal(await within(Promise.resolve(7), 10), 7);
  const mute = new Proxy({} as MemoryStorage, { get: () => () => never });
  for (const work of ["models", "sizes", "read", "write", "remove"] as const)
    await assert.rejects((patient(mute, 10)[work] as () => Promise<unknown>)(), work);

  mock.timers.enable({ apis: ["setTimeout"] });
  const tick = setInterval(() => mock.timers.tick(10_000), 5);
  try {
    Object.assign(globalThis, { caches: { open: () => never } });
    assert.equal(await openStorage(), undefined);
    // One that opens and then takes nothing.
    Object.assign(globalThis, { caches: { open: async () => ({ match: () => never, put: () => never }) } });
    globalThis.fetch = async () => new Response(new Uint8Array(3), { headers: { "content-length": "3" } });
    const file = await openFile("checkpoint", URL_, () => {}, "prefer");
    assert.equal((await collect(file)).length, 3);
    await file.copy!.commit();
  } finally {
    clearInterval(tick);
  }
});
