import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import { ToolgenError } from "../../pkg/core/errors.ts";
import type { DeviceChoice, Functions, Progress, RunEvent } from "../../pkg/index.ts";
import { Toolgen } from "../../pkg/toolgen.ts";
import { serve } from "../../pkg/worker/serve.ts";
import type { WasmModule } from "../../pkg/worker/wasm.ts";
import * as fake from "./fake-wasm.ts";

const CHECKPOINT = "data:application/octet-stream,GGUF-and-weights";
const PACK = {
  tools: [
    { name: "add", description: "Adds", parameters: {}, annotations: { readOnlyHint: true } },
    {
      name: "fetch",
      description: "Fetches",
      parameters: {},
      http: { method: "GET", url: "https://api.example/{id}", result: { value: "/value" } },
      annotations: { readOnlyHint: true },
    },
    { name: "send", description: "Sends", parameters: {} },
  ],
  answers: {
    "two and three": { name: "add", arguments: { a: 2, b: 3 } },
    "number seven": { name: "fetch", arguments: { id: 7 } },
    "hello there": null,
    "send it": { name: "send", arguments: { text: "it" } },
  },
};
const ADAPTER = "data:,adapter%20a";
const pack = (adapter?: string) => new TextEncoder().encode(JSON.stringify({ ...PACK, adapter }));

let worker: WorkerLike & { terminated: boolean };
let opened: MessagePort[] = [];

/** A client and a server joined by a channel, as a worker would join them. */
function connect(wasm: WasmModule = fake): Client {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  serve(port1 as never, wasm, { strict: new URL("file:///toolgen_bg.wasm") });
  worker = Object.assign(port2 as unknown as WorkerLike, {
    terminated: false,
    terminate() {
      worker.terminated = true;
      port2.close();
    },
  });
  return new Client(worker);
}

async function loaded(functions: Functions = {}, device?: DeviceChoice): Promise<Toolgen> {
  const client = connect();
  return new Toolgen(
    client,
    await client.ask({ type: "load", checkpoint: CHECKPOINT, adapter: ADAPTER, pack: pack("a"), device }, {}),
    functions,
  );
}

afterEach(() => {
  for (const port of opened) port.close();
  opened = [];
  fake.log.started.length = 0;
});

test("loading reports every byte and gives the tools", async () => {
  const progress: Progress[] = [];
  const url = `data:application/json;base64,${Buffer.from(pack("a")).toString("base64")}`;
  const tools = await connect().ask(
    { type: "load", checkpoint: CHECKPOINT, adapter: Buffer.from("adapter a"), pack: url },
    { onProgress: (p) => progress.push(p) },
  );
  assert.deepEqual(tools, PACK.tools);
  assert.equal(progress.findLast(({ file }) => file === "pack")!.loaded, pack("a").length);
  assert.equal(progress.findLast(({ file }) => file === "checkpoint")!.loaded, 16);
});

test("a bad checkpoint, a bad pack and a missing module are refused, and nothing is left behind", async () => {
  const living = fake.log.living;
  const load = (checkpoint: string, bytes: Uint8Array, wasm: WasmModule = fake) =>
    connect(wasm).ask({ type: "load", checkpoint, pack: bytes, wasm: undefined }, {});
  const png = { name: "ToolgenError", code: "gguf", url: "data:,PNG...", message: /^data:,PNG\.\.\.: / };
  await assert.rejects(load("data:,PNG...", pack()), png);
  await assert.rejects(load(CHECKPOINT, new Uint8Array(3)), { code: "pack" });
  await assert.rejects(load("http://localhost:1/x.gguf", pack()), {
    code: "download",
    url: "http://localhost:1/x.gguf",
    message: /localhost:1/,
  });
  const broken = { ...fake, start: () => Promise.reject(new Error("404")) };
  await assert.rejects(load(CHECKPOINT, pack(), broken), {
    code: "wasm",
    message: /toolgen_bg\.wasm.*wasm-unsafe-eval/,
  });
  assert.equal(fake.log.living, living);
});

