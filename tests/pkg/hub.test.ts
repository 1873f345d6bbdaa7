/** Several pages at one engine: each gets its own answers, and is offered its own tools. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import type { Tool } from "../../pkg/index.ts";
import type { ToWorker } from "../../pkg/protocol.ts";
import { Toolgen } from "../../pkg/toolgen.ts";
import { warmUp } from "../../pkg/warm-up.ts";
import { Hub } from "../../pkg/worker/hub.ts";
import { serve } from "../../pkg/worker/serve.ts";
import * as fake from "./fake-wasm.ts";
import { closeAll, collect } from "./loaded.ts";

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
  closeAll();
});

const inputSchema = { type: "object" };
const define = (name: string, description = name) => ({ name, description, inputSchema, execute: () => name });
const pack = (...names: string[]) => {
  const tools = names.map((name): Tool => ({ name, description: name, parameters: inputSchema }));
  const answers = { hello: null, ring: { name: "ring", arguments: {} } };
  return `data:application/json,${encodeURIComponent(JSON.stringify({ tools, answers }))}`;
};
const GGUF = "data:application/octet-stream,GGUF";

const served = ({ engine }: Hub) => serve(engine, fake, { strict: new URL("file:///toolgen_bg.wasm") });

/** An engine, and what makes a page at it. */
function begin(attach = served) {
  let crashed = 0;
  const hub = new Hub(() => (crashed += 1));
  attach(hub);
  const sent: ToWorker[] = [];
  const take = hub.engine.onmessage!;
  hub.engine.onmessage = (event) => (sent.push(event.data), take(event));
  const page = () => {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    const { leave } = hub.connect(port1 as never);
    const worker = Object.assign(port2 as unknown as WorkerLike, { terminate: leave });
    const heard: unknown[] = [];
    const client = new Client(worker);
    const receive = worker.onmessage!;
    worker.onmessage = (event) => {
      heard.push(event.data);
      if ("id" in event.data) receive.call(worker, event);
    };
    const load = async (files: { pack?: string; checkpoint?: string } = {}) =>
      new Toolgen(client, await client.ask({ type: "load", checkpoint: GGUF, ...files }, {}), {});
    return { client, load, heard };
  };
  return { page, sent, crashes: () => crashed };
}

const namesOf = (ranking: { name: string }[]) => ranking.map(({ name }) => name).sort();

test("what one page has loaded is there for the next, and for those who wait", async () => {
  const { page } = begin();
  fake.log.opened.length = 0;
  const files = { pack: pack("ring") };
  const [first, second] = await Promise.all([page().load(files), page().load(files)]);
  const third = await page().load(files);
  for (const toolgen of [first, second, third]) assert.deepEqual(namesOf([...toolgen.tools]), ["ring"]);
  assert.equal(fake.log.opened.length, 1);
  await assert.rejects(page().load({ pack: pack("other") }), { code: "bad_argument", message: /load the same/ });
  await assert.rejects(page().load({ checkpoint: 5 as never }), { code: "bad_argument" });
});

