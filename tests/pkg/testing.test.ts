/** What an app's own tests are given. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunEvent, Tool } from "../../pkg/index.ts";
import { createFakeToolgen, type FakeToolgenOptions } from "../../pkg/testing.ts";
import { collect } from "./loaded.ts";

const tool = (name: string, annotations?: Tool["annotations"]): Tool => ({
  name,
  description: `Does ${name}`,
  parameters: { type: "object", properties: { city: { type: "string" } } },
  annotations,
});
const tools = [tool("weather", { readOnlyHint: true }), tool("send")];
const oslo = { name: "weather", arguments: { city: "Oslo" } };
const answers: FakeToolgenOptions["answers"] = {
  rain: oslo,
  mail: { name: "send" },
  both: [oslo, { name: "send" }],
  unclear: { ...oslo, sure: false },
  open: { name: "weather", missing: ["city"] },
  wrong: { name: "none" },
};
const fake = () =>
  createFakeToolgen({ tools, answers, functions: { weather: () => ({ rain: true }), send: () => "sent" } });

async function run(question: string, options = {}) {
  const events: RunEvent[] = await collect(fake().run(question, options));
  const finish = events.at(-1);
  assert.ok(finish?.type === "finish");
  return { finish, kinds: events.map(({ type }) => type) };
}

test("runs follow the table, through approvals and functions", async () => {
  const approve = () => true;
  const { finish, kinds } = await run("both", { approve });
  assert.deepEqual(
    [finish.reason, finish.steps.map(({ observation }) => observation?.result)],
    ["done", [{ rain: true }, { result: "sent" }]],
  );
  assert.deepEqual(kinds.slice(0, 6), ["ranking", "tool", "arguments", "call", "observation", "ranking"]);
  assert.equal((await run("mail")).finish.reason, "denied");
  assert.equal((await run("both", { approve, maxSteps: 1 })).finish.reason, "max_steps");
  assert.equal((await run("anything else")).finish.reason, "abstained");
  assert.equal((await run("open")).finish.reason, "asked");
});

test("being unsure is played, too", async () => {
  assert.equal((await run("unclear")).finish.reason, "unsure");
  assert.equal((await run("unclear", { choose: () => null })).finish.reason, "abstained");
  assert.deepEqual((await run("unclear", { choose: () => "weather" })).finish.call, oslo);
  assert.equal((await run("unclear", { unsure: "call" })).finish.reason, "done");
  const { call, sure, ranking } = await fake().call("unclear");
  assert.deepEqual([call, sure, ranking[0]], [oslo, false, { name: "weather", probability: 0.5 }]);
});

test("with explain each token of the arguments is told", async () => {
  for (const events of [
    await collect(fake().run("rain", { explain: true })),
    await collect(fake().callEvents("rain", { explain: true })),
  ]) {
    const tokens = events.flatMap((event) => (event.type === "arguments" ? (event.tokens ?? []) : []));
    assert.deepEqual(
      tokens.map(({ text, forced, allowed }) => [text, forced, allowed]),
      [
        ["{", true, 1],
        ['"city":', true, 1],
        ['"Oslo"', false, 2],
        ["}", true, 1],
      ],
    );
  }
  assert.ok((await collect(fake().run("rain"))).every((event) => !("tokens" in event)));
  await assert.rejects(fake().call("rain", { explain: "yes" as never }), { code: "bad_argument", message: /explain/ });
});

test("calls, rankings, conversations and the registry behave as the real ones", async () => {
  const toolgen = fake();
  assert.deepEqual((await toolgen.call("open")).missing, ["city"]);
  assert.equal((await toolgen.call("nothing")).call, null);
  const form = { tools: ["send"], required: true };
  assert.deepEqual((await toolgen.call("nothing", form)).call, { name: "send", arguments: {} });
  assert.equal((await toolgen.retrieve("rain", { topK: 1 })).length, 1);
  const chat = await toolgen.conversation();
  await collect(chat.run("open"));
  const last = (await collect(chat.answer({ city: "Bergen" }))).at(-1);
  assert.ok(last?.type === "finish" && last.call?.arguments.city === "Bergen");
  await toolgen.register([{ name: "later", description: "x", inputSchema: { type: "object" } }]);
  await toolgen.unregister(["send"]);
  assert.deepEqual(
    toolgen.tools.map(({ name }) => name),
    ["weather", "later"],
  );
  assert.equal((await createFakeToolgen({ tools, answers: () => oslo }).call("?")).call?.name, "weather");
});

test("options are held to the same forms, and what needs a model says so", async () => {
  const toolgen = fake();
  await assert.rejects(toolgen.retrieve("x", { topK: 0 }), { code: "bad_argument", message: /topK must be/ });
  await assert.rejects(toolgen.call(" "), { code: "question_empty" });
  await assert.rejects(toolgen.call("wrong"), { code: "bad_tool", message: /none, which is not registered/ });
  await assert.rejects(toolgen.exportPack(), { code: "unsupported" });
  await assert.rejects(collect(toolgen.complete("x")), { code: "unsupported" });
  await assert.rejects(collect(toolgen.completeArguments("x", "weather")), { code: "unsupported" });
  const stop = new AbortController();
  const approve = () => (stop.abort(), new Promise<boolean>(() => {}));
  await assert.rejects(collect(toolgen.run("mail", { approve, signal: stop.signal })), { name: "AbortError" });
  toolgen.dispose();
  await assert.rejects(toolgen.call("rain"), { code: "disposed" });
});
