/** Tools that come with a request's own documents. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { generateText, jsonSchema, tool } from "ai";

import { createToolgen } from "../../pkg/adapters/ai-sdk.ts";
import { createChatCompletions } from "../../pkg/adapters/openai.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = (description = "Tells the weather.", schema: object = parameters) =>
  [{ type: "function", function: { name: "weather", description, parameters: schema } }] as never;
const ask = { messages: [{ role: "user", content: "rain?" }] } as const;
const begin = () =>
  toolgenOf({ tools: [], answers: { "rain?": { name: "weather", arguments: { city: "Oslo" } } } }, {});

test("are registered once, and again where a document changes", async () => {
  const toolgen = await begin();
  const completions = createChatCompletions(toolgen);
  const { choices } = await completions.create({ ...ask, tools: weather() });
  assert.equal(choices[0]!.message.tool_calls?.[0]?.function.name, "weather");
  assert.deepEqual([toolgen.tools[0]!.description, toolgen.tools[0]!.parameters], ["Tells the weather.", parameters]);
  await completions.create({ ...ask, tools: weather() });
  assert.deepEqual(log.rows, ["weather"]);
  await completions.create({ ...ask, tools: weather("Tells of rain.") });
  assert.equal(toolgen.tools[0]!.description, "Tells of rain.");
});

test("come through the AI SDK, too; one without a description has its name's words", async () => {
  const toolgen = await begin();
  const tools = { weather: tool({ inputSchema: jsonSchema(parameters as never) }) };
  const { toolCalls } = await generateText({ model: createToolgen(toolgen), prompt: "rain?", tools });
  assert.deepEqual([toolCalls[0]?.toolName, toolgen.tools[0]!.description], ["weather", "weather"]);
});

test("those that the app has registered stay as they are", async () => {
  const toolgen = await begin();
  await toolgen.register([{ name: "weather", description: "The app's.", inputSchema: parameters }]);
  await createChatCompletions(toolgen).create({ ...ask, tools: weather() });
  assert.equal(toolgen.tools[0]!.description, "The app's.");
});

test("one that can't be called is a bad request, and a name alone must be known", async () => {
  const completions = createChatCompletions(await begin());
  const refused = (tools: never, pattern: RegExp) =>
    assert.rejects(completions.create({ ...ask, tools }), { code: "bad_request", message: pattern });
  await refused(weather("x", { type: "object", not: {} }), /weather can't be called: .*keyword not/);
  await refused([{ type: "function", function: { name: "weather" } }] as never, /not a tool of this model/);
});
