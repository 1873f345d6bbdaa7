import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import OpenAI from "openai";

import {
  createChatCompletions,
  type ChatCompletionChunk,
  type ChatCompletionRequest,
} from "../../pkg/adapters/openai.ts";
import { ToolgenError } from "../../pkg/core/errors.ts";
import { FakeModel } from "./fake-model.ts";

const question = (content: string) => [{ role: "user", content } as const];
const fn = (name: string) =>
  ({ type: "function", function: { name, parameters: { type: "object", properties: {} } } }) as const;

async function failure(code: string, pattern: RegExp, promise: Promise<unknown>): Promise<void> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}`),
    (error) => error,
  );
  assert.ok(error instanceof ToolgenError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, pattern);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test("a question becomes a tool call", async () => {
  const completion = await createChatCompletions(new FakeModel()).create({ messages: question("Weather in Oslo?") });
  const [{ message, finish_reason }] = completion.choices;
  assert.equal(completion.object, "chat.completion");
  assert.match(completion.id, /^chatcmpl-[0-9a-f]{24}$/);
  assert.equal(finish_reason, "tool_calls");
  assert.equal(message.content, null);
  assert.equal(message.tool_calls?.length, 1);
  const [call] = message.tool_calls!;
  assert.match(call!.id, /^call_[0-9a-f]{24}$/);
  assert.equal(call!.function.name, "get_weather");
  assert.deepEqual(JSON.parse(call!.function.arguments), { city: "Oslo", days: 2 });
});

test("the last user message is the question; its text parts are lines", async () => {
  const model = new FakeModel();
  const content = [
    { type: "text", text: "What time" },
    { type: "text", text: "is it?" },
  ] as const;
  const messages = [
    ...question("Hello"),
    { role: "assistant", content: "Hi" },
    { role: "user", content },
    { role: "system", content: "Be terse." },
  ] as const;
  await createChatCompletions(model).create({ messages });
  assert.equal(model.asked[0]?.query, "What time\nis it?");
});

test("after tool messages of calls that can't be read it finishes with their text, and asks nothing", async () => {
  const model = new FakeModel();
  const assistant = { role: "assistant", content: null, tool_calls: [{ id: "a" }, { id: "b" }] } as const;
  const messages = [
    ...question("Weather in Oslo?"),
    assistant,
    { role: "tool", tool_call_id: "a", content: "21 °C" },
    { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "dry" }] },
  ] as const;
  const {
    choices: [choice],
  } = await createChatCompletions(model).create({ messages });
  assert.deepEqual(
    [choice.message.content, choice.finish_reason, choice.message.tool_calls],
    ["21 °C\ndry", "stop", undefined],
  );
  assert.deepEqual(model.asked, []);
  await failure(
    "bad_request",
    /messages\[2\] answers the call "x"/,
    createChatCompletions(model).create({
      messages: [...question("?"), assistant, { role: "tool", tool_call_id: "x", content: "" }],
    }),
  );
  await failure(
    "bad_request",
    /may be none to make/,
    createChatCompletions(model).create({ messages, tool_choice: "required" }),
  );
});

test("no tool fits: a refusal, and an error where a call is required of a model that makes none", async () => {
  const completions = createChatCompletions(Object.assign(new FakeModel(), { obeys: false }));
  const {
    choices: [choice],
  } = await completions.create({ messages: question("Hello") });
  assert.deepEqual(choice.message, { role: "assistant", content: null, refusal: "No tool fits the question." });
  assert.equal(choice.finish_reason, "stop");
  await failure(
    "no_tool",
    /No tool fits/,
    completions.create({ messages: question("Hello"), tool_choice: "required" }),
  );
});

test("what the question doesn't say is asked for, and no part of a call is told", async () => {
  const completions = createChatCompletions(new FakeModel());
  const request = { messages: question("How is the weather?") };
  const {
    choices: [choice],
  } = await completions.create(request);
  const text = "To call get_weather, this is missing: city.";
  assert.deepEqual(choice.message, { role: "assistant", content: text, refusal: null });
  assert.equal(choice.finish_reason, "stop");
  const chunks = await all(await completions.create({ ...request, stream: true }));
  assert.deepEqual(
    chunks.map(({ choices: [{ delta }] }) => [delta.content, delta.tool_calls]),
    [
      [null, undefined],
      [text, undefined],
      [undefined, undefined],
    ],
  );
  for (const choice of ["required", fn("get_weather")] as const)
    await failure("no_tool", /missing: city/, completions.create({ ...request, tool_choice: choice }));
});

test("tools restrict the choice", async () => {
  const model = new FakeModel();
  const completions = createChatCompletions(model);
  const messages = question("Weather in Oslo?");
  const kept = await completions.create({ messages, tools: [fn("get_time"), fn("get_weather")] });
  assert.equal(kept.choices[0].finish_reason, "tool_calls");
  assert.deepEqual(model.asked[0]?.tools, ["get_time", "get_weather"]);
  // This model ignores the names, as one that can't narrow its choice does.
  const chunks = await all(await completions.create({ messages, tools: [fn("get_time"), fn("send")], stream: true }));
  assert.ok(
    chunks.every(({ choices: [{ delta }] }) => !delta.tool_calls),
    "no tool outside the request is named",
  );
  assert.match(
    chunks.find(({ choices: [{ delta }] }) => delta.refusal)!.choices[0].delta.refusal!,
    /get_weather, which is not among/,
  );
  assert.equal(chunks.at(-1)!.choices[0].finish_reason, "stop");
  await failure(
    "no_tool",
    /chose get_weather/,
    completions.create({ messages, tools: [fn("get_time"), fn("send")], tool_choice: "required" }),
  );
  await failure(
    "bad_request",
    /"get_wether", which is not a tool/,
    completions.create({ messages, tools: [fn("get_wether")] }),
  );
  assert.equal((await completions.create({ messages, tools: [] })).choices[0].finish_reason, "tool_calls");
  await failure("bad_request", /tools\[0\] must be/, completions.create({ messages, tools: [{ type: "custom" }] }));
});

test("tool_choice is honoured or refused", async () => {
  const model = new FakeModel();
  const completions = createChatCompletions(model);
  const messages = question("Weather in Oslo?");
  const none = await completions.create({ messages, tool_choice: "none" });
  assert.equal(none.choices[0].finish_reason, "stop");
  assert.match(none.choices[0].message.content!, /^No tool may be called/);
  assert.deepEqual(model.asked, [], "the model isn't asked");
  const named = await completions.create({ messages, tool_choice: fn("get_weather") });
  assert.equal(named.choices[0].message.tool_calls?.[0]?.function.name, "get_weather");
  await failure(
    "no_tool",
    /chose get_weather, not get_time/,
    completions.create({ messages, tool_choice: fn("get_time") }),
  );
  await failure(
    "bad_request",
    /"get_time", which is not in tools/,
    completions.create({ messages, tools: [fn("send")], tool_choice: fn("get_time") }),
  );
  await failure(
    "bad_request",
    /"nothing", which is not a tool/,
    completions.create({ messages, tool_choice: fn("nothing") }),
  );
  const allowed = (mode: "auto" | "required", name: string) =>
    ({ type: "allowed_tools", allowed_tools: { mode, tools: [fn(name)] } }) as const;
  assert.equal(
    (await completions.create({ messages, tool_choice: allowed("auto", "get_time") })).choices[0].finish_reason,
    "stop",
  );
  await failure("no_tool", /get_time/, completions.create({ messages, tool_choice: allowed("required", "get_time") }));
  for (const choice of [
    "any",
    { type: "custom", custom: { name: "x" } },
    { type: "allowed_tools" },
    { type: "function" },
    7,
  ]) {
    await failure("bad_request", /tool_choice/, completions.create({ messages, tool_choice: choice as never }));
  }
});

test("parameters are refused unless they change nothing", async () => {
  const completions = createChatCompletions(new FakeModel());
  const messages = question("What time is it?");
  const harmless = {
    model: "gpt-5",
    temperature: 0,
    max_tokens: 9,
    n: 1,
    logprobs: false,
    response_format: { type: "text" },
    modalities: ["text"],
    stop: null,
    seed: 1,
    stream_options: { include_usage: true },
  };
  assert.equal((await completions.create({ messages, ...harmless })).choices[0].finish_reason, "tool_calls");
  const harmful = [
    { n: 2 },
    { response_format: { type: "json_object" } },
    { logprobs: true },
    { stop: "x" },
    { modalities: ["text", "audio"] },
    { functions: [{}] },
    { logit_bias: { 1: 1 } },
    { invented: true },
    { n: "1" },
  ];
  for (const parameter of harmful) {
    const [name] = Object.keys(parameter);
    await failure(
      "bad_request",
      new RegExp(`^${name} `),
      completions.create({ messages, ...parameter } as ChatCompletionRequest),
    );
  }
});

test("messages that can't be read are refused", async () => {
  const completions = createChatCompletions(new FakeModel());
  const cases: [RegExp, unknown][] = [
    [/must be an object/, null],
    [/messages must be an array/, {}],
    [/add a user message/, { messages: [] }],
    [/add a user message/, { messages: [{ role: "system", content: "x" }] }],
    [/from assistant/, { messages: [...question("x"), { role: "assistant", content: "y" }] }],
    [/from function/, { messages: [{ role: "function", content: "y", name: "f" }] }],
    [/from undefined/, { messages: [null] }],
    [
      /of type "image_url"/,
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] },
    ],
    [/of type undefined/, { messages: [{ role: "user", content: [null] }] }],
    [
      /doesn't make/,
      {
        messages: [
          { role: "assistant", tool_calls: "a" },
          { role: "tool", tool_call_id: "a", content: "y" },
        ],
      },
    ],
    [
      /doesn't make/,
      {
        messages: [
          { role: "assistant", tool_calls: [null] },
          { role: "tool", content: "y" },
        ],
      },
    ],
    [/content must be text/, { messages: [{ role: "user", content: 7 }] }],
    [/which the previous message doesn't make/, { messages: [{ role: "tool", tool_call_id: "a", content: "y" }] }],
  ];
  for (const [pattern, request] of cases)
    await failure("bad_request", pattern, completions.create(request as ChatCompletionRequest));
});

test("a stream has the call piece by piece, under one id", async () => {
  const chunks = await all(
    await createChatCompletions(new FakeModel()).create({ messages: question("Weather in Oslo?"), stream: true }),
  );
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.deepEqual(chunks[0]!.choices[0].delta, { role: "assistant", content: null, refusal: null });
  const pieces = chunks.flatMap(({ choices: [{ delta }] }) => delta.tool_calls ?? []);
  assert.ok(pieces.length > 3);
  assert.deepEqual(pieces.map(({ id, type, function: { name } }) => [typeof id, type, name]).slice(0, 2), [
    ["string", "function", "get_weather"],
    ["undefined", undefined, undefined],
  ]);
  assert.deepEqual(JSON.parse(pieces.map((piece) => piece.function.arguments).join("")), { city: "Oslo", days: 2 });
  assert.deepEqual(chunks.map(({ choices: [{ finish_reason }] }) => finish_reason).filter(Boolean), ["tool_calls"]);
});

test("an abort rejects with its reason, in a stream as well", async () => {
  const model = new FakeModel();
  model.held = true;
  const completions = createChatCompletions(model);
  const stop = new AbortController();
  const pending = completions.create({ messages: question("Weather in Oslo?") }, { signal: stop.signal });
  setImmediate(() => stop.abort("enough"));
  await assert.rejects(pending, (reason) => reason === "enough");
  await assert.rejects(
    completions.create({ messages: question("Hello") }, { signal: AbortSignal.abort("before") }),
    (reason) => reason === "before",
  );
  model.aborted = 0;
  const again = new AbortController();
  const request = { messages: question("Weather in Oslo?"), stream: true } as const;
  const chunks = all(await completions.create(request, { signal: again.signal }));
  setTimeout(() => again.abort("enough"), 20);
  await assert.rejects(chunks, (reason) => reason === "enough");
  assert.equal(model.aborted, 1);
});

test("the model's failure is thrown as it is", async () => {
  const completions = createChatCompletions(new FakeModel());
  await assert.rejects(completions.create({ messages: question("crash") }), /The model crashed/);
  await assert.rejects(
    all(await completions.create({ messages: question("crash"), stream: true })),
    /The model crashed/,
  );
});

/** OpenAI's client against a server that answers from the adapter. */
let server: Server;
let client: OpenAI;
before(async () => {
  const completions = createChatCompletions(new FakeModel());
  server = createServer(async (request, response) => {
    try {
      let body = "";
      for await (const chunk of request) body += chunk;
      const answer = await completions.create(JSON.parse(body) as ChatCompletionRequest);
      if (!(Symbol.asyncIterator in answer)) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      for await (const chunk of answer as AsyncIterable<ChatCompletionChunk>)
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end("data: [DONE]\n\n");
    } catch (error) {
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { message: (error as Error).message } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new OpenAI({
    apiKey: "none",
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    maxRetries: 0,
  });
});
after(() => server.close());

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather.",
    parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } },
    parse: JSON.parse,
    function: ({ city, days }: { city: string; days: number }) => `${city}: ${days} days of rain`,
  },
} as const;

for (const stream of [false, true]) {
  test(`OpenAI's runTools goes from question to answer${stream ? ", streaming" : ""}`, async () => {
    const body = { model: "toolgen", messages: question("Weather in Oslo?"), tools: [weather] };
    const runner = stream
      ? client.chat.completions.runTools({ ...body, stream: true } as never)
      : client.chat.completions.runTools(body as never);
    assert.equal(await runner.finalContent(), "Oslo: 2 days of rain");
    assert.equal((await runner.finalFunctionToolCall())?.name, "get_weather");
    assert.deepEqual(
      runner.messages.map(({ role }) => role),
      ["user", "assistant", "tool", "assistant"],
    );
  });
}

test("OpenAI's client reads a refusal, a stream and an error", async () => {
  const completion = await client.chat.completions.create({ model: "toolgen", messages: question("Hello") });
  assert.equal(completion.choices[0]?.message.refusal, "No tool fits the question.");
  const stream = client.chat.completions.stream({ model: "toolgen", messages: question("What time is it?") });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0]?.finish_reason, "tool_calls");
  await assert.rejects(
    client.chat.completions.create({ model: "toolgen", messages: question("Hello"), n: 3 }),
    /400 n is not supported with the value 3/,
  );
});
