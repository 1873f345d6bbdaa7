import assert from "node:assert/strict";
import { test } from "node:test";
import { generateText, isStepCount, jsonSchema, Output, streamText, tool } from "ai";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import { ToolgenError } from "../../pkg/core/errors.ts";
import { FakeModel } from "./fake-model.ts";

const executed: unknown[] = [];
const anything = jsonSchema<any>({ type: "object" });
const tools = {
  get_weather: tool({
    description: "The weather.",
    inputSchema: jsonSchema<{ city: string; days: number }>({
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer" } },
      required: ["city"],
    }),
    execute: async ({ city, days }) => {
      executed.push(city);
      return { city, days, rain: true };
    },
  }),
  get_time: tool({
    inputSchema: anything,
    execute: async (): Promise<string> => {
      throw new Error("No clock.");
    },
  }),
};
const twoSteps = { tools, stopWhen: isStepCount(3), maxRetries: 0 };

async function failure(code: string, pattern: RegExp, promise: PromiseLike<unknown>): Promise<void> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}`),
    (error) => error,
  );
  assert.ok(error instanceof ToolgenError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, pattern);
}

test("generateText calls a tool, carries it out and ends with its result", async () => {
  executed.length = 0;
  const model = new FakeModel();
  const result = await generateText({ model: createToolgen(model), prompt: "Weather in Oslo?", ...twoSteps });
  assert.deepEqual(JSON.parse(result.text), { city: "Oslo", days: 2, rain: true });
  assert.deepEqual(executed, ["Oslo"]);
  assert.deepEqual(
    result.steps.map(({ finishReason }) => finishReason),
    ["tool-calls", "stop"],
  );
  assert.deepEqual(result.steps[0]!.toolCalls[0]!.input, { city: "Oslo", days: 2 });
  assert.deepEqual(result.steps[0]!.providerMetadata?.toolgen?.ranking, [
    { name: "get_weather", probability: 0.75 },
    { name: "get_time", probability: 0.25 },
  ]);
  assert.deepEqual(
    model.asked.map(({ query }) => query),
    ["Weather in Oslo?", "Weather in Oslo?"],
    "the second step looks for another call",
  );
});

test("streamText streams the arguments, then the result", async () => {
  const result = streamText({ model: createToolgen(new FakeModel()), prompt: "Weather in Oslo?", ...twoSteps });
  const parts: { type: string; [key: string]: any }[] = [];
  for await (const part of result.stream) parts.push(part);
  const deltas = parts.filter(({ type }) => type === "tool-input-delta").map(({ delta }) => delta);
  assert.ok(deltas.length > 3);
  assert.deepEqual(JSON.parse(deltas.join("")), { city: "Oslo", days: 2 });
  assert.equal(new Set(parts.filter(({ type }) => type.startsWith("tool-input")).map(({ id }) => id)).size, 1);
  assert.deepEqual(
    parts.filter(({ type }) => type === "tool-call").map(({ toolName }) => toolName),
    ["get_weather"],
  );
  assert.deepEqual(JSON.parse(await result.text), { city: "Oslo", days: 2, rain: true });
  assert.deepEqual(
    (await result.steps).map(({ finishReason }) => finishReason),
    ["tool-calls", "stop"],
  );
});

test("a tool that fails ends with its error as the text", async () => {
  const result = await generateText({ model: createToolgen(new FakeModel()), prompt: "What time is it?", ...twoSteps });
  assert.match(result.text, /No clock/);
});

test("no tool fits: the reason is the text", async () => {
  const { text, finishReason, toolCalls } = await generateText({
    model: createToolgen(new FakeModel()),
    prompt: "Hello",
    ...twoSteps,
  });
  assert.deepEqual([text, finishReason, toolCalls.length], ["No tool fits the question.", "stop", 0]);
  assert.equal(
    await streamText({ model: createToolgen(new FakeModel()), prompt: "Hello", ...twoSteps }).text,
    "No tool fits the question.",
  );
});

test("what the question doesn't say is asked for, and no part of a call is told", async () => {
  const settings = { model: createToolgen(new FakeModel()), prompt: "How is the weather?", ...twoSteps };
  const { text, finishReason, toolCalls } = await generateText(settings);
  assert.deepEqual([text, finishReason, toolCalls.length], ["To call get_weather, this is missing: city.", "stop", 0]);
  for await (const { type } of streamText(settings).stream) assert.doesNotMatch(type, /tool/);
  await failure("no_tool", /missing: city/, generateText({ ...settings, toolChoice: "required" }));
});

test("tools and toolChoice restrict the choice", async () => {
  const fake = new FakeModel();
  const model = createToolgen(fake);
  const ask = (settings: object) =>
    generateText({ model, prompt: "Weather in Oslo?", maxRetries: 0, tools, ...settings } as never);
  assert.match(
    (await ask({ tools: { send: tools.get_time, get_time: tools.get_time } })).text,
    /get_weather, which is not among/,
  );
  assert.equal((await ask({ toolChoice: "required" })).toolCalls.length, 1);
  assert.equal((await ask({ toolChoice: { type: "tool", toolName: "get_weather" } })).toolCalls.length, 1);
  await failure("no_tool", /not get_time/, ask({ toolChoice: { type: "tool", toolName: "get_time" } }));
  await failure("bad_request", /"nothing", which is not a tool/, ask({ tools: { nothing: tools.get_time } }));
  await failure("bad_request", /no tools/, ask({ tools: undefined }));
  const asked = fake.asked.length;
  const silent = await ask({ toolChoice: "none" });
  assert.match(silent.text, /No tool may be called/);
  assert.equal(silent.toolCalls.length, 0);
  assert.equal(fake.asked.length, asked);
  // What fits no tool.
  const forced = async (toolChoice: object | string) => {
    const { toolCalls } = await ask({ prompt: "Hello", toolChoice });
    return toolCalls.map(({ toolName }) => toolName);
  };
  assert.deepEqual(await forced("auto"), []);
  assert.deepEqual(await forced("required"), [Object.keys(tools)[0]]);
  assert.deepEqual(await forced({ type: "tool", toolName: "get_time" }), ["get_time"]);
});

test("what can't be honoured is refused, what has no effect is warned of", async () => {
  const model = createToolgen(new FakeModel());
  const settings = { model, prompt: "What time is it?", tools, maxRetries: 0 };
  const { warnings } = await silently(() => generateText({ ...settings, temperature: 0.5, seed: 1 }));
  assert.deepEqual(
    warnings?.map((warning) => (warning as { feature: string }).feature),
    ["seed", "temperature"],
  );
  await failure("bad_request", /stopSequences/, generateText({ ...settings, stopSequences: ["x"] }));
  await failure(
    "bad_request",
    /responseFormat/,
    generateText({ ...settings, output: Output.object({ schema: anything }) }),
  );
  const image = { type: "file", data: new Uint8Array([1]), mediaType: "image/png" } as const;
  await failure(
    "bad_request",
    /type file/,
    generateText({ model, tools, maxRetries: 0, messages: [{ role: "user", content: [image] }] }),
  );
  await failure(
    "bad_request",
    /from the assistant/,
    generateText({
      model,
      tools,
      maxRetries: 0,
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: "y" },
      ],
    }),
  );
  await failure(
    "bad_request",
    /may be none to make/,
    generateText({ ...settings, prompt: "Weather in Oslo?", toolChoice: "required", stopWhen: isStepCount(2) }),
  );
});

test("results of every kind become text", async () => {
  const call = { type: "tool-call", toolCallId: "a", toolName: "get_time", input: {} } as const;
  const finish = async (output: object) => {
    const content = [{ type: "tool-result", toolCallId: "a", toolName: "get_time", output }];
    const prompt = [
      { role: "user", content: [{ type: "text", text: "x" }] },
      { role: "assistant", content: [call] },
      { role: "tool", content },
    ];
    const {
      content: [part],
    } = await createToolgen(new FakeModel()).doGenerate({ prompt } as never);
    return (part as { text: string }).text;
  };
  assert.equal(await finish({ type: "text", value: "noon" }), "noon");
  assert.equal(await finish({ type: "json", value: "noon" }), "noon");
  assert.equal(await finish({ type: "json", value: { hour: 12 } }), '{"hour":12}');
  assert.equal(await finish({ type: "error-text", value: "broken" }), "broken");
  assert.equal(await finish({ type: "execution-denied" }), "The call was not approved.");
  assert.equal(
    await finish({
      type: "content",
      value: [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
    }),
    "a\nb",
  );
  await failure(
    "bad_request",
    /type file/,
    finish({ type: "content", value: [{ type: "file", data: { type: "data", data: "" }, mediaType: "image/png" }] }),
  );
});

test("a failure of the model rejects, and is an error part of a stream", async () => {
  const model = createToolgen(new FakeModel());
  const settings = { model, tools, prompt: "crash", maxRetries: 0 };
  await assert.rejects(generateText(settings), /The model crashed/);
  const errors: unknown[] = [];
  const result = streamText({ ...settings, onError: ({ error }) => void errors.push(error) });
  for await (const part of result.stream) if (part.type === "finish") assert.equal(part.finishReason, "error");
  assert.match(String(errors[0]), /The model crashed/);
});

test("an abort cancels the call, in a stream as well", async () => {
  const fake = new FakeModel();
  fake.held = true;
  const model = createToolgen(fake);
  const settings = { model, tools, prompt: "Weather in Oslo?", maxRetries: 0 };
  const first = new AbortController();
  const generated = generateText({ ...settings, abortSignal: first.signal });
  setTimeout(() => first.abort());
  await assert.rejects(generated, { name: "AbortError" });
  const second = new AbortController();
  const types: string[] = [];
  setTimeout(() => second.abort(), 20);
  for await (const { type } of streamText({ ...settings, abortSignal: second.signal }).stream) types.push(type);
  assert.equal(types.at(-1), "abort");

  const third = new AbortController();
  const open = async (abortSignal?: AbortSignal) => {
    const { stream } = await model.doStream({
      abortSignal,
      prompt: [{ role: "user", content: [{ type: "text", text: "Weather in Oslo?" }] }],
      tools: [{ type: "function", name: "get_weather", inputSchema: {} }],
    });
    return stream as typeof stream & AsyncIterable<{ type: string }>;
  };
  const read = async () => {
    for await (const { type } of await open(third.signal)) assert.notEqual(type, "error");
  };
  setTimeout(() => third.abort("enough"), 20);
  await assert.rejects(read(), (reason) => reason === "enough");
  const { aborted } = fake;
  const reader = (await open()).getReader();
  const reading = Promise.all([reader.read(), reader.read(), reader.read()]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await reader.cancel();
  await reading;
  assert.ok(fake.aborted > aborted, "a cancelled stream ends the call");
});

/** The SDK prints its warnings. */
async function silently<T>(action: () => PromiseLike<T>): Promise<T> {
  globalThis.AI_SDK_LOG_WARNINGS = false;
  try {
    return await action();
  } finally {
    globalThis.AI_SDK_LOG_WARNINGS = undefined;
  }
}
