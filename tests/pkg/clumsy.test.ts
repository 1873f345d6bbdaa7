/** Mistakes that are easily made, and inputs that nobody meant: none is a wait without end, a wrong answer or a raw error. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { doneOf } from "../../pkg/adapters/history.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { execute } from "../../pkg/http.ts";
import { parseJson } from "../../pkg/http/json.ts";
import { liveList } from "../../pkg/importers/live-list.ts";
import { provideToPage } from "../../pkg/importers/webmcp.ts";
import { Client, type WorkerLike } from "../../pkg/client.ts";
import { load, type RunEvent, type RunOptions, type Tool, type Turn } from "../../pkg/index.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { Toolgen } from "../../pkg/toolgen.ts";
import { replay, writeTrace } from "../../pkg/trace.ts";
import { serve } from "../../pkg/worker/serve.ts";
import * as fake from "./fake-wasm.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  name,
  description: `Does ${name}`,
  parameters: { type: "object" },
  annotations: { readOnlyHint: true },
  ...more,
});
const answers = { go: { name: "a", arguments: {} }, unclear: { name: "a", arguments: {}, sure: false } };
const open = (a: () => unknown = () => "done") => toolgenOf({ tools: [tool("a"), tool("b")], answers }, { a });
const errorIn = (events: RunEvent[]) => events.flatMap((event) => (event.type === "error" ? [event.error] : []))[0];

test("a function that gives what must still be read says so, and not {}", async () => {
  const unread: (() => unknown)[] = [
    () => new Response("{}"),
    () => Promise.resolve(new Response("{}")),
    () => new ReadableStream(),
    async function* () {},
  ];
  for (const give of unread) {
    const error = errorIn(await collect((await open(give)).run("go")));
    assert.equal(error?.code, "function_failed");
    assert.match(error!.message, /await response\.json\(\)/);
  }
});

test("limits are numbers, and functions are functions", async () => {
  const toolgen = await open();
  for (const name of ["timeoutMs", "maxBytes", "retries", "observationChars"]) {
    for (const value of [NaN, -1, null, "5000", {}]) {
      const options = { [name]: value } as RunOptions;
      await assert.rejects(collect(toolgen.run("go", options)), { code: "bad_argument", message: RegExp(`^${name} `) });
    }
    assert.equal(errorIn(await collect(toolgen.run("go", { [name]: Infinity }))), undefined);
  }
  const error = errorIn(await collect(toolgen.run("go", { functions: { a: "no function" } as never })));
  assert.deepEqual([error?.code, error?.message], ["bad_argument", "The function of a is a string."]);
});

test("a list that is changed after the call has been read before", async () => {
  const toolgen = await open();
  const names = ["a"];
  const gone = toolgen.unregister(names);
  names[0] = "b";
  await gone;
  assert.deepEqual(
    toolgen.tools.map(({ name }) => name),
    (await toolgen.retrieve("what is left?")).map(({ name }) => name),
  );
});

test("moments at the end of time are refused, and those before it are answered", async () => {
  const toolgen = await open();
  for (const now of ["+275760-09-13", "-271821-04-20", "+020000-01-01"])
    await assert.rejects(toolgen.call("go", { now: new Date(now) }), { code: "bad_argument", message: /^now / });
  for (const now of ["0001-01-01", "9000-01-01"])
    assert.equal((await toolgen.call("go", { now: new Date(now) })).call?.name, "a");
});

test("signals of libraries and of old browsers will do", async () => {
  const old = { aborted: true, addEventListener() {}, removeEventListener() {} } as unknown as AbortSignal;
  const toolgen = await open();
  const chat = createChatCompletions(toolgen);
  for (const work of [
    () => load({ checkpoint: "https://models.example/m.json", signal: old }),
    () => toolgen.retrieve("go", { signal: old }),
    () => collect(toolgen.run("go", { signal: old })),
    () => chat.create({ messages: [{ role: "user", content: "go" }] }, { signal: old }),
  ])
    await assert.rejects(work(), { name: "AbortError" });
  for (const options of [{ signal: 5 }, { signal: { aborted: true, removeEventListener() {} } }])
    await assert.rejects(chat.create({ messages: [] }, options as never), {
      code: "bad_argument",
      message: /^signal /,
    });
});

test("a registration that is aborted as it is done leaves page and worker with the same tools", async () => {
  const { port1, port2 } = new MessageChannel();
  serve(port1 as never, fake, { strict: new URL("file:///toolgen_bg.wasm") });
  const worker: WorkerLike = {
    onmessage: null,
    postMessage: (message) => port2.postMessage(message),
    terminate: () => port2.close(),
  };
  const stop = new AbortController();
  port2.onmessage = (event) => {
    if (event.data.value?.added) stop.abort("late");
    worker.onmessage!(event);
  };
  const client = new Client(worker);
  const pack = new TextEncoder().encode(JSON.stringify({ tools: [tool("a"), tool("b")], answers }));
  const tools = await client.ask({ type: "load", checkpoint: "data:application/octet-stream,GGUF", pack });
  const toolgen = new Toolgen(client, tools, {});
  const late = (name: string) => ({ name, description: `${name} anew`, inputSchema: { type: "object" } }) as const;
  const registering = toolgen.register([late("a"), late("c")], { signal: stop.signal });
  await assert.rejects(registering, (reason) => reason === "late");
  const { tools: ofWorker } = JSON.parse(new TextDecoder().decode(await toolgen.exportPack()));
  assert.deepEqual(ofWorker, toolgen.tools);
  toolgen.dispose();
  port1.close();
});

test("a history that was tampered with is refused by name", async () => {
  const call = { name: "a", arguments: {} };
  const turns: unknown[] = [
    null,
    { query: 5, call },
    { query: "x", call: "a" },
    { query: "x", call: { name: "a", arguments: [] } },
    { query: "x", call: { name: 5, arguments: {} } },
    { query: "x", call, observation: 5 },
  ];
  for (const turn of turns) {
    const chat = await (await open()).conversation({ history: [turn as Turn] });
    await assert.rejects(collect(chat.run("unclear")), { code: "bad_argument", message: /turns/ }, String(turn));
  }
});

test("who forgets a conversation in the middle of a run is not reminded of it", async () => {
  const chat = await (await open()).conversation();
  for await (const { type } of chat.run("go")) if (type === "call") chat.forget();
  assert.deepEqual([chat.export(), chat.asked], [[], undefined]);
});

test("what was asked for can be answered again where an answer came to nothing, and once where it didn't", async () => {
  const size = { type: "integer" } as const;
  const properties = { "page.size": size, at: { type: "object", properties: { "x.y": size } } } as const;
  const listing = tool("a", { annotations: {}, parameters: { type: "object", properties, required: ["page.size"] } });
  const asking = { list: { name: "a", arguments: {}, lacks: ["page.size", "at.x.y"] } };
  const seen: unknown[] = [];
  const toolgen = await toolgenOf(
    { tools: [listing], answers: asking },
    { a: (args: unknown) => void seen.push(args) },
  );
  const chat = await toolgen.conversation();
  await collect(chat.run("list"));
  const values = { "page.size": 3, "at.x.y": 4 };
  const before = [chat.asked, chat.export()];
  assert.deepEqual(chat.asked!.parameters[0], { name: "page.size", schema: size });

  const stop = new AbortController();
  const approve = async () => {
    // Meanwhile it can't be answered a second time.
    await assert.rejects(collect(chat.answer(values)), { code: "bad_argument", message: /nothing to answer/ });
    stop.abort();
    return true;
  };
  await assert.rejects(collect(chat.answer(values, { signal: stop.signal, approve })), { name: "AbortError" });
  assert.deepEqual([[chat.asked, chat.export()], seen], [before, []]);
  await assert.rejects(collect(chat.answer(values, { timeoutMs: NaN })), { code: "bad_argument" });
  await assert.rejects(collect(chat.run("a sentence", { signal: AbortSignal.abort() })), { name: "AbortError" });
  assert.deepEqual([chat.asked, chat.export()], before);
  await collect(chat.answer(values, { approve: () => true }));
  assert.deepEqual([chat.asked, seen], [undefined, [{ "page.size": 3, at: { "x.y": 4 } }]]);
});

test("results with an error of their own, or with themselves inside, are written down and played again", async () => {
  const circle: Record<string, unknown> = { a: 1 };
  circle.self = circle;
  const refused = { error: "not_found", message: "There is none." };
  const observed = (body: unknown): RunEvent => ({ type: "observation", observation: { result: {}, body } });
  const text = writeTrace([circle, refused].map((body) => ({ atMs: 0, event: observed(body) })));
  assert.deepEqual(await collect(replay(text)), [observed({ a: 1, self: "[circular]" }), observed(refused)]);
});

test("calls that have one id have results of their own", () => {
  const call = (name: string) => ({ id: "same", name, arguments: "{}" });
  const done = doneOf([
    { role: "user", text: "go" },
    { role: "assistant", text: "", calls: [call("a"), call("b")] },
    { role: "tool", text: "a's", id: "same" },
    { role: "tool", text: "b's", id: "same" },
  ]);
  assert.deepEqual(
    done!.done.map(({ call: { name }, text }) => [name, text]),
    [
      ["a", "a's"],
      ["b", "b's"],
    ],
  );
});

test("a server's text without an end takes no time", () => {
  const before = process.cpuUsage();
  assert.throws(() => parseJson(`1234567890123456"${'\\"'.repeat(2 ** 17)}`), SyntaxError);
  assert.ok(process.cpuUsage(before).user < 5e6);
  assert.deepEqual(parseJson('{"a\\"1234567890123456":12345678901234567890,"b":"\\\\"}'), {
    'a"1234567890123456': "12345678901234567890",
    b: "\\",
  });
});

test("a fetch of the page's own that gives no answer, and origins that are none, are named", async () => {
  const web = tool("a", { http: { method: "GET", url: "https://a.example/" } });
  const read = new Response("{}");
  await read.text();
  const locked = new Response("{}");
  locked.body!.getReader();
  for (const given of [undefined, null, {}, "text", read, locked])
    await assert.rejects(execute(web, {}, { fetch: (async () => given) as never }), { code: "bad_option" }, `${given}`);
  const broken = { fetch: async () => Response.error(), retries: 0 };
  await assert.rejects(execute(web, {}, broken), { code: "network_or_cors" });
  for (const [origins, code] of [
    ["https://a.example", "bad_argument"],
    [5, "bad_argument"],
    [[10n], "bad_option"],
  ] as const)
    await assert.rejects(execute(web, {}, { origins: origins as never }), { code });
});

test("a page that takes a tool and never says so can be left", async () => {
  const modelContext = { registerTool: () => new Promise(() => {}) };
  Object.assign(globalThis, { document: { modelContext } });
  try {
    const stop = new AbortController();
    const toolgen = createFakeToolgen();
    const providing = provideToPage(toolgen, { description: "Has tools", signal: stop.signal });
    stop.abort();
    await assert.rejects(providing, { code: "aborted" });
    for (const options of [null, 5]) await assert.rejects(provideToPage(toolgen, options as never), { code: /^bad_/ });
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
});

test("a list that changes whenever it is read is not read without a pause", async () => {
  let readings = 0;
  let changed = () => {};
  const read = async () => {
    readings += 1;
    changed();
    return { tools: [], skipped: [] };
  };
  const subscribe = (listener: () => void) => {
    changed = listener;
    return () => {};
  };
  const live = await liveList(read, { onListChanged() {}, subscribe });
  await new Promise((resolve) => setTimeout(resolve, 250));
  live.stop();
  assert.ok(readings > 1 && readings < 8, `${readings}`);
});
