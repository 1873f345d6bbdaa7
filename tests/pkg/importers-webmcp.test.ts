import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { ToolgenError } from "../../pkg/core/errors.ts";
import { fromPage, provideToPage, type PageAgent } from "../../pkg/importers/webmcp.ts";
import type { RunEvent, RunOptions, Step } from "../../pkg/index.ts";
import { call, failure } from "./imported.ts";

interface Registered {
  name: string;
  title?: string;
  description: string;
  inputSchema?: object;
  annotations?: object;
  execute(input: any, options?: { signal: AbortSignal }): unknown;
}

/** A `ModelContext` after the draft: https://webmachinelearning.github.io/webmcp/ */
class FakeContext extends EventTarget {
  readonly tools = new Map<string, Registered & { origin: string }>();
  /** Chrome before 154 gives schemas, and before 155 takes arguments, as JSON text. */
  readonly text: boolean;

  constructor({ text = false } = {}) {
    super();
    this.text = text;
  }

  async registerTool(tool: Registered, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.tools.has(tool.name)) throw new DOMException("The name is taken", "InvalidStateError");
    if (!/^[\w.-]{1,128}$/.test(tool.name) || tool.description === "")
      throw new DOMException("Invalid", "InvalidStateError");
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => this.remove(tool.name));
    this.add(tool);
  }

  add(tool: Registered, { key = tool.name, origin = "https://shop.example" } = {}): void {
    this.tools.set(key, { ...tool, origin });
    this.dispatchEvent(new Event("toolchange"));
  }

  remove(name: string): void {
    this.tools.delete(name);
    this.dispatchEvent(new Event("toolchange"));
  }

  async getTools(_options?: { fromOrigins?: string[] }): Promise<object[]> {
    return [...this.tools].map(([key, { execute: _, inputSchema, ...tool }]) => ({
      ...tool,
      key,
      window: {},
      inputSchema: this.text ? JSON.stringify(inputSchema) : inputSchema,
    }));
  }

  async executeTool(
    tool: { key: string },
    input: unknown,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<string | null> {
    const registered = this.tools.get(tool.key);
    if (!registered) throw new DOMException("The tool is gone", "UnknownError");
    signal?.throwIfAborted();
    // WebIDL's conversions: to a DOMString, or of an object through JSON.
    if (!this.text && typeof input !== "object") throw new TypeError("not of type object");
    const args: unknown = JSON.parse(this.text ? `${input as string}` : JSON.stringify(input));
    const result = await registered.execute(args, { signal: signal ?? new AbortController().signal });
    return JSON.stringify(result);
  }
}

const scope = globalThis as { document?: object };

function install(context: object, place: "document" | "navigator" = "document"): void {
  if (place === "document") scope.document = { modelContext: context };
  else Object.defineProperty(globalThis, "navigator", { configurable: true, value: { modelContext: context } });
}

Object.assign(globalThis, { location: { origin: "https://shop.example" } });
const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, "navigator");
afterEach(() => {
  delete scope.document;
  if (navigatorBefore) Object.defineProperty(globalThis, "navigator", navigatorBefore);
  else delete (globalThis as { navigator?: unknown }).navigator;
});

const SCHEMA = { type: "object", properties: { text: { type: "string" } } };
const named = (name: string, fields: Partial<Registered> = {}): Registered => ({
  name,
  description: `Does ${name}`,
  inputSchema: SCHEMA,
  execute: (input) => ({ got: input }),
  ...fields,
});

test("without WebMCP there are no tools, and nothing is registered", async () => {
  const broken = Object.defineProperty({}, "modelContext", { get: () => assert.fail("a getter that throws") });
  for (const document of [undefined, {}, { modelContext: null }, { modelContext: {} }, broken]) {
    scope.document = document;
    const page = await fromPage({ onListChanged: () => assert.fail("no changes are expected") });
    assert.equal(page.supported, false);
    assert.deepEqual([page.tools, page.skipped], [[], []]);
    page.close();
    const provided = await provideToPage({ run: async function* () {} }, { description: "Does things" });
    assert.equal(provided.registered, false);
    provided.remove();
  }
});

