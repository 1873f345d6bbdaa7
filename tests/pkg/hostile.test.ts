/** No value from JavaScript brings the module down, or comes back as anything but a ToolgenError. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { buildRequest, execute } from "../../pkg/http.ts";
import { combineTools, fromMcpServer } from "../../pkg/importers/mcp.ts";
import { fromOpenAI } from "../../pkg/importers/openai.ts";
import { fromPage } from "../../pkg/importers/webmcp.ts";
import { defineTool, load, summarise, ToolgenError, type Tool, type Toolgen } from "../../pkg/index.ts";
import { deleteModel, hasModel, listModels } from "../../pkg/models.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { replay } from "../../pkg/trace.ts";
import { serve } from "../../pkg/worker/serve.ts";
import * as fake from "./fake-wasm.ts";
import { closeAll, toolgenOf } from "./loaded.ts";

const ROUNDS = 150;
const SEED = 20_260_514;

let seed = SEED;
/** A number from 0 up to, but not including, `n`: the same ones in each run. */
function random(n: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const circle: Record<string, unknown> = { type: "object" };
circle.properties = circle;
circle.self = [circle];
const thrower = () => {
  throw new Error("a getter threw");
};
const trap = new Proxy({}, { get: thrower, ownKeys: thrower, has: thrower, getOwnPropertyDescriptor: thrower });
class Instance {
  readonly field = 5;
}
const deep = JSON.parse(`${'{"a":'.repeat(500)}1${"}".repeat(500)}`);

const VALUES: readonly unknown[] = [
  ...[undefined, null, true, 0, 5, -1, 1.5, NaN, Infinity, 2 ** 60, 10n, Symbol("s")],
  ...["", "x", "two words", "x".repeat(70_000), "\ud800", "__proto__", "http://", "data:,x"],
  ...[[], [[]], ["x"], [5], [null], {}, deep, circle, trap, new Instance(), Object.create(null)],
  ...[new Date(NaN), new Date(0), new Map([[1, 2]]), new Uint8Array(3), () => "returned", { toString: 5 }],
  {
    get name() {
      return thrower();
    },
  },
];
const NAMES = [
  ..."name description inputSchema parameters execute http annotations examples query tool topK tools now before".split(
    " ",
  ),
  ..."signal onEvent onProgress unsure choose approve maxSteps maxTokens from conflictsFrom baseUrl turns history".split(
    " ",
  ),
  ..."method url body headers result messages prompt functions origins timeoutMs retries fetch type properties".split(
    " ",
  ),
];

/** A hostile value, or an object of some under names that mean something. */
function hostile(depth = 0): unknown {
  if (depth > 2 || random(3) > 0) return pick(VALUES);
  const entries = Array.from({ length: 1 + random(4) }, () => [pick(NAMES), hostile(depth + 1)]);
  return random(4) === 0 ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

const tool: Tool = {
  name: "a",
  description: "Does a",
  parameters: { type: "object" },
  annotations: { readOnlyHint: true },
};
let toolgen: Toolgen;

before(async () => {
  toolgen = await toolgenOf({ tools: [tool], answers: {} }, { a: () => "done" });
});
after(closeAll);

/** What the call leads to: iterated to its end, or until it has given enough. */
async function settle(call: () => unknown): Promise<void> {
  const result = (await call()) as AsyncIterable<unknown> | undefined;
  if (typeof result !== "object" || result === null || !(Symbol.asyncIterator in result)) return;
  let left = 20;
  for await (const _ of result) if (left-- === 0) break;
}

const signal = AbortSignal.timeout(3_600_000);
const offline = { fetch: async () => new Response("{}"), timeoutMs: 50 };
const functions: Record<string, (...args: any[]) => unknown> = {
  load: (options) => load(options),
  defineTool: (definition) => void defineTool(definition),
  register: (...args) => toolgen.register(args[0], args[1]),
  fromOpenApi: (...args) => toolgen.fromOpenApi(args[0], args[1]),
  unregister: (...args) => toolgen.unregister(args[0], args[1]),
  conflicts: (options) => toolgen.conflicts(options),
  teach: (...args) => toolgen.teach(args[0], args[1]),
  exportPack: (options) => toolgen.exportPack(options),
  retrieve: (...args) => toolgen.retrieve(args[0], args[1]),
  call: (...args) => toolgen.call(args[0], args[1]),
  callEvents: (...args) => toolgen.callEvents(args[0], args[1]),
  run: (...args) => toolgen.run(args[0], args[1]),
  carryOut: (...args) => toolgen.carryOut(args[0], args[1]),
  complete: (...args) => toolgen.complete(args[0], args[1]),
  completeArguments: (...args) => toolgen.completeArguments(args[0], args[1], args[2]),
  conversation: async (...args) => (await toolgen.conversation(args[0])).run(args[1], args[2]),
  answer: async (...args) => (await toolgen.conversation()).answer(args[0], args[1]),
  execute: (...args) => execute(args[0], args[1], args[2]),
  "execute a tool": (http, args) => execute({ ...tool, http }, args, offline),
  buildRequest: (...args) => buildRequest(args[0], args[1]),
  summarise: (...args) => summarise(args[0], args[1]),
  hasModel: (url) => hasModel(url),
  deleteModel: (url, options) => deleteModel(url, options),
  listModels: () => listModels(),
  fromOpenAI: (...args) => fromOpenAI(args[0], args[1]),
  fromMcpServer: (...args) => fromMcpServer(args[0], args[1]),
  fromPage: (options) => fromPage(options),
  combineTools: (tools) => combineTools({ name: "a", tools: [] }, { name: tools, tools: [] }),
  createFakeToolgen: (options, query) => createFakeToolgen(options).run(query),
  replay: (...args) => replay(args[0], args[1]),
  createChatCompletions: (...args) => createChatCompletions(toolgen, args[0]).create(args[1], { signal }),
  createToolgen: (prompt, tools) => createToolgen(toolgen).doGenerate({ prompt, tools, abortSignal: signal }),
};

for (const [name, call] of Object.entries(functions)) {
  test(`${name} takes what it is given, or refuses it by name`, async () => {
    seed = SEED;
    for (let round = 0; round < ROUNDS; round++) {
      const args = [hostile(), hostile(), hostile()];
      try {
        await settle(() => call(...args));
      } catch (error) {
        const where = `round ${round}: ${error instanceof Error ? error.stack : String(error)}`;
        assert.ok(error instanceof ToolgenError, where);
        assert.ok(!["crashed", "backend"].includes(error.code), where);
      }
    }
    // The module lives, and its tools are sound.
    await toolgen.unregister(toolgen.tools.map(({ name }) => name).filter((name) => name !== "a"));
    await toolgen.register([{ name: "a", description: "Does a", inputSchema: { type: "object" } }]);
    assert.equal((await toolgen.retrieve("still there?"))[0]!.name, "a");
  });
}

test("the worker answers what it can't read, and lives", async () => {
  const { port1, port2 } = new MessageChannel();
  const answers = new Map<unknown, { type: string; code?: string }>();
  serve(port1 as never, fake, { strict: new URL("file:///toolgen_bg.wasm") });
  port2.onmessage = ({ data }) => answers.set(data.id, data);
  port2.postMessage({
    id: -1,
    type: "load",
    checkpoint: "data:,GGUF",
    pack: new TextEncoder().encode(JSON.stringify({ tools: [tool], answers: {} })),
  });
  while (!answers.has(-1)) await new Promise((resolve) => setTimeout(resolve));
  const types =
    "memory device register unregister conflicts teach export openapi retrieve call run complete completeArguments cancel reply".split(
      " ",
    );
  seed = SEED;
  let sent = 0;
  for (let round = 0; round < 10 * ROUNDS; round++) {
    const fields = Object.fromEntries([
      ["query", hostile()],
      ["names", hostile()],
      ["examples", hostile()],
      ["document", hostile()],
      ["prompt", hostile()],
      ["reply", hostile()],
      ["topK", hostile()],
      ["maxSteps", hostile()],
      ["maxTokens", hostile()],
      ["tool", hostile()],
      ["tools", hostile()],
      ["checkpoint", "data:,GGUF"],
    ]);
    const message =
      random(10) === 0
        ? hostile()
        : { ...fields, id: random(4) === 0 ? hostile() : round, type: pick([...types, "none"]) };
    try {
      port2.postMessage(message);
      sent += 1;
    } catch {
      // It can't be sent.
    }
  }
  assert.ok(sent > ROUNDS);
  port2.postMessage({ id: "last", type: "memory" });
  port2.postMessage({ id: 1e6, type: "retrieve", query: { text: "still there?" }, topK: 1 });
  while (!answers.has(1e6)) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(answers.get(1e6)!.type, "done", JSON.stringify(answers.get(1e6)));
  for (const { type, code } of answers.values()) if (type === "error") assert.ok(code && code !== "crashed", code);
  port1.close();
  port2.close();
});
