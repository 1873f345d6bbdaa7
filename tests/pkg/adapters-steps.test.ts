/** Questions that ask for more than one call, through both chat interfaces. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { generateText, isStepCount, jsonSchema, tool, type ModelMessage } from "ai";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import type { ChatMessage } from "../../pkg/adapters/openai-types.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import type { Tool, Toolgen } from "../../pkg/index.ts";
import { createFakeToolgen, type FakeToolgenOptions } from "../../pkg/testing.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const BOTH = "Is it dry in Oslo? And set a timer of 5 minutes";
const tools: Tool[] = ["get_weather", "set_timer"].map((name) => ({
  name,
  description: name,
  parameters: { type: "object" },
}));
const weather = { name: "get_weather", arguments: { city: "Oslo" } };
const timer = { name: "set_timer", arguments: { minutes: 5 } };
const answers: FakeToolgenOptions["answers"] = { [BOTH]: [weather, timer], "Rain in Oslo?": weather };
/** Nothing of the app's own runs in the adapters' runs. */
const functions = { get_weather: () => assert.fail("carried out"), set_timer: () => assert.fail("carried out") };
const fake = () => createFakeToolgen({ tools, answers, functions });

const results: Record<string, unknown> = { get_weather: { rain: true }, set_timer: "rings in 5 minutes" };
const carriedOut = (name: string, execute: () => unknown = () => results[name]) =>
  tool({ inputSchema: jsonSchema<object>({ type: "object" }), execute });
const own = { get_weather: carriedOut("get_weather"), set_timer: carriedOut("set_timer") };

async function generate(toolgen: Toolgen, prompt: string, mine: Record<string, unknown> = own) {
  const model = createToolgen(toolgen);
  const settings = { model, prompt, tools: mine as typeof own, stopWhen: isStepCount(4), maxRetries: 0 };
  const { text, steps } = await generateText(settings);
  return { text, calls: steps.flatMap(({ toolCalls }) => toolCalls.map(({ toolName, input }) => [toolName, input])) };
}

/** A chat that goes on until nothing is called. */
async function complete(toolgen: Toolgen, content: string) {
  const completions = createChatCompletions(toolgen);
  const messages: ChatMessage[] = [{ role: "user", content }];
  const calls: unknown[] = [];
  for (;;) {
    const { message } = (await completions.create({ messages })).choices[0]!;
    messages.push(message);
    if (!message.tool_calls) return { text: message.content, calls };
    for (const { id, function: called } of message.tool_calls) {
      calls.push([called.name, JSON.parse(called.arguments)]);
      messages.push({ role: "tool", tool_call_id: id, content: JSON.stringify(results[called.name]) });
    }
  }
}

test("each step makes a call, and the last gives all results", async () => {
  const calls = [
    [weather.name, weather.arguments],
    [timer.name, timer.arguments],
  ];
  assert.deepEqual(await generate(fake(), BOTH), { text: '{"rain":true}\nrings in 5 minutes', calls });
  assert.deepEqual(await complete(fake(), BOTH), { text: '{"rain":true}\n"rings in 5 minutes"', calls });
});

test("a question of one call ends with its result", async () => {
  const calls = [[weather.name, weather.arguments]];
  assert.deepEqual(await generate(fake(), "Rain in Oslo?"), { text: '{"rain":true}', calls });
  assert.deepEqual(await complete(fake(), "Rain in Oslo?"), { text: '{"rain":true}', calls });
});

test("after a result that is an error nothing more is called", async () => {
  const broken = () => {
    throw new Error("no sky");
  };
  const { text, calls } = await generate(fake(), BOTH, { ...own, get_weather: carriedOut("get_weather", broken) });
  assert.deepEqual([text, calls.length], ["Error: no sky", 1]);
});

test("calls that the model would not have made are followed by none", async () => {
  const input = { city: "Bergen" };
  const output = { type: "text", value: "wet" } as const;
  const messages: ModelMessage[] = [
    { role: "user", content: BOTH },
    { role: "assistant", content: [{ type: "tool-call", toolCallId: "1", toolName: "get_weather", input }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "1", toolName: "get_weather", output }] },
  ];
  const { text, toolCalls } = await generateText({ model: createToolgen(fake()), messages, tools: own });
  assert.deepEqual([text, toolCalls.length], ["wet", 0]);
});

test("a call that a result led to is not made", async () => {
  const planned = { [BOTH]: [weather, { ...timer, asked: false }] };
  const { text, calls } = await generate(await toolgenOf({ tools, answers: planned }, functions), BOTH);
  assert.deepEqual([text, calls.length], ['{"rain":true}', 1]);
  // The model has read the result as a run does.
  assert.deepEqual(
    log.replies.find(({ type }) => type === "observation"),
    { type: "observation", text: '{"rain":true}' },
  );
});

test("an abort ends the run of a further step", async () => {
  const stop = new AbortController();
  const call = { id: "1", function: { name: "get_weather", arguments: '{"city":"Oslo"}' } };
  const messages: ChatMessage[] = [
    { role: "user", content: BOTH },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "1", content: "dry" },
  ];
  const reason = new Error("enough");
  const answer = createChatCompletions(fake()).create({ messages }, { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(answer, (error) => error === reason);
});