for (const [what, options, place] of [
  ["the draft", {}, "document"],
  ["a browser of JSON texts", { text: true }, "document"],
  ["a browser with the context on navigator", { text: true }, "navigator"],
] as const) {
  test(`tools are listed and called, once each, with ${what}`, async () => {
    const context = new FakeContext(options);
    install(context, place);
    const calls: unknown[] = [];
    context.add(
      named("note", {
        title: "A note",
        annotations: { readOnlyHint: true, untrustedContentHint: false },
        execute: (input) => calls.push(input),
      }),
    );
    context.add(named("bare", { inputSchema: undefined, execute: () => "a text" }));
    const page = await fromPage();
    assert.equal(page.supported, true);
    assert.deepEqual(page.skipped, []);
    const [note, bare] = page.tools;
    assert.deepEqual(note!.inputSchema, SCHEMA);
    assert.deepEqual(note!.annotations, { title: "A note", readOnlyHint: true, untrustedContentHint: false });
    assert.deepEqual(bare!.inputSchema, { type: "object", properties: {} });
    assert.equal(await call(page.tools, "note", { text: "milk" }), 1);
    assert.deepEqual(calls, [{ text: "milk" }]);
    assert.equal(await call(page.tools, "bare"), "a text");
  });
}

test("a call that fails to parse its own input is not made twice", async () => {
  const context = new FakeContext();
  install(context);
  let calls = 0;
  context.add(
    named("parse", {
      execute: () => {
        calls++;
        throw new Error("Failed to parse input arguments");
      },
    }),
  );
  const { tools } = await fromPage();
  assert.match((await failure("function_failed", call(tools, "parse"))).message, /parse failed: Failed to parse/);
  assert.equal(calls, 1);
});

test("results in the form of MCP's become observations, others stay", async () => {
  const context = new FakeContext();
  install(context);
  context.add(named("mcp", { execute: () => ({ content: [{ type: "text", text: "done" }] }) }));
  context.add(named("wrong", { execute: () => ({ isError: true, content: [{ type: "text", text: "no stock" }] }) }));
  context.add(named("article", { execute: () => ({ content: ["first", "second"] }) }));
  context.add(named("none", { execute: () => null }));
  const { tools } = await fromPage();
  assert.equal(await call(tools, "mcp"), "done");
  assert.match((await failure("function_failed", call(tools, "wrong"))).message, /no stock/);
  assert.deepEqual(await call(tools, "article"), { content: ["first", "second"] });
  assert.equal(await call(tools, "none"), null);
});

test("aborting, a time limit and a tool that is gone", async () => {
  const context = new FakeContext();
  install(context);
  let seen: AbortSignal | undefined;
  context.add(named("slow", { execute: (_, options) => new Promise(() => (seen = options!.signal)) }));
  const { tools } = await fromPage({ timeoutMs: 50 });
  const stop = new AbortController();
  const aborted = failure("aborted", call(tools, "slow", {}, stop.signal));
  stop.abort(new Error("enough"));
  assert.equal(((await aborted).cause as Error).message, "enough");
  assert.equal(seen!.aborted, true);
  assert.match((await failure("timeout", call(tools, "slow"))).message, /slow.*50 ms/);
  context.remove("slow");
  assert.match((await failure("function_failed", call(tools, "slow"))).message, /gone/);
  context.getTools = () => new Promise(() => {});
  await failure("timeout", fromPage({ timeoutMs: 50 }));
  await failure("aborted", fromPage({ signal: AbortSignal.abort() }));
});

