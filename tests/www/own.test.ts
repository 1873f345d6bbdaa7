/** What the page makes of documents that visitors bring, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createFakeToolgen } from "../../pkg/testing.ts";
import type { ToolDefinition } from "../../pkg/infer.ts";
import { ToolgenError } from "../../pkg/core/errors.ts";
import { add } from "../../www/own/add.ts";
import { examples } from "../../www/own/forms.ts";
import { explainOwn } from "../../www/own/problems.ts";
import { readDocument } from "../../www/own/read.ts";
import { registerInTurn, withFreeNames } from "../../www/own/register.ts";
import { snippetOf } from "../../www/own/snippet.ts";
import { changeOf } from "../../www/own/teach.ts";
import { OwnTools } from "../../www/own/tools.ts";

const lamp = { name: "lamp", description: "Switches a lamp.", inputSchema: { type: "object" as const } };
const none = { tools: [], narrowed: [], skipped: [] };
/** Stands for the module's reader of OpenAPI documents, and keeps what it was given. */
function openApi() {
  const read: unknown[] = [];
  return { read, fromOpenApi: async (document: unknown) => (read.push(document), none) };
}

test("functions are read in every usual form, each with its schema", async () => {
  const { description, inputSchema: parameters } = lamp;
  const forms = [
    [{ type: "function", function: { name: "lamp", description, parameters } }],
    { tools: [{ type: "function", name: "lamp", description, parameters }] },
    { functions: [{ name: "lamp", description, input_schema: parameters }] },
    lamp,
  ];
  for (const form of forms) {
    const { tools, skipped } = await readDocument(openApi(), JSON.stringify(form));
    assert.deepEqual([tools, skipped], [[lamp], []], JSON.stringify(form));
  }
  const yaml = "- name: lamp\n  description: Switches a lamp.\n  parameters: { type: object }";
  assert.deepEqual((await readDocument(openApi(), yaml)).tools, [lamp]);
});

test("an OpenAPI document goes to its reader, in JSON and in YAML, under its title", async () => {
  const document = { openapi: "3.1.0", info: { title: "Garden" } };
  for (const text of [JSON.stringify(document), 'openapi: "3.1.0"\ninfo:\n  title: Garden\n']) {
    const reader = openApi();
    assert.equal((await readDocument(reader, text)).name, "Garden");
    assert.deepEqual(reader.read, [document]);
  }
});

test("a faulty function is left out by its place, and the others stay", async () => {
  const list = [lamp, { ...lamp, name: "two words" }, { type: "web_search" }, lamp, 7];
  const { tools, skipped } = await readDocument(openApi(), JSON.stringify(list));
  assert.deepEqual(tools, [lamp]);
  assert.deepEqual(
    skipped.map(({ name }) => name),
    ["/1", "/2", "/3", "/4"],
  );
  assert.match(skipped[0]!.message, /\/1\/name must be/);
  assert.match(skipped[1]!.message, /\/2\/type is "web_search"/);
  assert.match(skipped[2]!.message, /\/3\/name: an earlier one is called lamp/);
});

test("what can't be read says where, and what to do", async () => {
  const problem = (text: string) => readDocument(openApi(), text).catch((error) => explainOwn(error).text);
  assert.match(String(await problem('[\n  {"name": "a"\n   "b": 1}]')), /^Line [23], column \d+: .*Mend it there/);
  assert.match(String(await problem("info:\n  - a\n b: c")), /^Line 3/);
  assert.match(String(await problem(" ")), /Paste a document/);
  assert.match(String(await problem("{}")), /neither an OpenAPI document.*nor a list/);
  assert.match(String(await problem("[]")), /empty/);
  assert.match(explainOwn(new ToolgenError("network_or_cors", "x")).text, /CORS/);
  assert.match(explainOwn(new ToolgenError("http_status", "x", { status: 404 })).text, /\/mcp/);
});

test("tools are registered a few at a time, with the time left; what is there when it is cancelled stays", async () => {
  const tools: ToolDefinition[] = Array.from({ length: 10 }, (_, i) => ({ ...lamp, name: `lamp_${i}` }));
  const abort = new AbortController();
  const left: (number | undefined)[] = [];
  let now = 0;
  const register = async (batch: readonly ToolDefinition[], { onProgress, signal }: any) => {
    signal.throwIfAborted();
    now += 1000 * batch.length;
    onProgress({ done: batch.length, total: batch.length, cached: 0 });
    if (batch[0]!.name === "lamp_4") abort.abort();
    return { added: batch.map(({ name }) => name), narrowed: [], skipped: [], conflicts: [] };
  };
  const options = { signal: abort.signal, onProgress: (p: any) => left.push(p.remainingMs), now: () => now };
  const { added, cancelled } = await registerInTurn({ register } as never, tools, options);
  assert.deepEqual([added.length, cancelled], [8, true]);
  assert.deepEqual(left, [6000, 2000]);
});

test("a tool of the page is not replaced by a visitor's of that name", () => {
  const named = withFreeNames([lamp, { ...lamp, name: "my_house_lamp" }], new Set(["lamp"]), "My house!");
  assert.deepEqual(
    named.map(({ name }) => name),
    ["my_house2_lamp", "my_house_lamp"],
  );
});

