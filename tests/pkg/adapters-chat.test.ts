/** What both chat interfaces do with earlier messages, and where the model is not sure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateText, jsonSchema, tool, type ModelMessage } from "ai";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import type { ChatMessage } from "../../pkg/adapters/openai-types.ts";
import { createChatCompletions, type ChatOptions } from "../../pkg/adapters/openai.ts";
import { FakeModel } from "./fake-model.ts";

const ASK = "To call get_weather, this is missing: city.";
const args = { city: "Bergen" };
const turns = [
  { query: "Rain in Bergen?", call: { name: "get_weather", arguments: args }, observation: "wet" },
  { query: "How is the weather?", call: { name: "get_weather", arguments: {} } },
];
const anything = jsonSchema<any>({ type: "object" });
const tools = { get_weather: tool({ inputSchema: anything }), get_time: tool({ inputSchema: anything }) };
const silent = { tools, maxRetries: 0 };

test("earlier messages of chat completions are the turns before", async () => {
  const model = new FakeModel();
  const call = { id: "1", type: "function", function: { name: "get_weather", arguments: JSON.stringify(args) } };
  const messages: ChatMessage[] = [
    { role: "user", content: "Rain in Bergen?" },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "1", content: "wet" },
    { role: "assistant", content: "It is wet." },
    { role: "user", content: [{ type: "text", text: "Hello" }] },
    { role: "assistant", content: "Hi." },
    { role: "user", content: "How is the weather?" },
    { role: "assistant", content: ASK },
    { role: "system", content: "Be short." },
    { role: "user", content: "Weather in Oslo?" },
  ];
  await createChatCompletions(model).create({ messages });
  assert.deepEqual(model.before, [turns]);
});

test("earlier messages of the AI SDK are the turns before", async () => {
  const model = new FakeModel();
  const output = { type: "text", value: "wet" } as const;
  const messages: ModelMessage[] = [
    { role: "user", content: "Rain in Bergen?" },
    { role: "assistant", content: [{ type: "tool-call", toolCallId: "1", toolName: "get_weather", input: args }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "1", toolName: "get_weather", output }] },
    { role: "assistant", content: "It is wet." },
    { role: "user", content: "How is the weather?" },
    { role: "assistant", content: ASK },
    { role: "user", content: "Weather in Oslo?" },
  ];
  await generateText({ model: createToolgen(model), messages, ...silent });
  assert.deepEqual(model.before, [turns]);
});

test("messages of other models, and broken ones, are passed over", async () => {
  const model = new FakeModel();
  const calls = (call: unknown) => [
    { role: "user", content: "Hello" },
    { role: "assistant", tool_calls: [call] },
  ];
  const messages = [
    ...calls(null),
    ...calls({ id: "1", function: { name: 5 } }),
    ...calls({ id: "2", function: { name: "get_time", arguments: "{" } }),
    { role: "function", content: "x" },
    { role: "assistant", content: 7 },
    { role: "user", content: "Weather in Oslo?" },
  ] as ChatMessage[];
  model.sure = false;
  await createChatCompletions(model, { unsure: "call" }).create({ messages });
  assert.deepEqual(model.before.slice(1), [[{ query: "Hello", call: { name: "get_time", arguments: {} } }]]);
});

test("a question that is clear by itself is not read with the turns before", async () => {
  const model = new FakeModel();
  const messages: ChatMessage[] = [
    { role: "user", content: "What time is it?" },
    {
      role: "assistant",
      tool_calls: [{ id: "1", type: "function", function: { name: "get_time", arguments: "{}" } }] as never,
    },
    { role: "user", content: "Weather in Oslo?" },
  ];
  await createChatCompletions(model).create({ messages });
  assert.deepEqual(
    model.before.map((turns) => turns?.length ?? 0),
    [0, 0],
  );
});

test("where the model is not sure, both ask which tool is meant, and call none", async () => {
  const said = async (options?: ChatOptions, choice: "auto" | "required" = "auto") => {
    const model = new FakeModel();
    model.sure = false;
    const messages = [{ role: "user", content: "Weather in Oslo?" } as const];
    const { choices } = await createChatCompletions(model, options).create({ messages, tool_choice: choice });
    const { text, toolCalls } = await generateText({
      model: createToolgen(model, options),
      messages,
      toolChoice: choice,
      ...silent,
    });
    const [{ message }] = choices;
    assert.equal(message.tool_calls?.length ?? 0, toolCalls.length);
    if (toolCalls.length === 0) assert.equal(message.content ?? message.refusal, text);
    return [toolCalls[0]?.toolName ?? text, message.refusal === null];
  };
  const asked = "Not sure which tool is meant: get_weather, get_time, or none.";
  assert.deepEqual(await said(), [asked, true]);
  assert.deepEqual(await said({ unsure: "end" }), [asked, false]);
  assert.deepEqual(await said({ unsure: "call" }), ["get_weather", true]);
  assert.deepEqual(await said({}, "required"), ["get_weather", true]);
});

test("a call that is required is made where no tool fits, and none means text alone", async () => {
  const messages = [{ role: "user", content: "Hello" } as const];
  const said = async (mode: "auto" | "required" | "none", name?: string) => {
    const { choices } = await createChatCompletions(new FakeModel()).create({
      messages,
      tool_choice: name ? { type: "function", function: { name } } : mode,
    });
    const { text, toolCalls } = await generateText({
      model: createToolgen(new FakeModel()),
      messages,
      toolChoice: name ? { type: "tool", toolName: name as "get_time" } : mode,
      ...silent,
    });
    const [{ message }] = choices;
    const [call] = message.tool_calls ?? [];
    assert.equal(call?.function.name, toolCalls[0]?.toolName);
    assert.equal(message.content ?? message.refusal ?? "", text);
    return call?.function.name ?? (message.content === null ? "refused" : "text");
  };
  assert.equal(await said("auto"), "refused");
  assert.equal(await said("none"), "text");
  assert.equal(await said("required"), "get_weather", "the first of the ranking");
  assert.equal(await said("required", "get_time"), "get_time");
});