test("retrieve, call, complete and memory", async () => {
  const toolgen = await loaded();
  const ranking = await toolgen.retrieve("number seven", { topK: 2 });
  assert.deepEqual(
    ranking.map(({ name }) => name),
    ["fetch", "add"],
  );

  const seen: string[] = [];
  const {
    call,
    ranking: three,
    ...rest
  } = await toolgen.call("two and three", { onEvent: ({ type }) => seen.push(type) });
  assert.deepEqual(
    [call, three.length, rest],
    [{ name: "add", arguments: { a: 2, b: 3 } }, 3, { sure: true, missing: [] }],
  );
  assert.deepEqual([...new Set(seen)], ["prefill", "ranking", "tool", "arguments", "call"]);

  const ids: number[] = [];
  for await (const { id } of toolgen.complete("hello", { maxTokens: 4 })) ids.push(id);
  assert.deepEqual(ids, [0, 1, 2, 3]);
  assert.deepEqual(await toolgen.memory(), { wasmBytes: 100, checkpointBytes: 16 });
});

test("what a tool's arguments would be without the grammar comes as tokens, and can be aborted", async () => {
  const toolgen = await loaded();
  fake.log.asked.length = 0;
  const before = [{ query: "two and three", call: { name: "add", arguments: { a: 2, b: 3 } } }];
  const options = { maxTokens: 2, now: null, before };
  const tokens = await collect(toolgen.completeArguments("and four?", "add", options));
  assert.deepEqual(tokens, [
    { id: 0, text: "{add" },
    { id: 1, text: "{add" },
  ]);
  assert.equal(fake.log.asked.at(-1)!.before![0]!.text, "two and three");
  await assert.rejects(collect(toolgen.completeArguments("x", "none")), {
    code: "bad_option",
    message: /no tool `none`/,
  });
  await assert.rejects(collect(toolgen.completeArguments("x", 5 as never)), { code: "bad_argument", message: /tool/ });
  const living = fake.log.living;
  const abort = new AbortController();
  const reading = async () => {
    for await (const _ of toolgen.completeArguments("slow", "add", { maxTokens: 10_000, signal: abort.signal }))
      abort.abort();
  };
  await assert.rejects(reading(), { name: "AbortError" });
  await toolgen.call("two and three");
  assert.equal(fake.log.living, living);
});

test("what wraps objects in proxies leaves it alone", async () => {
  const toolgen = await loaded();
  // Vue makes nothing reactive that can't be extended; a proxy would lose the private fields.
  assert.equal(Object.isExtensible(toolgen), false);
  assert.equal(Object.isExtensible(await toolgen.conversation()), false);
});

test("callEvents tells of a call as it happens; its last event is the call, or that no tool fits", async () => {
  const toolgen = await loaded();
  const events = await collect(toolgen.callEvents("two and three", { topK: 1 }));
  assert.deepEqual([...new Set(events.map(({ type }) => type))], ["prefill", "ranking", "tool", "arguments", "call"]);
  assert.deepEqual(events.at(-1), { type: "call", call: { name: "add", arguments: { a: 2, b: 3 } } });
  assert.equal((await collect(toolgen.callEvents("hello there"))).at(-1)!.type, "abstain");
  await assert.rejects(collect(toolgen.callEvents("")), { code: "question_empty" });
  const stop = new AbortController();
  const cut = async () => {
    for await (const { type } of toolgen.callEvents("two and three", { signal: stop.signal }))
      if (type === "tool") stop.abort("enough");
  };
  await assert.rejects(cut(), (reason) => reason === "enough");
  for await (const { type } of toolgen.callEvents("slow")) if (type === "ranking") break;
  assert.equal((await toolgen.call("two and three")).call?.name, "add");
});

test("where no tool fits, call gives the ranking and no call, and run finishes without one", async () => {
  const toolgen = await loaded();
  const { call, sure, missing, ranking } = await toolgen.call("hello there");
  assert.deepEqual([call, sure, missing, ranking.length > 0], [null, false, [], true]);
  const events = await collect(toolgen.run("hello there"));
  assert.deepEqual(
    events.slice(-2).map(({ type }) => type),
    ["abstain", "finish"],
  );
  const last = events.at(-1);
  assert.ok(last?.type === "finish" && last.call === null && last.ranking.length > 0);
});

test("the model's errors keep their code", async () => {
  const toolgen = await loaded();
  await assert.rejects(toolgen.call(""), (error) => error instanceof ToolgenError && error.code === "question_empty");
  await assert.rejects(collect(toolgen.complete("fail")), { code: "backend" });
  assert.equal((await toolgen.call("two and three")).call?.name, "add");
});

