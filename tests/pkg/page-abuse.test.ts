/** What a page may do wrong, or do at a bad moment: each gives a ToolgenError or nothing, and the next question works. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Client, type WorkerLike } from "../../pkg/client.ts";
import { defineTool, load, type RunEvent, type Tool, type Toolgen } from "../../pkg/index.ts";
import { read } from "../../pkg/util/options.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

const tool = (name: string): Tool => ({
  name,
  description: `Does ${name}`,
  parameters: { type: "object" },
  annotations: { readOnlyHint: true },
});
const ANSWERS = {
  "do a": { name: "a", arguments: {} },
  "do it": { name: "b", arguments: {} },
};
const thrower = () => {
  throw new Error("a getter threw");
};
const trap = new Proxy({}, { get: thrower, ownKeys: thrower, has: thrower, getOwnPropertyDescriptor: thrower });

afterEach(closeAll);

function open(a: () => unknown = () => "done"): Promise<Toolgen> {
  return toolgenOf({ tools: [tool("a"), tool("b")], answers: ANSWERS }, { a, b: () => "b's" });
}
const finish = (events: RunEvent[]) => events.find((event) => event.type === "finish");

test("whatever a function gives back, the run ends, and so does the next one", async () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const { proxy } = revoked;
  const results = [trap, proxy, { toString: 5 }, Symbol("s"), 10n, () => 1, Object.freeze({}), new Proxy([], {}), NaN];
  let result: unknown;
  const toolgen = await open(() => result);
  for (result of [
    ...results,
    {
      get label() {
        return thrower();
      },
    },
    { then: 5 },
    new Map(),
    new WeakMap(),
  ]) {
    const end = finish(await collect(toolgen.run("do a")));
    assert.match(end!.reason, /^(done|failed)$/);
    assert.equal(finish(await collect(toolgen.run("do it")))!.observation!.body, "b's");
  }
});

test("disposed of inside an event, nothing more is carried out", async () => {
  for (const at of ["ranking", "tool", "call"] as const) {
    let carriedOut = 0;
    const toolgen = await open(() => (carriedOut += 1));
    const running = (async () => {
      for await (const { type } of toolgen.run("do a")) if (type === at) toolgen.dispose();
    })();
    await assert.rejects(running, { code: "disposed" });
    assert.equal(carriedOut, 0, at);
    await assert.rejects(toolgen.retrieve("do a"), { code: "disposed" });
    toolgen.dispose();
  }
});

test("calls, registrations and questions inside events and functions of a run are answered", async () => {
  const toolgen: Toolgen = await open(async () => {
    await toolgen.register([defineTool({ name: "c", description: "Does c", inputSchema: { type: "object" } })]);
    return (await toolgen.call("do it")).call;
  });
  const inner: unknown[] = [];
  for await (const event of toolgen.run("do a")) {
    if (event.type === "call") inner.push(finish(await collect(toolgen.run("do it")))!.reason);
    if (event.type === "observation") inner.push(event.observation.body);
  }
  assert.deepEqual(inner, ["done", { name: "b", arguments: {} }]);
  assert.ok(toolgen.tools.some(({ name }) => name === "c"));
});

test("a tool that goes away while its approval is waited for is an error of the run, and the next one works", async () => {
  const toolgen = await toolgenOf(
    { tools: [{ ...tool("a"), annotations: {} }, tool("b")], answers: ANSWERS },
    { a: () => "done", b: () => "b's" },
  );
  const approve = async () => {
    await toolgen.unregister(["a"]);
    return true;
  };
  const events = await collect(toolgen.run("do a", { approve }));
  assert.ok(events.some((event) => event.type === "error" && event.error.code === "bad_tool"));
  assert.equal(finish(await collect(toolgen.run("do it")))!.reason, "done");
});

test("an abort in every state leaves no listener on its signal, and the next question works", async () => {
  const toolgen = await open();
  const types = new Set((await collect(toolgen.run("do a"))).map(({ type }) => type));
  let listeners = 0;
  for (const at of types) {
    const stop = new AbortController();
    const { signal } = stop;
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    };
    const running = (async () => {
      for await (const { type } of toolgen.run("do a", { signal })) if (type === at) stop.abort();
    })();
    await running.catch(({ name }) => assert.equal(name, "AbortError"));
    assert.equal(listeners, 0, at);
    assert.equal((await toolgen.call("do it")).call!.name, "b");
  }
});

test("one signal for ten thousand questions, pending at once, ends them all", async () => {
  const toolgen = await open();
  const stop = new AbortController();
  const pending = Array.from({ length: 10_000 }, () =>
    toolgen.retrieve("do a", { signal: stop.signal }).catch(({ name }) => name as string),
  );
  stop.abort();
  assert.deepEqual([...new Set(await Promise.all(pending))], ["AbortError"]);
  assert.equal((await toolgen.call("do it")).call!.name, "b");
});

test("functions, workers and signals that are none are refused before anything is started", async () => {
  const files = { checkpoint: "data:,GGUF" };
  const wrong = [
    { ...files, functions: trap },
    { ...files, worker: () => null },
    { ...files, worker: () => ({}) },
    { ...files, worker: async () => new MessageChannel().port1 },
    // Another model's.
    { ...files, worker: () => ({ onmessage() {}, postMessage() {}, terminate() {} }) },
    { ...files, signal: { addEventListener() {} } },
    { ...files, signal: new AbortController() },
  ];
  for (const options of wrong) await assert.rejects(load(options as never), { code: "bad_argument" });
  assert.throws(() => read({ signal: { aborted: false, addEventListener() {} } }), { code: "bad_argument" });
  assert.throws(() => read(["topK"]), { code: "bad_argument", message: /not an array/ });
  const toolgen = await open();
  const events = await collect(toolgen.run("do a", { functions: trap as never }));
  assert.ok(events.some((event) => event.type === "error" && event.error.code === "bad_argument"));
});

test("the list of tools is not the page's to change", async () => {
  const toolgen = await open();
  for (const change of [() => (toolgen.tools as Tool[]).push(tool("c")), () => (toolgen.tools as Tool[]).splice(0)])
    assert.throws(change, TypeError);
  await toolgen.unregister(["b"]);
  assert.throws(() => (toolgen.tools as Tool[]).pop(), TypeError);
  assert.equal(finish(await collect(toolgen.run("do a")))!.reason, "done");
});

test("texts and turns without end are cut off or refused", async () => {
  const toolgen = await open();
  const inputSchema = { type: "object" } as const;
  const long = { name: "c", description: "words ".repeat(20_000), inputSchema };
  await assert.rejects(toolgen.register([long]), { code: "bad_tool", message: /limit of 65536 characters/ });
  const described = { type: "object", description: "x".repeat(5_000_000) } as const;
  await assert.rejects(toolgen.register([{ ...long, description: "Does c", inputSchema: described }]), {
    code: "bad_tool",
  });
  const before = Array.from({ length: 100_000 }, () => ({ query: "q", call: { name: "a", arguments: {} } }));
  const { log } = await import("./fake-wasm.ts");
  await toolgen.call("do a", { before });
  assert.ok(log.asked.at(-1)!.before!.length <= 100);
});

test("a worker that the browser ends is an error, and not a wait without end", async () => {
  const held: (() => void)[] = [];
  const locks = {
    request: (_: string, options: { signal: AbortSignal }, ended: () => void) =>
      new Promise((_, reject) => {
        held.push(ended);
        options.signal.addEventListener("abort", () => reject(options.signal.reason));
      }),
  };
  const { navigator } = globalThis;
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  try {
    const worker: WorkerLike = { onmessage: null, postMessage() {}, terminate() {} };
    const client = new Client(worker);
    worker.onmessage!({ data: { alive: "a lock" } } as MessageEvent);
    const pending = client.ask({ type: "memory" });
    held[0]!();
    await assert.rejects(pending, { code: "crashed", message: /ended the worker/ });
    await assert.rejects(client.ask({ type: "memory" }), { code: "crashed" });
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  }
});
