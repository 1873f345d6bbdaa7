/** Where documents were looked at, the ranking after that counts, whoever reads it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { Conversation } from "../../pkg/conversation.ts";
import type { Turn } from "../../pkg/index.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { collect } from "./loaded.ts";

const tools = ["weather", "send"].map((name) => ({
  name,
  description: name,
  parameters: { type: "object" },
  annotations: { readOnlyHint: true },
}));
const looks = [{ name: "send", probability: 0.1 }];
const answers = { settled: { name: "weather", looks }, open: { name: "weather", looks, sure: false } };
const fake = () => createFakeToolgen({ tools, answers, functions: { weather: () => "rain" } });

test("runs and calls", async () => {
  const events = await collect(fake().run("settled"));
  assert.deepEqual(
    events.slice(0, 4).map((event) => (event.type === "ranking" ? event.sure : event.type)),
    [false, "look", true, "tool"],
  );
  const last = events.at(-1);
  assert.ok(last?.type === "finish" && last.ranking[0]!.probability === 0.99);
  const { sure, ranking } = await fake().call("settled");
  assert.deepEqual([sure, ranking[0]!.probability], [true, 0.99]);
  assert.equal((await fake().call("open")).sure, false);
});

test("conversations read the turns before only where it leaves doubt", async () => {
  const toolgen = fake();
  const read: number[] = [];
  const chat = new Conversation({
    tools: toolgen.tools,
    callEvents: (query, options) => toolgen.callEvents(query, options),
    carryOut: (call) => toolgen.carryOut(call),
    run: (query, options) => {
      read.push((options?.before as Turn[]).length);
      return toolgen.run(query, options);
    },
  });
  for (const query of ["settled", "settled", "open"]) await collect(chat.run(query));
  assert.deepEqual(read, [0, 0, 2]);
});

test("chat interfaces", async () => {
  const completions = createChatCompletions(fake());
  const ask = async (content: string) =>
    (await completions.create({ messages: [{ role: "user", content }] })).choices[0]!.message;
  assert.equal((await ask("settled")).tool_calls?.[0]?.function.name, "weather");
  assert.match((await ask("open")).content!, /Not sure which tool is meant: weather, send/);
});