test("unusable documents are left out by name; frames' names are told apart", async () => {
  const context = new FakeContext();
  install(context);
  context.add(named("buy"));
  context.add(named("buy", { execute: () => "theirs" }), { key: "frame", origin: "https://pay.example:8443" });
  context.add(named("mute", { description: "" }));
  context.add(named("list", { inputSchema: { type: "array" } }));
  context.add(named("hinted", { annotations: { readOnlyHint: "yes" } }));
  const page = await fromPage({ fromOrigins: ["https://pay.example:8443"] });
  assert.deepEqual(
    page.tools.map((tool) => tool.name),
    ["buy", "pay.example_8443_buy"],
  );
  assert.equal(await call(page.tools, "pay.example_8443_buy"), "theirs");
  const patterns = [/"mute".*\/description/, /"list".*\/inputSchema\/type/, /"hinted".*\/annotations\/readOnlyHint/];
  assert.equal(page.skipped.length, patterns.length);
  patterns.forEach((pattern, index) => assert.match(page.skipped[index]!.message, pattern));
  context.getTools = async () => ({}) as never;
  await failure("mcp", fromPage());
  context.getTools = () => Promise.reject(new DOMException("Not here", "NotAllowedError"));
  assert.match((await failure("function_failed", fromPage())).message, /Not here/);
});

test("hints are believed of the page itself, and of origins that it trusts", async () => {
  const context = new FakeContext();
  install(context);
  const annotations = { readOnlyHint: true, idempotentHint: true };
  const origin = "https://pay.example";
  context.add(named("own", { annotations }));
  context.add(named("pay", { annotations, title: "Pays" }), { origin });
  const hints = async (options?: object) =>
    Object.fromEntries(
      (await fromPage({ fromOrigins: [origin], ...options })).tools.map((tool) => [tool.name, tool.annotations]),
    );
  const all = await hints();
  assert.equal(all.own?.readOnlyHint, true);
  assert.deepEqual(all.pay, { title: "Pays", untrustedContentHint: true });
  assert.equal((await hints({ trustOrigins: [origin] })).pay?.readOnlyHint, true);
});

test("schemas that are broken JSON are left out", async () => {
  const context = new FakeContext();
  install(context);
  context.getTools = async () => [{ name: "cut", description: "Cut off", inputSchema: '{"type":' }];
  assert.match((await fromPage()).skipped[0]!.message, /"cut".*\/inputSchema is not JSON/);
});

test("changes are told until the list is closed", async () => {
  const context = new FakeContext();
  install(context);
  context.add(named("one"));
  const told: unknown[] = [];
  let wake = () => {};
  const page = await fromPage({
    onListChanged(error, tools) {
      told.push(error?.code ?? tools!.map((tool) => tool.name));
      wake();
    },
  });
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  let change = next();
  context.add(named("two"));
  await change;
  assert.deepEqual(
    page.tools.map((tool) => tool.name),
    ["one", "two"],
  );
  const { getTools } = context;
  context.getTools = async () => null as never;
  change = next();
  context.remove("one");
  await change;
  assert.deepEqual(
    page.tools.map((tool) => tool.name),
    ["one", "two"],
  );
  context.getTools = getTools;
  page.close();
  context.remove("two");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(told, [["one", "two"], "mcp"]);
});