test("who a tool may ask is known before it can be called", async () => {
  const toolgen = await createFakeToolgen({ tools: [], answers: {} });
  const own = new OwnTools();
  const http = { method: "GET" as const, url: "https://own.example/{x}", documentation: "javascript:alert(1)" };
  const tools = [
    { ...lamp, http },
    { ...lamp, name: "shown" },
    { ...lamp, name: "stored", http },
  ];
  const reasons: (string | undefined)[] = [];
  await add(
    toolgen,
    own,
    { name: "Mine", tools, narrowed: [], skipped: [], replies: { stored: { state: "on" } } },
    {
      signal: new AbortController().signal,
      onProgress() {},
      onAdded: () => reasons.push(own.reasonToAsk("own.example")),
    },
  );
  assert.equal(toolgen.tools[0]!.http!.documentation, undefined);
  assert.match(reasons[0]!, /one of yours, from “Mine”/);
  own.allow("own.example");
  assert.equal(own.reasonToAsk("own.example"), undefined);
  assert.deepEqual(
    own.names.map((name) => own.standIn(name)),
    [undefined, "call", "example"],
  );
  assert.equal(own.chosen, undefined);
  own.only = true;
  assert.deepEqual(own.chosen, ["lamp", "shown", "stored"]);
  own.remove(own.sources[0]!);
  assert.deepEqual([own.names, own.chosen], [[], undefined]);
});

test("each example has a reply for each of its tools, and no tool that can't be called", async () => {
  for (const { name, document, replies, questions } of examples) {
    const ids = Array.isArray(document)
      ? document.map((tool) => tool.function.name)
      : Object.values((document as any).paths).flatMap((path: any) =>
          Object.values(path).map((it: any) => it.operationId),
        );
    assert.deepEqual(ids.sort(), Object.keys(replies).sort(), name);
    assert.ok(questions.length >= 3);
  }
});

test("the code for one's own app has the functions that it needs, and the servers", () => {
  const text = snippetOf({
    packFile: "p.safetensors",
    functions: ["lamp", "a.b"],
    servers: ["https://m.example/mcp"],
    question: "Lamp?",
  });
  assert.match(text, /pack: "\/p\.safetensors"/);
  assert.match(text, /^ {4}lamp: .*\n {4}"a\.b": /m);
  assert.match(text, /fromMcpServer\("https:\/\/m\.example\/mcp"\)/);
  const bare = snippetOf({ functions: [], servers: [], question: "?" });
  assert.doesNotMatch(bare, /pack|functions|mcp/);
});

test("what teaching changed is told by its numbers", () => {
  const ranked = (probability: number, name = "lamp") => [{ name, probability }];
  const titled = (name: string) => name;
  assert.equal(
    changeOf("on", "lamp", ranked(0.2), ranked(0.9), titled),
    "Learned. “lamp” for “on”: 20.0\u00a0% before, 90.0\u00a0% now.",
  );
  assert.match(changeOf("on", "lamp", ranked(0.9, "x"), ranked(0.8, "x"), titled), /below all others.*teach another/);
  assert.match(changeOf("hm", null, ranked(0.9), ranked(0.1), titled), /no tool.*90\.0\s% before, 10\.0\s% now/);
});

const quietly = { signal: new AbortController().signal, onProgress() {} };

test("a tool takes no name of the room's, which may not be registered yet", async () => {
  const toolgen = createFakeToolgen();
  const own = new OwnTools(() => ["lamp"]);
  const { added } = await add(toolgen, own, { name: "My house", ...none, tools: [lamp] }, quietly);
  assert.deepEqual(added, ["my_house_lamp"]);
});

test("names that every object has are names like any other", async () => {
  const toolgen = createFakeToolgen();
  const own = new OwnTools();
  const http = { method: "POST" as const, url: "https://own.example/" };
  const tools = ["constructor", "toString", "__proto__"].map((name) => ({ ...lamp, name, http }));
  await add(toolgen, own, { name: "Mine", ...none, tools, replies: {} }, quietly);
  for (const { name } of tools) assert.equal(own.standIn(name), undefined, name);
  assert.match(own.reasonToAsk("own.example")!, /one of yours/);
});

test("one tool that is malformed leaves the others of its list", async () => {
  const tools = ["a", "b", "bad", "c", "d", "e"].map((name) => ({ ...lamp, name }));
  const register = async (batch: readonly ToolDefinition[]) => {
    if (batch.some(({ name }) => name === "bad")) throw new ToolgenError("bad_tool", "/http/url must be a string.");
    return { added: batch.map(({ name }) => name), narrowed: [], skipped: [], conflicts: [] };
  };
  const { added, skipped } = await registerInTurn({ register } as never, tools, quietly);
  assert.deepEqual(added, ["a", "b", "c", "d", "e"]);
  assert.deepEqual(skipped, [{ name: "bad", code: "bad_tool", message: "/http/url must be a string." }]);
});

test("documents that would stop the page are refused in words", async () => {
  const refused = (text: string) =>
    readDocument(openApi(), text).then(
      () => assert.fail("read"),
      (error) => explainOwn(error).text,
    );
  assert.match(await refused("x".repeat(21e6)), /too large: it has 21 MB, and a page reads 20/);
  assert.match(await refused("a: b\n".repeat(3e5)), /no JSON\. As YAML it has 2 MB, and a page reads 1/);
});
