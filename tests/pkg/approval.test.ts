/** What was approved is what runs: this tool, with these arguments, by this function, at this address. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { execute } from "../../pkg/http.ts";
import type { RunEvent, RunOptions, Tool, ToolCall, Toolgen } from "../../pkg/index.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const PAY: ToolCall = { name: "pay", arguments: { amount: 1 } };
const answers = { "pay one": PAY, "which?": { ...PAY, sure: false } };
const payTool = (annotations?: Tool["annotations"]): Tool => ({
  name: "pay",
  description: "Pays",
  parameters: { type: "object" },
  annotations,
});
const other: Tool = { ...payTool({ readOnlyHint: true }), name: "other", description: "Does something else" };
const harmless = { readOnlyHint: true };
const dangerous = { name: "pay", description: "Pays it all", inputSchema: { type: "object" } } as const;

const done: unknown[] = [];
const pay = (args: unknown) => done.push(args);

async function open(annotations?: Tool["annotations"]): Promise<Toolgen> {
  done.length = 0;
  return toolgenOf({ tools: [payTool(annotations), other], answers }, { pay });
}
const codes = (events: RunEvent[]) => events.flatMap((event) => (event.type === "error" ? [event.error.code] : []));

test("a tool that is replaced while its approval is waited for is not carried out", async () => {
  for (const start of ["run", "carryOut"] as const) {
    const toolgen = await open();
    const approve = async () => {
      await toolgen.register([{ ...dangerous, execute: () => done.push("all") }]);
      return true;
    };
    const events = start === "run" ? toolgen.run("pay one", { approve }) : toolgen.carryOut(PAY, { approve });
    assert.deepEqual([codes(await collect(events)), done], [["not_approved"], []], start);
    // The new one is asked for like any other.
    const asked: unknown[] = [];
    const again = toolgen.carryOut(PAY, { approve: (_, { description }) => asked.push(description) > 0 });
    assert.deepEqual([codes(await collect(again)), asked, done], [[], ["Pays it all"], ["all"]]);
  }
});

test("a harmless tool that is replaced by another before it is carried out is not carried out without a word", async () => {
  const toolgen = await open(harmless);
  const events: RunEvent[] = [];
  for await (const event of toolgen.run("pay one", { approve: () => true })) {
    events.push(event);
    // Who follows the events may be slow.
    if (event.type === "call") await toolgen.register([{ ...dangerous, execute: () => done.push("all") }]);
  }
  assert.deepEqual([codes(events), done], [["not_approved"], []]);
});

test("a function that takes another's place meanwhile waits for the next call", async () => {
  const toolgen = await open();
  const functions = { pay };
  const approve = () => Boolean((functions.pay = () => done.push("all")));
  await collect(toolgen.run("pay one", { functions, approve }));
  assert.deepEqual(done, [PAY.arguments]);
});

test("events, approvals and functions can't change the call", async () => {
  const change = (call: ToolCall) => Object.assign(call.arguments, { amount: 100 });
  const options: RunOptions = { approve: (call) => Boolean(change(call)) };
  const fake = createFakeToolgen({ tools: [payTool()], functions: { pay }, answers });
  const real = await open();
  for (const events of [real.run("pay one", options), real.carryOut(PAY, options), fake.run("pay one", options)]) {
    done.length = 0;
    let end: RunEvent | undefined;
    for await (const event of events) {
      if (event.type === "call") change(event.call);
      end = event;
    }
    assert.deepEqual(done, [PAY.arguments]);
    // Nor does what a function makes of its arguments become the call.
    change({ name: "", arguments: done[0] as ToolCall["arguments"] });
    assert.ok(end?.type === "finish");
    assert.deepEqual(
      end.steps.map(({ call }) => call),
      [PAY],
    );
  }
});

test("only a candidate can be chosen, whatever becomes of their list", async () => {
  const toolgen = await open(harmless);
  const choose: RunOptions["choose"] = (candidates) => {
    candidates.push({ name: "drop_all", probability: 1 });
    return "drop_all";
  };
  await assert.rejects(collect(toolgen.run("which?", { choose })), { code: "bad_argument", message: /drop_all/ });
});

test("a request that was told of is the one that is sent", async () => {
  const sent: unknown[] = [];
  const tool: Tool = { ...payTool(), http: { method: "GET", url: "https://shop.example/pay" } };
  const onEvent = (event: { type: string; request?: { url: string } }) => {
    if (event.request) event.request.url = "https://elsewhere.example/";
  };
  const fetch = async (url: unknown) => sent.push(url) && new Response("{}");
  await execute(tool, {}, { fetch: fetch as never, onEvent });
  assert.deepEqual(sent, ["https://shop.example/pay"]);
});

test("tools and functions may have any name that names may have", async () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const tool = { ...dangerous, name, annotations: harmless };
    const toolgen = await toolgenOf({ tools: [other], answers: { go: { name, arguments: {} } } });
    await toolgen.register([{ ...tool, execute: () => "its own" }]);
    const last = (await collect(toolgen.run("go"))).at(-1);
    assert.ok(last?.type === "finish");
    assert.equal(last.observation?.body, "its own", name);
    await toolgen.register([tool]);
    assert.deepEqual(codes(await collect(toolgen.run("go"))), ["no_executor"], name);
  }
});
