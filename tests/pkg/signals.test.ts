import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { afterEach, test } from "node:test";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { Runner } from "../../pkg/adapters/runner.ts";
import { execute } from "../../pkg/http/execute.ts";
import { provideToPage } from "../../pkg/importers/webmcp.ts";
import { backOffMs } from "../../pkg/util/back-off.ts";
import { hex } from "../../pkg/util/hex.ts";
import { isRecord } from "../../pkg/util/is-record.ts";
import { abortable, Deadline, LinkedController, onAbort, sleep } from "../../pkg/util/signals.ts";
import { publish, read, visit } from "./download-fixture.ts";
import { FakeModel } from "./fake-model.ts";
import { toolOf } from "./http.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";
import { ShardServer } from "./shard-server.ts";

afterEach(closeAll);

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("a listener hears the reason once, at once where the signal is aborted already, and can stop listening", () => {
  const heard: unknown[] = [];
  const stop = new AbortController();
  onAbort(stop.signal, (reason) => heard.push(reason));
  const letGo = onAbort(stop.signal, () => heard.push("let go"));
  letGo();
  assert.equal(listeners(stop.signal), 1);
  stop.abort("enough");
  stop.abort("again");
  onAbort(stop.signal, (reason) => heard.push(reason))();
  onAbort(undefined, () => heard.push("nothing"))();
  assert.deepEqual(heard, ["enough", "enough"]);
});

test("a linked controller aborts with its parent, by itself, and no more once it is unlinked", () => {
  const parent = new AbortController();
  const [follows, alone, unlinked] = [1, 2, 3].map(() => new LinkedController(parent.signal)) as [
    LinkedController,
    LinkedController,
    LinkedController,
  ];
  alone.abort("alone");
  unlinked.unlink();
  assert.equal(parent.signal.aborted, false);
  parent.abort("parent");
  assert.deepEqual(
    [follows, alone, unlinked].map(({ signal }) => signal.reason),
    ["parent", "alone", undefined],
  );
  assert.equal(new LinkedController(parent.signal).signal.reason, "parent");
  assert.equal(new LinkedController(undefined).signal.aborted, false);
});

test("abortable gives the work's outcome or the signal's reason, whichever comes first", async () => {
  const { signal } = new AbortController();
  assert.equal(await abortable(signal, () => 7), 7);
  assert.equal(await abortable(undefined, async () => 8), 8);
  await assert.rejects(
    abortable(signal, () => assert.fail("mine")),
    /mine/,
  );
  await assert.rejects(
    abortable(AbortSignal.abort("before"), () => assert.fail("never begun")),
    (reason) => reason === "before",
  );
  const stop = new AbortController();
  const pending = abortable(stop.signal, () => new Promise(() => {}));
  stop.abort("enough");
  await assert.rejects(pending, (reason) => reason === "enough");
  assert.equal(listeners(signal), 0);
});

test("sleep waits, and ends with the signal's reason", async () => {
  const started = performance.now();
  await sleep(20);
  assert.ok(performance.now() - started >= 15);
  const stop = new AbortController();
  const long = sleep(60_000, stop.signal);
  stop.abort("enough");
  await assert.rejects(long, (reason) => reason === "enough");
  await assert.rejects(sleep(0, stop.signal), (reason) => reason === "enough");
});

test("the wait before an attempt doubles up to a limit, and jitter takes any part of it", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((attempt) => backOffMs(attempt, 3000, () => 1 - 2 ** -53)),
    [500, 1000, 2000, 3000, 3000],
  );
  assert.deepEqual([backOffMs(9, 3000, () => 0), backOffMs(1, 3000, () => 0.5)], [0, 250]);
});

test("hexadecimal digits and records", () => {
  assert.equal(hex(Uint8Array.of(0, 10, 255)), "000aff");
  assert.deepEqual([{}, Object.create(null), [], null, undefined, "a", () => {}].map(isRecord), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

/** Each uses the signal as a page would that has one for its whole life; what it throws doesn't matter. */
const uses: Record<string, (signal: AbortSignal) => unknown> = {
  async deadline(signal) {
    const deadline = new Deadline(
      { signal, timeoutMs: 1000 },
      (reason) => reason,
      () => "late",
    );
    await deadline.race(() => {});
    deadline.close();
  },
  sleep: (signal) => sleep(1, signal),
  async "toolgen.call"(signal) {
    const toolgen = await toolgenOf(PACK);
    await toolgen.call("two and three", { signal });
    await toolgen.call("", { signal });
  },
  async "toolgen.callEvents, left early"(signal) {
    for await (const _ of (await toolgenOf(PACK)).callEvents("two and three", { signal })) break;
  },
  async "toolgen.run, with approval"(signal) {
    await collect(
      (await toolgenOf(PACK, { add: () => 5 })).run("two and three", { signal, approve: async () => true }),
    );
  },
  "toolgen.register": async (signal) =>
    (await toolgenOf()).register([{ name: "a", description: "A", inputSchema: { type: "object" } }], { signal }),
  execute: (signal) => execute(toolOf("http://localhost:1/"), {}, { signal, sleep: async () => {} }),
  async "a download"(signal) {
    const server = await ShardServer.start();
    publish(server);
    await read(visit(), `${server.url}manifest.json`, { signal });
    await server.close();
  },
  async provideToPage(signal) {
    Object.assign(globalThis, { document: { modelContext: { registerTool() {} } } });
    try {
      (await provideToPage(new FakeModel(), { description: "Has tools.", signal })).remove();
    } finally {
      delete (globalThis as { document?: unknown }).document;
    }
  },
  runner: (signal) => new Runner().run(new FakeModel(), "Hello", { signal }),
  "chat completions": (signal) =>
    createChatCompletions(new FakeModel()).create({ messages: [{ role: "user", content: "Hello" }] }, { signal }),
  async "a stream of the AI SDK"(abortSignal) {
    const { stream } = await createToolgen(new FakeModel()).doStream({
      abortSignal,
      prompt: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
      tools: [{ type: "function", name: "send", inputSchema: {} }],
    });
    await collect(stream as typeof stream & AsyncIterable<unknown>);
  },
};

const PACK = {
  tools: [{ name: "add", description: "Adds", parameters: {} }],
  answers: { "two and three": { name: "add", arguments: { a: 2, b: 3 } } },
};

for (const [name, use] of Object.entries(uses)) {
  test(`no listener stays on a signal that lives on: ${name}`, async () => {
    const { signal } = new AbortController();
    let most = 0;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      add(...args);
      most = Math.max(most, listeners(signal));
    };
    await Promise.resolve(use(signal)).catch(() => {});
    assert.ok(most > 0, "it listened");
    assert.equal(listeners(signal), 0);
  });
}