test("a list that is being read again when it is closed is not told", async () => {
  const context = new FakeContext();
  install(context);
  const page = await fromPage({ onListChanged: () => assert.fail("the list is closed") });
  let finish = (_: object[]) => {};
  context.getTools = () => new Promise((resolve) => (finish = resolve));
  context.add(named("one"));
  page.close();
  finish([named("one")]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(page.tools, []);
});

/** An agent that answers every question with these events. */
function agentOf(...events: RunEvent[]): PageAgent & { asked: { question: string; options: RunOptions }[] } {
  const asked: { question: string; options: RunOptions }[] = [];
  return {
    asked,
    async *run(question, options) {
      asked.push({ question, options });
      yield* events;
    },
  };
}

const CALL = { name: "add", arguments: { a: 2, b: 3 } };

function finish(reason: "done" | "abstained" | "denied", step?: Step): RunEvent {
  return {
    type: "finish",
    reason,
    ranking: [],
    call: step?.call ?? null,
    observation: step?.observation,
    steps: step ? [step] : [],
  };
}

test("the agent is one tool of the page", async () => {
  const context = new FakeContext();
  install(context);
  const approve = () => true;
  const agent = agentOf(
    { type: "call", call: CALL },
    finish("done", { call: CALL, observation: { result: { sum: 5 }, body: 5 } }),
  );
  const provided = await provideToPage(agent, {
    name: "calculate",
    title: "Sums",
    description: "Adds numbers",
    run: { approve },
  });
  assert.deepEqual([provided.name, provided.registered], ["calculate", true]);
  const [document] = (await context.getTools()) as any[];
  assert.deepEqual(
    [document.title, document.description, document.inputSchema.required],
    ["Sums", "Adds numbers", ["question"]],
  );
  assert.deepEqual(document.annotations, { readOnlyHint: false, untrustedContentHint: true });

  const { signal } = new AbortController();
  const answer = JSON.parse((await context.executeTool(document, { question: "two and three" }, { signal }))!);
  assert.deepEqual(answer, { tool: "add", arguments: { a: 2, b: 3 }, result: { sum: 5 } });
  assert.deepEqual(agent.asked, [{ question: "two and three", options: { approve, signal } }]);

  // It is not offered to itself.
  assert.deepEqual((await fromPage({ exclude: [provided.name] })).tools, []);
  provided.remove();
  provided.remove();
  assert.equal(context.tools.size, 0);
});

test("an agent's refusals and failures reach the one who asks", async () => {
  const context = new FakeContext();
  install(context);
  const ask = async (agent: PageAgent, input: object = { question: "hello" }) => {
    const provided = await provideToPage(agent, { description: "Answers" });
    const [document] = (await context.getTools()) as any[];
    return context.executeTool(document, input).finally(() => provided.remove());
  };
  const declined = JSON.parse((await ask(agentOf(finish("abstained"))))!);
  assert.equal(declined.tool, null);
  const error = new ToolgenError("not_approved", "may not");
  const failed = agentOf({ type: "error", error }, finish("denied", { call: CALL, error }));
  assert.match((await failure("not_approved", ask(failed))).message, /may not/);
  await failure("backend", ask(agentOf()));
  for (const input of [{}, { question: "" }, { question: 7 }]) await failure("bad_argument", ask(agentOf(), input));
});

test("an agent that can't be registered has a clear error", async () => {
  const context = new FakeContext();
  install(context);
  const options = { name: "ask", description: "Answers" };
  await failure("bad_tool", provideToPage(agentOf(), { ...options, name: "ask me" }));
  await failure("bad_tool", provideToPage(agentOf(), { ...options, description: "" }));
  await failure("aborted", provideToPage(agentOf(), { ...options, signal: AbortSignal.abort() }));
  const stop = new AbortController();
  await provideToPage(agentOf(), { ...options, signal: stop.signal });
  assert.match((await failure("bad_tool", provideToPage(agentOf(), options))).message, /ask.*taken/);
  stop.abort();
  assert.equal(context.tools.size, 0);
  context.registerTool = () => Promise.reject(new DOMException("by policy", "NotAllowedError"));
  assert.match((await failure("unsupported", provideToPage(agentOf(), options))).message, /by policy/);
});

test("older browsers unregister by name", async () => {
  const names = new Set<string>();
  install(
    {
      registerTool: ({ name }: Registered) => void names.add(name),
      unregisterTool: (name: string) => void names.delete(name),
    },
    "navigator",
  );
  const provided = await provideToPage(agentOf(), { description: "Answers" });
  assert.deepEqual([...names], ["ask_agent"]);
  provided.remove();
  assert.equal(names.size, 0);
  assert.equal((await fromPage()).supported, false);
});
