import assert from "node:assert/strict";
import { test } from "node:test";

import { ToolgenError } from "../../pkg/core/errors.ts";
import { fromOpenAI } from "../../pkg/importers/openai.ts";

const PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const nested = (fields: object = {}) => ({
  type: "function",
  function: { name: "get_weather", description: "The weather", parameters: PARAMETERS, ...fields },
});
const flat = (fields: object = {}) => ({
  type: "function",
  name: "get_time",
  description: "The time",
  parameters: PARAMETERS,
  strict: true,
  ...fields,
});

function refusal(tools: unknown, options?: Parameters<typeof fromOpenAI>[1]): string {
  try {
    fromOpenAI(tools, options);
  } catch (error) {
    assert.ok(error instanceof ToolgenError, String(error));
    assert.equal(error.code, "bad_tool");
    return error.message;
  }
  return assert.fail("expected a refusal");
}

test("both forms become the same kind of tool", () => {
  const tools = fromOpenAI([nested({ strict: false }), flat()]);
  assert.deepEqual(tools, [
    { name: "get_weather", description: "The weather", inputSchema: PARAMETERS },
    { name: "get_time", description: "The time", inputSchema: PARAMETERS },
  ]);
});

test("functions are joined by name, own properties only", async () => {
  const functions = { get_weather: ({ city }: { city: string }) => `rain in ${city}` };
  const [weather, time, inherited] = fromOpenAI([nested(), flat(), flat({ name: "toString" })], { functions });
  assert.equal(await weather!.execute!({ city: "Oslo" }, { signal: AbortSignal.timeout(1000) }), "rain in Oslo");
  assert.equal(time!.execute, undefined);
  assert.equal(inherited!.execute, undefined);
  assert.match(refusal([nested()], { functions: { get_weather: "rain" as never } }), /"get_weather".*a string/);
});

test("a function without parameters takes none", () => {
  const none = { type: "object", properties: {} };
  assert.deepEqual(
    fromOpenAI([nested({ parameters: undefined }), flat({ parameters: null })]).map((tool) => tool.inputSchema),
    [none, none],
  );
});

test("what is no function tool is refused by the name of its type", () => {
  assert.match(refusal([nested(), { type: "web_search" }]), /\/1\/type is "web_search"/);
  assert.match(refusal([{ type: "custom", name: "code" }]), /"code".*\/0\/type is "custom"/);
  assert.match(refusal([{ name: "get_time", description: "", parameters: PARAMETERS }]), /\/0\/type is undefined/);
  assert.match(refusal([{ type: 7 }]), /\/0\/type is a number/);
});

test("errors name the tool and the place in the list", () => {
  assert.match(
    refusal([flat(), nested({ description: undefined })]),
    /"get_weather".*\/1\/function\/description must be a string, not undefined/,
  );
  assert.match(refusal([flat({ description: " \n" })]), /\/0\/description must not be empty/);
  assert.match(refusal([nested({ name: undefined })]), /\/0\/function\/name/);
  assert.match(refusal([flat({ name: "get weather" })]), /"get weather".*\/0\/name/);
  assert.match(refusal([flat({ name: "n".repeat(129) })]), /\/0\/name/);
  assert.match(
    refusal([flat({ parameters: { type: "array" } })]),
    /\/0\/parameters\/type must be "object", not "array"/,
  );
  assert.match(refusal([flat({ parameters: [] })]), /\/0\/parameters .*an array/);
  assert.match(refusal([flat({ parameters: { type: "object", properties: [7] } })]), /\/0\/parameters\/properties/);
  assert.match(
    refusal([flat({ parameters: { type: "object", properties: { "a/b": 7 } } })]),
    /\/0\/parameters\/properties\/a~1b/,
  );
  assert.match(refusal([flat({ parameters: { type: "object", required: "city" } })]), /\/0\/parameters\/required/);
  assert.match(
    refusal([flat({ parameters: { type: "object", required: ["city", 1] } })]),
    /\/0\/parameters\/required\/1/,
  );
  assert.match(refusal([flat({ strict: "yes" })]), /\/0\/strict/);
});

test("lists that are none, and tools that are ambiguous or twice there, are refused", () => {
  for (const tools of [undefined, null, "[]", { tools: [] }, 7]) assert.match(refusal(tools), /array/);
  for (const tool of [null, "get_time", []]) assert.match(refusal([tool]), /\/0 must be an object/);
  assert.match(refusal([{ ...flat(), ...nested() }]), /either a name or a function, not both/);
  assert.match(refusal([{ type: "function", function: "get_time" }]), /\/0\/function must be an object/);
  assert.match(refusal([flat(), flat()]), /"get_time".*\/1.*earlier/);
});

test("schemas are JSON of bounded size, or refused with the place", () => {
  const property = (value: unknown) => flat({ parameters: { type: "object", properties: { x: value } } });
  const circle: Record<string, unknown> = { type: "object" };
  circle.items = circle;
  assert.match(refusal([property(circle)]), /nested more than/);
  let shared: unknown = { type: "string" };
  for (let level = 0; level < 24; level++) shared = { anyOf: [shared, shared] };
  assert.match(refusal([property(shared)]), /exceeds the limit of 100000 values/);
  assert.match(refusal([property({ default: NaN })]), /\/x\/default must be JSON, not NaN/);
  assert.match(refusal([property({ default: () => 1 })]), /\/x\/default must be JSON, not a function/);
  assert.match(refusal([property({ default: 1n })]), /a bigint/);
  assert.match(refusal([property(new Map())]), /instance of Map/);
});

test("the schema is a copy, in which __proto__ is a key like any other", () => {
  const parameters = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"x":{"enum":[1]}}}');
  const [tool] = fromOpenAI([flat({ parameters })]);
  parameters.properties.x.enum.push(2);
  assert.deepEqual(tool!.inputSchema.properties!.x, { enum: [1] });
  assert.deepEqual(Object.keys(tool!.inputSchema.properties!), ["__proto__", "x"]);
  assert.equal(Object.getPrototypeOf(tool!.inputSchema.properties), Object.prototype);
});
