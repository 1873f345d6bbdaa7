/** Where the model is not sure of a tool, a person chooses; nothing is carried out by itself. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { RunEvent, RunOptions, Tool } from "../../pkg/index.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const tools = ["on", "off"].map(
  (name): Tool => ({ name, description: name, parameters: { type: "object" }, annotations: { readOnlyHint: true } }),
);
const done: string[] = [];
const functions = { on: () => done.push("on"), off: () => done.push("off") };
const answers = { switch: { name: "on", arguments: {}, sure: false }, clear: { name: "on", arguments: {} } };

async function run(options: RunOptions, query = "switch") {
  done.length = 0;
  const events = await collect((await toolgenOf({ tools, answers }, functions)).run(query, options));
  const finish = events.at(-1);
  assert.ok(finish?.type === "finish");
  const choose = events.find((event): event is Extract<RunEvent, { type: "choose" }> => event.type === "choose");
  return { events, finish, candidates: choose?.candidates.map(({ name }) => name) };
}

test("the person's choice is carried out", async () => {
  const seen: string[][] = [];
  const choose: RunOptions["choose"] = (candidates) => {
    seen.push(candidates.map(({ name }) => name));
    return "off";
  };
  const { finish, candidates } = await run({ choose });
  assert.deepEqual([seen, candidates], [[["on", "off"]], ["on", "off"]]);
  assert.deepEqual([done, finish.reason, finish.call?.name], [["off"], "done", "off"]);
  assert.deepEqual(log.replies[0], { type: "choice", tool: "off" });
});

test("none is a choice, too", async () => {
  for (const choose of [() => null, async () => null, () => undefined as unknown as null]) {
    const { finish } = await run({ choose });
    assert.deepEqual([done, finish.reason, finish.call], [[], "abstained", null]);
  }
});

test("a choice is no approval", async () => {
  const changing = tools.map((tool) => ({ ...tool, annotations: {} }));
  const toolgen = await toolgenOf({ tools: changing, answers }, functions);
  const events = await collect(toolgen.run("switch", { choose: () => "on" }));
  assert.ok(events.some((event) => event.type === "error" && event.error.code === "not_approved"));
});

test("without someone to choose the run ends, and the ranking has the candidates", async () => {
  for (const options of [{}, { unsure: "ask" }, { unsure: "end" }, { unsure: "end", choose: () => "on" }] as const) {
    const { finish, candidates } = await run(options);
    assert.deepEqual([done, finish.reason, finish.call, candidates], [[], "unsure", null, undefined]);
    assert.deepEqual(
      finish.ranking.map(({ name }) => name),
      ["on", "off"],
    );
  }
});

test("the likeliest is called where that is wanted, and where the model is sure nobody is asked", async () => {
  const never = () => assert.fail("nobody is to be asked");
  assert.deepEqual([(await run({ unsure: "call", choose: never })).finish.reason, done], ["done", ["on"]]);
  assert.deepEqual([(await run({ choose: never }, "clear")).finish.reason, done], ["done", ["on"]]);
});

test("what is no candidate is refused, and an open choice can be aborted", async () => {
  await assert.rejects(run({ choose: () => "boil" }), { code: "bad_argument", message: /"?boil"?.*on, off/ });
  const stop = new AbortController();
  const choose = () => {
    queueMicrotask(() => stop.abort());
    return new Promise<null>(() => {});
  };
  await assert.rejects(run({ choose, signal: stop.signal }), { name: "AbortError" });
});

test("call() says whether it is sure", async () => {
  const toolgen = await toolgenOf({ tools, answers });
  const { call, sure, ranking } = await toolgen.call("switch");
  assert.deepEqual([call?.name, sure, ranking.length], ["on", false, 2]);
  assert.equal((await toolgen.call("clear")).sure, true);
});

test("a tool that is unregistered while its approval is open is not carried out", async () => {
  const changing = tools.map((tool) => ({ ...tool, annotations: {} }));
  const toolgen = await toolgenOf({ tools: changing, answers }, functions);
  done.length = 0;
  const approve = async () => {
    await toolgen.unregister(["on"]);
    return true;
  };
  const events = await collect(toolgen.run("clear", { approve }));
  assert.ok(events.some((event) => event.type === "error" && event.error.code === "bad_tool"));
  assert.deepEqual(done, []);
});
