/** Tools that come and go while the page runs. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { z } from "zod";

import { defineTool, type RowProgress, type ToolDefinition } from "../../pkg/index.ts";
import { fakeIndexedDb } from "./fake-indexed-db.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

const tool = (name: string, description = `Does ${name}`, more: object = {}): ToolDefinition => ({
  name,
  description,
  inputSchema: { type: "object" },
  ...more,
});

beforeEach(() => {
  Object.assign(globalThis, { indexedDB: fakeIndexedDb() });
});
afterEach(() => {
  closeAll();
  Reflect.deleteProperty(globalThis, "indexedDB");
});

test("a page without a pack registers its own functions and runs them", async () => {
  const toolgen = await toolgenOf();
  assert.deepEqual(toolgen.tools, []);
  const add = defineTool({
    name: "add",
    description: "Adds numbers",
    inputSchema: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
    execute: ({ a }) => ({ sum: a + 1 }),
    annotations: { readOnlyHint: true },
  });
  const registration = await toolgen.register([add]);
  assert.deepEqual(registration, { added: ["add"], narrowed: [], skipped: [], conflicts: [] });
  assert.deepEqual(toolgen.tools, [
    { name: "add", description: "Adds numbers", parameters: add.inputSchema, annotations: { readOnlyHint: true } },
  ]);
  const events = await collect(toolgen.run("x"));
  assert.equal(events.at(-1)?.type, "finish");
  assert.ok(events.some((event) => event.type === "observation"));
  await toolgen.unregister(["add", "none"]);
  assert.deepEqual(toolgen.tools, []);
});

test("progress is told for each tool, and the second time nothing is computed", async () => {
  const tools = [tool("a", "One"), tool("b", "Two"), tool("c", "Three")];
  const progress: RowProgress[] = [];
  await (await toolgenOf()).register(tools, { onProgress: (p) => progress.push(p) });
  assert.deepEqual(
    progress.map(({ remainingMs: _, ...told }) => told),
    [1, 2, 3].map((done) => ({ done, total: 3, cached: 0 })),
  );
  assert.ok(progress.every(({ remainingMs }) => remainingMs! >= 0));
  assert.equal(progress.at(-1)!.remainingMs, 0);
  assert.deepEqual(log.rows, ["a", "b", "c"]);
  const again: RowProgress[] = [];
  await (await toolgenOf()).register([...tools, tool("d", "Four")], { onProgress: (p) => again.push(p) });
  assert.deepEqual(again.at(-1), { done: 4, total: 4, cached: 3, remainingMs: 0 });
  assert.deepEqual(again[0], { done: 1, total: 4, cached: 1 }, "what is stored says nothing of the others");
  assert.deepEqual(log.rows, ["a", "b", "c", "d"]);
});

test("without IndexedDB, or with one that fails, rows are computed again", async () => {
  for (const broken of [
    undefined,
    {
      open: () => {
        throw new DOMException("private mode", "SecurityError");
      },
    },
    fakeIndexedDb({ fails: true }),
  ]) {
    Object.assign(globalThis, { indexedDB: broken });
    assert.deepEqual((await (await toolgenOf()).register([tool("a")])).added, ["a"]);
  }
  assert.deepEqual(log.rows, ["a", "a", "a"]);
});

test("a tool that can't be held is left out by name; a malformed one stops all", async () => {
  const toolgen = await toolgenOf();
  const { added, skipped } = await toolgen.register([
    tool("a"),
    tool("b", "Never", { inputSchema: { type: "object", not: {} } }),
  ]);
  assert.deepEqual(added, ["a"]);
  assert.deepEqual(
    skipped.map(({ name, code }) => [name, code]),
    [["b", "schema"]],
  );
  await assert.rejects(toolgen.register([tool("c"), tool("d d")]), { code: "bad_tool" });
  await assert.rejects(toolgen.register([tool("c"), { name: "d" } as never]), { code: "bad_tool" });
  await assert.rejects(toolgen.register([tool("c"), tool("c")]), { code: "bad_tool", message: /"c".*earlier/ });
  assert.deepEqual(
    toolgen.tools.map(({ name }) => name),
    ["a"],
  );
});

test("a namesake takes the place, its function too", async () => {
  const toolgen = await toolgenOf();
  const annotations = { readOnlyHint: true };
  await toolgen.register([tool("a", "Old", { execute: () => "old", annotations })]);
  await toolgen.register([tool("a", "New", { execute: () => "new", annotations })]);
  assert.deepEqual(
    toolgen.tools.map(({ description }) => description),
    ["New"],
  );
  const result = async () =>
    (await collect(toolgen.run("x"))).flatMap((event) =>
      event.type === "observation" ? [event.observation.body] : event.type === "error" ? [event.error.code] : [],
    );
  assert.deepEqual(await result(), ["new"]);
  await toolgen.register([tool("a", "Without a function", { annotations })]);
  assert.deepEqual(await result(), ["no_executor"]);
});

test("the same document again keeps what the tool was taught, and its function and hints are taken", async () => {
  const toolgen = await toolgenOf();
  await toolgen.register([tool("a"), tool("b")]);
  log.rows = [];
  const progress: RowProgress[] = [];
  const annotations = { readOnlyHint: true };
  const again = [tool("a", "Does a", { annotations, execute: () => "anew" }), tool("b", "Does more")];
  const { added } = await toolgen.register(again, { onProgress: (it) => progress.push(it) });
  assert.deepEqual([added, log.rows], [["a", "b"], ["b"]], "only a new document has a new row");
  assert.deepEqual(progress.at(-1), { done: 2, total: 2, cached: 1, remainingMs: 0 });
  const events = await collect(toolgen.run("x"));
  assert.ok(events.some((event) => event.type === "observation" && event.observation.body === "anew"));
});

test("examples of a definition are taught while the tool is new", async () => {
  const toolgen = await toolgenOf();
  const definitions = [tool("a", "Does a", { examples: ["one", "three"] }), tool("b")];
  await toolgen.register(definitions);
  const lessons = [3, 5].map((state) => ({ tool: "a", state }));
  assert.deepEqual(log.taught, lessons);
  await toolgen.register(definitions);
  assert.deepEqual(log.taught, lessons, "what was taught stays");
  for (const examples of ["one", [1], {}])
    await assert.rejects(toolgen.register([tool("c", "Does c", { examples })]), {
      code: "bad_tool",
      message: /examples/,
    });
});

test("a schema of a library for validation says its JSON Schema", async () => {
  const toolgen = await toolgenOf();
  const inputSchema = z.object({ minutes: z.number().int().min(1), label: z.string().optional() });
  await toolgen.register([{ name: "timer", description: "Starts a timer", inputSchema }]);
  const { type, properties, required } = toolgen.tools[0]!.parameters;
  assert.deepEqual([type, required, Object.keys(properties!)], ["object", ["minutes"], ["minutes", "label"]]);
  const silent = { "~standard": { vendor: "valibot", version: 1 } };
  await assert.rejects(toolgen.register([tool("x", "Does x", { inputSchema: silent })]), {
    code: "bad_tool",
    message: /"x".*valibot.*z\.toJSONSchema/,
  });
});

test("the page's list of tools is the worker's, in its order", async () => {
  const toolgen = await toolgenOf();
  await toolgen.register([tool("a"), tool("b"), tool("c")]);
  await toolgen.register([tool("d"), tool("b", "Does it anew")]);
  await toolgen.unregister(["a"]);
  const pack = JSON.parse(new TextDecoder().decode(await toolgen.exportPack()));
  assert.deepEqual(toolgen.tools, pack.tools);
  assert.deepEqual(
    toolgen.tools.map(({ name, description }) => [name, description]),
    [
      ["b", "Does it anew"],
      ["c", "Does c"],
      ["d", "Does d"],
    ],
  );
});

test("tools that look alike are reported", async () => {
  const toolgen = await toolgenOf();
  await toolgen.register([tool("a", "Sends mail")]);
  const { conflicts } = await toolgen.register([tool("b", "Sends letters"), tool("c", "Plays")]);
  assert.deepEqual(conflicts, [{ tools: ["a", "b"], similarity: 0.95 }]);
  assert.deepEqual(await toolgen.conflicts(), conflicts);
  assert.deepEqual(await toolgen.conflicts({ from: 0.99 }), []);
});

test("registering can be aborted; nothing is added, and what was computed is kept", async () => {
  const toolgen = await toolgenOf();
  const { living } = log;
  log.millisecondsPerStep = 1;
  const stop = new AbortController();
  const tools = Array.from({ length: 20 }, (_, i) => tool(`t${i}`, `Number ${i}`));
  await assert.rejects(
    toolgen.register(tools, { signal: stop.signal, onProgress: ({ done }) => done === 3 && stop.abort() }),
    { name: "AbortError" },
  );
  assert.deepEqual(toolgen.tools, []);
  assert.ok(log.rows.length < 20, `${log.rows.length} rows`);
  log.millisecondsPerStep = 0;
  let cached = 0;
  await toolgen.register(tools, { onProgress: (p) => (cached = p.cached) });
  assert.ok(cached >= 3 && toolgen.tools.length === 20);
  assert.equal(log.living, living, "prepared tools are freed");
});

test("what a schema had to lose is told", async () => {
  const toolgen = await toolgenOf();
  const define = (name: string, inputSchema: object) => ({
    name,
    description: name,
    inputSchema: { type: "object", ...inputSchema },
  });
  const { added, narrowed } = await toolgen.register([define("a", {}), define("b", { contains: {} })]);
  assert.deepEqual(added, ["a", "b"]);
  assert.deepEqual(narrowed, [{ name: "b", leftOut: ["parameters: has `contains`"] }]);
});

test("operations of an OpenAPI document become tools", async () => {
  const toolgen = await toolgenOf();
  const http = { method: "GET", url: "https://api.example/pets" };
  const document = {
    openapi: "3.1.0",
    tools: [
      {
        name: "pets",
        description: "Lists pets",
        parameters: { type: "object" },
        http,
        annotations: { readOnlyHint: true },
      },
    ],
  };
  const { tools, skipped } = await toolgen.fromOpenApi(document);
  assert.deepEqual(tools, [
    {
      name: "pets",
      description: "Lists pets",
      inputSchema: { type: "object" },
      http,
      annotations: { readOnlyHint: true },
    },
  ]);
  assert.deepEqual(skipped, [{ name: "$.paths./x.get", code: "openapi", message: "no server" }]);
  await toolgen.register(tools);
  assert.deepEqual(toolgen.tools[0]!.http, http);
  await assert.rejects(toolgen.fromOpenApi("{}"), { code: "openapi" });
});

test("examples teach, and a pack is exported", async () => {
  const toolgen = await toolgenOf({ tools: [], answers: { hello: null } });
  await toolgen.register([tool("a")]);
  await toolgen.teach([
    { query: "four", tool: "a" },
    { query: "none", tool: null },
  ]);
  assert.deepEqual(log.taught, [
    { tool: "a", state: 4 },
    { tool: null, state: 4 },
  ]);
  const pack = JSON.parse(new TextDecoder().decode(await toolgen.exportPack()));
  assert.deepEqual(
    pack.tools.map(({ name }: { name: string }) => name),
    ["a"],
  );
  const other = await toolgenOf(pack);
  assert.deepEqual(
    other.tools.map(({ name }) => name),
    ["a"],
  );
});