test("a load that fails fails for all who wait, and can be tried again", async () => {
  const { page } = begin();
  const bad = { checkpoint: "data:text/plain,none" };
  const loads = await Promise.allSettled([page().load(bad), page().load(bad)]);
  assert.deepEqual(
    loads.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  await page().load();
});

test("each page gets the answers to its own questions, from its own functions", async () => {
  const { page, sent } = begin();
  const files = { pack: pack("ring") };
  const [a, b] = [await page().load(files), await page().load(files)];
  const options = (told: string) => ({ approve: () => true, functions: { ring: () => told } });
  const runs = await Promise.all([collect(a.run("ring", options("a"))), collect(b.run("ring", options("b")))]);
  const results = runs.map((events) => {
    const last = events.at(-1);
    return last?.type === "finish" && last.observation?.result;
  });
  assert.deepEqual(results, [{ result: "a" }, { result: "b" }]);
  await b.register([define("tell")]);
  await a.call("ring");
  await b.call("ring");
  const calls = sent.flatMap((message) => (message.type === "call" ? [message.tools] : []));
  assert.deepEqual(calls, [["ring"], undefined], "to choose from");
});

test("a page is offered its own tools alone", async () => {
  const { page } = begin();
  const [a, b] = [await page().load(), await page().load()];
  await a.register([define("ring", "Do it"), define("both")]);
  const { conflicts } = await b.register([define("tell", "Do that"), define("both")]);
  assert.deepEqual(conflicts, [], "of tools that it doesn't have it hears nothing");
  assert.deepEqual(await b.conflicts(), []);
  assert.deepEqual(namesOf(await a.retrieve("x")), ["both", "ring"]);
  assert.deepEqual(namesOf(await b.retrieve("x")), ["both", "tell"]);
  const foreign = collect(b.completeArguments("x", "ring"));
  await assert.rejects(foreign, { code: "bad_argument", message: /no tool ring/ });
  await assert.rejects(collect(b.completeArguments("x", "nobody's")), { code: "bad_option" });
  assert.ok((await collect(a.completeArguments("x", "ring", { maxTokens: 3 }))).length > 0);
  await assert.rejects(b.register([define("both", "another")]), { code: "bad_tool", message: /another tool both/ });
  await a.unregister(["both", "tell"]);
  assert.deepEqual(namesOf(await b.retrieve("x")), ["both", "tell"], "what is another's stays");
  await b.register([define("both", "another")]);
});

test("tools of a pack stay for those who come later; others go with the last page that has them", async () => {
  const { page } = begin();
  const files = { pack: pack("ring") };
  const a = await page().load(files);
  const b = await page().load(files);
  await a.register([define("later")]);
  await a.unregister(["ring"]);
  a.dispose();
  assert.deepEqual(namesOf(await b.retrieve("x")), ["ring"]);
  await b.register([define("later", "another")]);
  assert.deepEqual(namesOf([...(await page().load(files)).tools]), ["ring"]);
});

test("a tool that can't be called is nobody's, and takes no other's place", async () => {
  const { page } = begin();
  const a = await page().load();
  await a.register([define("ring")]);
  const bad = (name: string) => ({ ...define(name), inputSchema: { type: "object", not: {} } });
  assert.equal((await a.register([bad("ring"), bad("tell")])).skipped.length, 2);
  assert.deepEqual(namesOf(await a.retrieve("x")), ["ring"]);
  await a.call("x");
  await (await page().load()).register([define("tell")]);
});

test("an abort ends a page's own question; a page that is gone takes its questions along", async () => {
  const { page } = begin();
  const [a, b] = [await page().load({ pack: pack("ring") }), await page().load({ pack: pack("ring") })];
  const stop = new AbortController();
  const approve = () => (stop.abort(), new Promise<boolean>(() => {}));
  await assert.rejects(collect(a.run("ring", { approve, signal: stop.signal })), { name: "AbortError" });
  await b.call("hello");
  const { living } = fake.log;
  await new Promise<void>((asked) => {
    const approve = () => (asked(), new Promise<boolean>(() => {}));
    void collect(a.run("ring", { approve })).catch(() => {});
  });
  a.dispose();
  assert.equal((await b.call("hello")).call, null);
  assert.equal(fake.log.living, living, "the stream of the run is freed");
});

test("a loading that nobody waits for ends", async () => {
  const { page } = begin();
  const { client } = page();
  const stop = new AbortController();
  const loading = client.ask({ type: "load", checkpoint: GGUF }, { signal: stop.signal });
  stop.abort();
  await assert.rejects(loading, { name: "AbortError" });
  await page().load();
});

test("a crash is told to every page", async () => {
  const { page, crashes } = begin();
  const [a, b] = [page(), page()];
  const toolgen = await a.load();
  await b.load();
  void collect(toolgen.complete("crash")).catch(() => {});
  for (let tries = 0; tries < 100 && crashes() === 0; tries += 1) await new Promise(setImmediate);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(crashes(), 1);
  for (const { heard } of [a, b]) assert.match((heard.at(-1) as { crashed: string }).crashed, /crashed/);
});

test("warming up does what a question does, and carries nothing out", async () => {
  const toolgen = await begin().page().load();
  fake.log.started.length = 0;
  await warmUp(toolgen);
  assert.deepEqual(fake.log.started, ["Hello"]);
  let carriedOut = 0;
  await toolgen.register([{ ...define("ring", "Rings."), execute: () => void (carriedOut += 1) }]);
  await warmUp(toolgen);
  assert.deepEqual([fake.log.started.at(-1), carriedOut], ["Rings.", 0]);
  await assert.rejects(warmUp(toolgen, { signal: AbortSignal.abort() }), { name: "AbortError" });
  await assert.rejects(warmUp(toolgen, 5 as never), { code: "bad_argument" });
});

test("a name of the pack means the same to all pages, and a closed object what an open one does", async () => {
  const { page } = begin();
  const files = { pack: pack("ring") };
  const [a, b] = [await page().load(files), await page().load(files)];
  await assert.rejects(a.register([define("ring", "another")]), {
    code: "bad_tool",
    message: /pack.*another tool ring/,
  });
  await a.register([define("ring")]);
  await a.register([{ ...define("tell"), inputSchema: { type: "object", properties: { x: { type: "object" } } } }]);
  const closed = { type: "object", additionalProperties: false };
  await b.register([{ ...define("tell"), inputSchema: { ...closed, properties: { x: closed } } }]);
});

test("the best of a page's tools are found below all that are another's", async () => {
  const { page } = begin();
  const [a, b] = [await page().load(), await page().load()];
  await a.register(Array.from({ length: 20 }, (_, i) => define(`a${i}`)));
  await b.register([define("b1"), define("b2"), define("b3")]);
  assert.deepEqual(namesOf(await b.retrieve("x", { topK: 2 })), ["b1", "b2"]);
  await assert.rejects(b.call("x", { tools: ["a1"] }), { code: "bad_argument", message: /no tool a1/ });
});

test("what comes to nothing leaves the page with the tools that it had", async () => {
  const { page } = begin();
  const [a, b] = [await page().load(), await page().load()];
  await a.register([define("ring"), define("tell")]);
  // They wait for their turn when they are aborted.
  fake.log.millisecondsPerStep = 20;
  const slow = b.register([define("slow")]);
  const aborted = (work: (signal: AbortSignal) => Promise<unknown>) => {
    const stop = new AbortController();
    queueMicrotask(() => stop.abort());
    return assert.rejects(work(stop.signal), { name: "AbortError" });
  };
  await aborted((signal) => a.unregister(["tell"], { signal }));
  await aborted((signal) => a.register([define("ring", "new")], { signal }));
  await slow;
  fake.log.millisecondsPerStep = 0;
  await a.register([{ ...define("ring", "bad"), inputSchema: { type: "object", not: {} } }]);
  assert.deepEqual(namesOf(await a.retrieve("x")), ["ring", "tell"]);
  // Others may share what is really there, and nothing else.
  await b.register([define("ring"), define("tell")]);
  await assert.rejects(b.register([define("ring", "new")]), { code: "bad_tool" });
});

test("a tool that is taken away while it is being registered is gone", async () => {
  const { page } = begin();
  const [a, b] = [await page().load(), await page().load()];
  await Promise.all([a.register([define("ring")]), a.unregister(["ring"])]);
  await b.register([define("ring", "another")]);
  assert.deepEqual(namesOf(await a.retrieve("x")), []);
});

test("a page that is alone may load other files; its engine is another one then", async () => {
  const { page } = begin();
  const first = await page().load({ pack: pack("ring") });
  first.dispose();
  const second = await page().load({ pack: pack("tell") });
  assert.deepEqual(namesOf(await second.retrieve("x")), ["tell"]);
  await second.register([define("ring", "another")]);
  await assert.rejects(page().load({ pack: pack("ring") }), { code: "bad_argument", message: /load the same/ });
});

test("a tool as the engine has restricted it is the same tool, and another one is not", async () => {
  const restrict = (tool: Tool): Tool => ({ ...tool, parameters: { ...tool.parameters, maxProperties: 9 } });
  const { page } = begin(({ engine }) => {
    engine.onmessage = ({ data }) => {
      const done = (value: any) => engine.postMessage({ id: data.id, type: "done", value });
      if (data.type !== "register") return done([]);
      done({ added: data.tools.map(restrict), fresh: [], narrowed: [], skipped: [], conflicts: [] });
    };
  });
  const [a, b] = [await page().load(), await page().load()];
  await a.register([define("ring")]);
  await b.register([{ ...define("ring"), inputSchema: { type: "object", maxProperties: 9 } }]);
  const other = { ...define("ring"), inputSchema: { type: "object", maxProperties: 8 } };
  await assert.rejects(b.register([other]), { code: "bad_tool" });
});
