import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

import {
  combineTools,
  fromMcpServer,
  type ImportedTool,
  type McpOptions,
  type McpServer,
} from "../../pkg/importers/mcp.ts";
import { call, failure } from "./imported.ts";
import { startMcpServer, type TestServer } from "./mcp-server.ts";

const EMPTY = { type: "object", properties: {} };
const named = (name: string, fields: object = {}) => ({
  name,
  description: `Does ${name}`,
  inputSchema: EMPTY,
  ...fields,
});

let stub: TestServer;
let opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  stub = await startMcpServer();
});
afterEach(async () => {
  await Promise.all(opened.map((server) => server.close()));
  opened = [];
  await stub.close();
});

async function open(options?: McpOptions, url: Parameters<typeof fromMcpServer>[0] = stub.url): Promise<McpServer> {
  const server = await fromMcpServer(url, options);
  opened.push(server);
  return server;
}

/** A server with one tool that gives this result. */
async function answering(result: unknown): Promise<readonly ImportedTool[]> {
  stub.tools = [named("tool")];
  stub.calls.tool = () => result;
  return (await open()).tools;
}

test("all pages are listed, with schemas and annotations", async () => {
  stub.tools = [
    named("one", {
      title: "The first",
      annotations: {
        title: "not this",
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    }),
    named("two", { annotations: { title: "The second", unknownHint: 7 } }),
    named("three"),
    named("four"),
    named("five"),
  ];
  stub.pageSize = 2;
  const server = await open();
  assert.equal(server.name, "stub");
  assert.deepEqual(
    server.tools.map((tool) => tool.name),
    ["one", "two", "three", "four", "five"],
  );
  assert.deepEqual(server.skipped, []);
  assert.deepEqual(server.tools[0]!.annotations, {
    title: "The first",
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
  assert.deepEqual(server.tools[1]!.annotations, { title: "The second" });
  assert.deepEqual(server.tools[0]!.inputSchema, EMPTY);
  assert.equal(stub.requests.filter(({ body }) => body?.method === "tools/list").length, 3);
});

test("hints of a server that isn't trusted are dropped", async () => {
  stub.tools = [named("one", { title: "The first", annotations: { readOnlyHint: true, destructiveHint: false } })];
  const { tools } = await open({ trustAnnotations: false });
  assert.deepEqual(tools[0]!.annotations, { title: "The first" });
});

test("unusable tools are left out, each with an error that names it", async () => {
  const deep = { type: "object", properties: { x: { anyOf: "all" } } };
  stub.tools = [
    named("good"),
    named("described", { description: 7 }),
    named("listy", { inputSchema: { type: "array" } }),
    named("hinted", { annotations: { readOnlyHint: "true" } }),
    named("good"),
    named("deep", { inputSchema: deep }),
    null as never,
  ];
  const server = await open();
  assert.deepEqual(
    server.tools.map((tool) => tool.name),
    ["good", "deep"],
  );
  const patterns = [
    /"described".*\/description/,
    /"listy".*\/inputSchema\/type/,
    /"hinted".*\/annotations\/readOnlyHint/,
    /"good".*twice/,
    /document must be an object, not null/,
  ];
  assert.equal(server.skipped.length, patterns.length);
  patterns.forEach((pattern, index) => assert.match(server.skipped[index]!.message, pattern));
});

test("documents as servers send them become tools", async () => {
  const object = { type: "object" };
  stub.tools = [
    named("no_description", { description: undefined, title: "List the open orders" }),
    named("null_description", { description: null, title: null, annotations: null }),
    named("empty_schema", { inputSchema: {} }),
    named("no_type", { inputSchema: { properties: { room: { type: "string" } }, required: ["room"] } }),
    named("php", { inputSchema: { type: "object", properties: [], required: [] } }),
    named("php_nested", { inputSchema: { type: "object", properties: { notes: { type: "object", properties: [] } } } }),
    named("null_properties", { inputSchema: { type: "object", properties: null, required: null } }),
    named("root_ref", {
      inputSchema: { $ref: "#/definitions/Book", definitions: { Book: { type: "object", properties: { room: {} } } } },
    }),
    named("root_union", { inputSchema: { anyOf: [object, object] } }),
  ];
  const { tools, skipped } = await open();
  assert.deepEqual(skipped, []);
  assert.deepEqual(tools.map(({ description }) => description).slice(0, 3), [
    "List the open orders",
    "null description",
    "Does empty_schema",
  ]);
  const schemas = Object.fromEntries(tools.map(({ name, inputSchema }) => [name, inputSchema]));
  assert.deepEqual(schemas.empty_schema, object);
  assert.deepEqual(schemas.no_type, { ...object, properties: { room: { type: "string" } }, required: ["room"] });
  assert.deepEqual(schemas.php, { ...object, properties: {}, required: [] });
  assert.deepEqual(schemas.php_nested!.properties, { notes: { ...object, properties: {} } });
  assert.deepEqual(schemas.null_properties!.properties, {});
  assert.deepEqual(schemas.root_ref!.properties, { room: {} });
  assert.deepEqual(schemas.root_union, { ...object, anyOf: [object, object] });
});

test("names in any script get one of ours; the server is asked by its own", async () => {
  const asked: string[] = [];
  const names = ["获取天气", "查询", "rooms/search all", "rooms search all", "größen"];
  stub.tools = names.map((name) => named(name));
  for (const name of names) stub.calls[name] = () => (asked.push(name), {});
  const { tools, skipped } = await open();
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["tool", "tool_2", "rooms_search_all", "rooms_search_all_2", "gro_en"],
  );
  for (const { name } of tools) await call(tools, name);
  assert.deepEqual(asked, names);
  const prefixed = await open({ prefix: "hotel" });
  assert.deepEqual(
    prefixed.tools.map(({ name }) => name),
    ["hotel_tool", "hotel2_tool", "hotel_rooms_search_all", "hotel2_rooms_search_all", "hotel_gro_en"],
  );
});

test("a list that goes in a circle ends, and what came is used", async () => {
  const pages = (next: Record<string, unknown>) => {
    stub.list = (cursor = "start") => ({ tools: [named(cursor || "empty")], nextCursor: next[cursor] });
    return open();
  };
  const names = ({ tools }: McpServer) => tools.map(({ name }) => name);
  const again = await pages({ start: "one", one: "one" });
  assert.deepEqual([names(again), again.skipped.length], [["start", "one"], 1]);
  assert.match(again.skipped[0]!.message, /stub repeats a cursor/);
  // An empty cursor is one, or means that there is no more.
  const goesOn = await pages({ start: "", "": undefined });
  assert.deepEqual([names(goesOn), goesOn.skipped], [["start", "empty"], []]);
  stub.list = () => ({ tools: [named("all")], nextCursor: "" });
  const ended = await open();
  assert.deepEqual([names(ended), ended.skipped], [["all"], []]);
  let page = 0;
  stub.list = () => ({ tools: [named("all")], nextCursor: `${page++}` });
  const circle = await open();
  assert.deepEqual([names(circle), circle.skipped.length], [["all"], 1]);
  assert.match(circle.skipped[0]!.message, /lists tools again/);
});

test("lists that have no tools or no end are refused", async () => {
  stub.list = () => ({});
  assert.match((await failure("mcp", fromMcpServer(stub.url))).message, /without an array of tools/);
  let page = 0;
  stub.list = () => ({
    tools: Array.from({ length: 4000 }, (_, index) => named(`t${page}.${index}`)),
    nextCursor: `${page++}`,
  });
  await failure("too_large", fromMcpServer(stub.url));
  assert.equal(stub.sessions(), 0);
});

test("a tool gets its arguments, and text comes back as text", async () => {
  stub.tools = [named("greet")];
  stub.calls.greet = ({ whom }) => ({
    content: [
      { type: "text", text: `Hello ${whom}` },
      { type: "text", text: "Bye" },
    ],
  });
  const { tools } = await open();
  assert.equal(await call(tools, "greet", { whom: "world" }), "Hello world\nBye");
});

test("structured content stands for the text that repeats it", async () => {
  const structuredContent = { sum: 5 };
  assert.deepEqual(
    await call(await answering({ content: [{ type: "text", text: '{"sum":5}' }], structuredContent }), "tool"),
    structuredContent,
  );
});

test("images, audio and resources keep all parts apart", async () => {
  const content = [
    { type: "text", text: "A map" },
    { type: "image", mimeType: "image/png", data: "AAAA" },
    { type: "audio", mimeType: "audio/wav", data: "BBBB" },
    { type: "resource_link", uri: "file:///map.png", name: "map", mimeType: "image/png", annotations: { priority: 1 } },
    { type: "resource", resource: { uri: "file:///note.txt", mimeType: "text/plain", text: "A note" } },
  ];
  assert.deepEqual(await call(await answering({ content, structuredContent: { places: 2 } }), "tool"), {
    text: "A map",
    structuredContent: { places: 2 },
    images: [{ mimeType: "image/png", data: "AAAA" }],
    audio: [{ mimeType: "audio/wav", data: "BBBB" }],
    resources: [
      { uri: "file:///map.png", name: "map", mimeType: "image/png" },
      { uri: "file:///note.txt", mimeType: "text/plain", text: "A note" },
    ],
  });
});

test("an empty result is null", async () => {
  assert.equal(await call(await answering({ content: [] }), "tool"), null);
});

test("a result that is an error has its text and its parts", async () => {
  const error = await failure(
    "function_failed",
    call(await answering({ isError: true, content: [{ type: "text", text: "no such city" }] }), "tool"),
  );
  assert.match(error.message, /tool.*no such city/);
  assert.deepEqual(error.body, { text: "no such city" });
});

test("results that are none of MCP's are named by their place", async () => {
  stub.tools = [named("tool")];
  const { tools } = await open();
  const cases: [object, RegExp][] = [
    [{ content: "text" }, /\/content is a string/],
    [{ content: [null] }, /\/content\/0 is null/],
    [{ content: [{ type: "text" }] }, /\/content\/0\/text is undefined/],
    [{ content: [{ type: "video" }] }, /\/content\/0\/type is "video"/],
    [{ content: [{ type: "image", data: 7, mimeType: "image/png" }] }, /\/content\/0\/data/],
    [{ content: [{ type: "resource", resource: {} }] }, /\/content\/0\/resource\/uri/],
    [{ content: [], structuredContent: [] }, /\/structuredContent is an array/],
  ];
  for (const [result, pattern] of cases) {
    stub.calls.tool = () => result;
    assert.match((await failure("mcp", call(tools, "tool"))).message, pattern);
  }
});

test("names that collide get their server's name before them, others stay", async () => {
  const other = await startMcpServer("Other server!");
  opened.push(other);
  stub.tools = [named("search"), named("one")];
  other.tools = [named("search"), named("two"), named("stub_search")];
  stub.calls.search = () => ({ content: [{ type: "text", text: "stub" }] });
  other.calls.search = () => ({ content: [{ type: "text", text: "other" }] });
  const [a, b] = [await open(), await open({}, other.url)];
  const tools = combineTools(a, b);
  assert.deepEqual(
    tools.map((tool) => tool.name),
    ["stub2_search", "one", "Other_server_search", "two", "stub_search"],
  );
  assert.equal(await call(tools, "stub2_search"), "stub");
  assert.equal(await call(tools, "Other_server_search"), "other");
  assert.deepEqual(
    combineTools(a).map((tool) => tool.name),
    ["search", "one"],
  );
  const forced = await open({ prefix: "mine" });
  assert.equal(await call(forced.tools, "mine_search"), "stub");
});

test("without the SDK, the error says what to install; importing asks for nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "toolgen-"));
  try {
    const outfile = join(folder, "mcp.mjs");
    await build({
      entryPoints: [join(import.meta.dirname, "../../pkg/importers/mcp.ts")],
      bundle: true,
      format: "esm",
      outfile,
      external: ["@modelcontextprotocol/sdk"],
    });
    const bundled = (await import(pathToFileURL(outfile).href)) as typeof import("../../pkg/importers/mcp.ts");
    const error = await bundled.fromMcpServer(stub.url).then(
      () => assert.fail("expected an error"),
      (error) => error,
    );
    assert.equal(error.code, "unsupported");
    assert.match(error.message, /npm install @modelcontextprotocol\/sdk/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