test("questions are computed one at a time, in order", async () => {
  const toolgen = await loaded();
  const order: string[] = [];
  const asked = ["a", "b", "c"].map((question) => toolgen.call(question, { onEvent: () => order.push(question) }));
  await Promise.all(asked);
  assert.deepEqual([...new Set(order)], ["a", "b", "c"]);
  assert.equal(order.join("").replace(/(.)\1*/g, "$1"), "abc");
});

test("a stream whose device is lost goes on with another, and the second loss in a minute moves it to the processor", async () => {
  const toolgen = await loaded();
  const living = fake.log.living;
  fake.log.opened.length = 0;
  fake.log.adapters.length = 0;
  for (const [losses, kind, opened] of [
    [0, "webgpu", []],
    [1, "webgpu", ["auto"]],
    [1, "cpu", ["auto", "cpu"]],
  ] as const) {
    fake.log.losses = losses;
    const ids: number[] = [];
    for await (const { id } of toolgen.complete("hello", { maxTokens: 8 })) ids.push(id);
    assert.deepEqual(ids, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal((await toolgen.device()).kind, kind);
    assert.deepEqual(fake.log.opened, opened);
  }
  assert.match((await toolgen.device()).reason!, /lost/);
  assert.deepEqual(
    fake.log.adapters.map(([name]) => name),
    ["a", "a"],
  );
  assert.equal(fake.log.living, living);
});

test("a GPU that was asked for and doesn't come back leaves the stream to the processor", async () => {
  const toolgen = await loaded({}, "webgpu");
  const living = fake.log.living;
  Object.assign(fake.log, { losses: 1, gpuIsGone: true });
  const ids: number[] = [];
  for await (const { id } of toolgen.complete("hello", { maxTokens: 8 })) ids.push(id);
  fake.log.gpuIsGone = false;
  assert.deepEqual(ids, [0, 1, 2, 3, 4, 5, 6, 7]);
  const { kind, reason } = await toolgen.device();
  assert.equal(kind, "cpu");
  assert.match(reason!, /no adapter/);
  assert.equal(fake.log.living, living);
});

test("where the GPU has no room for the model, the processor takes it, and says why", async () => {
  fake.log.gpuIsFull = true;
  const toolgen = await loaded();
  fake.log.gpuIsFull = false;
  const { kind, reason } = await toolgen.device();
  assert.equal(kind, "cpu");
  assert.match(reason!, /7 bytes/);
  assert.equal((await toolgen.call("two and three")).call?.name, "add");
});

test("an abort in mid-stream rejects with the signal's reason, frees the stream, and the next question works", async () => {
  const toolgen = await loaded();
  const living = fake.log.living;
  const abort = new AbortController();
  const reason = new Error("enough");
  let tokens = 0;
  const reading = (async () => {
    for await (const _ of toolgen.complete("slow", { maxTokens: 10_000, signal: abort.signal })) {
      if (++tokens === 3) abort.abort(reason);
    }
  })();
  await assert.rejects(reading, (error) => error === reason);
  assert.equal(tokens, 3);
  assert.equal((await toolgen.call("two and three")).call?.name, "add");
  assert.equal(fake.log.living, living);
});

test("a question that is aborted while it waits is never computed", async () => {
  const toolgen = await loaded();
  const abort = new AbortController();
  const first = collect(toolgen.complete("slow", { maxTokens: 20 }));
  const second = toolgen.call("waiting", { signal: abort.signal });
  abort.abort();
  await assert.rejects(second, { name: "AbortError" });
  await assert.rejects(toolgen.call("never", { signal: abort.signal }), { name: "AbortError" });
  await assert.rejects(collect(toolgen.run("never", { signal: abort.signal })), { name: "AbortError" });
  await first;
  await toolgen.call("last");
  assert.deepEqual(fake.log.started, ["slow", "last"]);
});

test("leaving the loop early cancels", async () => {
  const toolgen = await loaded();
  for await (const _ of toolgen.complete("slow", { maxTokens: 10_000 })) break;
  const started = performance.now();
  await toolgen.call("two and three");
  assert.ok(performance.now() - started < 1000);
});

test("a stream that has ended is watched no longer: a callback when it is collected ends a page that is put away", async (t) => {
  const toolgen = await loaded();
  const watched = new Map<unknown, object>();
  const registry = FinalizationRegistry.prototype as FinalizationRegistry<unknown>;
  t.mock.method(registry, "register", (stream: object, _: unknown, token: unknown) => void watched.set(token, stream));
  t.mock.method(registry, "unregister", (token: object) => watched.delete(token));
  const unread = toolgen.complete("slow", { maxTokens: 2 });
  await unread.next();
  assert.equal(watched.size, 1);
  await collect(toolgen.complete("slow", { maxTokens: 2 }));
  for await (const _ of toolgen.complete("slow", { maxTokens: 10_000 })) break;
  assert.equal(watched.size, 1);
  await collect(unread);
  assert.equal(watched.size, 0);
});

test("a crash, a worker error and dispose() reject all that is pending, and what comes after", async () => {
  const crashed = await loaded();
  const pending = [collect(crashed.complete("crash", { maxTokens: 50 })), crashed.call("b")];
  for (const promise of pending) await assert.rejects(promise, { code: "crashed" });
  assert.equal(worker.terminated, true);
  await assert.rejects(crashed.call("c"), { code: "crashed" });

  const failed = await loaded();
  const call = failed.call("a");
  worker.onerror!({ message: "boom" } as ErrorEvent);
  await assert.rejects(call, { code: "crashed", message: /boom/ });

  const disposed = await loaded();
  const waiting = [disposed.call("a"), collect(disposed.run("b")), disposed.memory()];
  disposed.dispose();
  for (const promise of waiting) await assert.rejects(promise, { code: "disposed" });
  disposed.dispose();
  await assert.rejects(disposed.retrieve("a"), { code: "disposed" });
  assert.equal((await (await loaded()).call("two and three")).call?.name, "add");
});

test("run carries out a function and reports each step", async () => {
  const toolgen = await loaded({ add: ({ a, b }) => a + b });
  const events = await collect(toolgen.run("two and three"));
  assert.deepEqual(
    [...new Set(events.map(({ type }) => type))],
    ["prefill", "ranking", "tool", "arguments", "call", "observation", "answer", "finish"],
  );
  assert.deepEqual(observed(events)?.result, { result: 5 });
  const text = events.map((event) => (event.type === "arguments" ? event.text : "")).join("");
  assert.deepEqual(JSON.parse(text), { a: 2, b: 3 });

  const override = await collect(toolgen.run("two and three", { functions: { add: async () => ({ sum: "five" }) } }));
  assert.deepEqual(observed(override)?.result, { sum: "five" });
});

test("run carries out an http description", async () => {
  const toolgen = await loaded();
  const fetch = async (url: unknown) => Response.json({ value: String(url) });
  const events = await collect(toolgen.run("number seven", { fetch: fetch as typeof globalThis.fetch }));
  const request = events.find((event) => event.type === "request");
  assert.equal(request?.type === "request" && request.request.url, "https://api.example/7");
  assert.deepEqual(observed(events)?.result, { value: "https://api.example/7" });
});

test("run reports a tool's failure as an event and still finishes", async () => {
  const code = async (events: Promise<RunEvent[]>) => {
    const all = await events;
    assert.equal(all.at(-1)?.type, "finish");
    return all.flatMap((event) => (event.type === "error" ? [event.error.code] : []))[0];
  };
  const throwing = await loaded({ add: () => assert.fail("no"), send: () => "sent" });
  assert.equal(await code(collect(throwing.run("two and three"))), "function_failed");
  assert.equal(await code(collect(throwing.run("send it"))), "not_approved");
  assert.equal(await code(collect(throwing.run("send it", { approve: () => false }))), "not_approved");
  assert.equal(await code(collect(throwing.run("send it", { approve: async () => true }))), undefined);
  await assert.rejects(collect(throwing.run("two and three", { tools: ["none"] })), { code: "bad_option" });
  const silent = { add: () => new Promise(() => {}) };
  assert.equal(await code(collect(throwing.run("two and three", { functions: silent, timeoutMs: 20 }))), "timeout");
  assert.equal(await code(collect((await loaded()).run("two and three"))), "no_executor");
});

test("aborting run while its tool works rejects with the reason and tells the function", async () => {
  const toolgen = await loaded();
  const abort = new AbortController();
  let told: AbortSignal | undefined;
  const add = (_: unknown, { signal }: { signal: AbortSignal }) => {
    told = signal;
    queueMicrotask(() => abort.abort());
    return new Promise(() => {});
  };
  await assert.rejects(collect(toolgen.run("two and three", { functions: { add }, signal: abort.signal })), {
    name: "AbortError",
  });
  assert.equal(told?.aborted, true);
});

function observed(events: RunEvent[]) {
  for (const event of events) if (event.type === "observation") return event.observation;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
