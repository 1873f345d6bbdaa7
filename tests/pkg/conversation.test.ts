/** Questions that follow on each other, and forms that answer what a tool still needs. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { problemIn } from "../../pkg/check-arguments.ts";
import type { RunEvent, Tool, Turn } from "../../pkg/index.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const text = { type: "string" };
const weather: Tool = {
  name: "weather",
  description: "Tells the weather",
  parameters: { type: "object", properties: { city: text, days: { type: "integer", maximum: 7 } }, required: ["city"] },
  annotations: { readOnlyHint: true },
};
const mail: Tool = {
  name: "mail",
  description: "Sends",
  parameters: {
    type: "object",
    properties: {
      to: { type: "object", properties: { mail: text, name: text }, required: ["mail"] },
      text: { type: "string", minLength: 2 },
    },
    required: ["to", "text"],
    additionalProperties: false,
  },
};
const oslo = { name: "weather", arguments: { city: "Oslo" } };
const answers = {
  "weather in Oslo": oslo,
  "weather in Rome": { name: "weather", arguments: { city: "Rome" } },
  "and in Bergen?": { name: "weather", arguments: { city: "Bergen" }, sure: false },
  "how is it?": { name: "weather", arguments: { days: 2 }, lacks: ["city"] },
  "write to Bob": { name: "mail", arguments: { to: { name: "Bob" } }, lacks: ["to.mail", "text"] },
  hello: null,
};
const sent: unknown[] = [];
const functions = {
  weather: ({ city }: { city: string }) => ({ city, rain: true }),
  mail: (it: unknown) => sent.push(it),
};

async function begin(options?: { turns?: number; history?: Turn[] }) {
  sent.length = 0;
  const toolgen = await toolgenOf({ tools: [weather, mail], answers }, functions);
  return toolgen.conversation(options);
}

const finish = (events: RunEvent[]) => {
  const last = events.at(-1);
  assert.ok(last?.type === "finish");
  return last;
};

test("a question that isn't clear by itself is understood from the turns before", async () => {
  const chat = await begin();
  await collect(chat.run("weather in Oslo"));
  await collect(chat.run("hello"));
  assert.deepEqual(chat.before, []);
  await collect(chat.run("and in Bergen?"));
  const observation = '{"city":"Oslo","rain":true}';
  assert.deepEqual(chat.before, [{ query: "weather in Oslo", call: oslo, observation }]);
  const turn = { text: "weather in Oslo", call: oslo, observation: '{"city":"Oslo","rain":true}' };
  assert.deepEqual(
    log.asked.map(({ text, before }) => [text, before]),
    [
      ["weather in Oslo", []],
      ["hello", []],
      ["hello", []],
      ["and in Bergen?", []],
      ["and in Bergen?", [turn]],
    ],
  );
});

test("what was asked for is answered by a sentence", async () => {
  const chat = await begin();
  const asked = (await collect(chat.run("how is it?"))).find(({ type }) => type === "ask");
  assert.deepEqual(chat.asked, asked);
  await collect(chat.run("and in Bergen?"));
  assert.equal(chat.asked, undefined);
  const partial = { name: "weather", arguments: { days: 2 } };
  assert.deepEqual(log.asked.at(-1)!.before, [{ text: "how is it?", call: partial, observation: undefined }]);
});

test("what was asked for is answered by values, which complete the turn", async () => {
  const chat = await begin();
  await collect(chat.run("how is it?"));
  const events = await collect(chat.answer({ city: "Oslo" }));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["call", "observation", "answer", "finish"],
  );
  const { reason, call, steps } = finish(events);
  const complete = { name: "weather", arguments: { days: 2, city: "Oslo" } };
  assert.deepEqual([reason, call, steps.length], ["done", complete, 1]);
  assert.deepEqual(chat.export(), [
    { query: "how is it?", call: complete, observation: '{"city":"Oslo","rain":true}' },
  ]);
  await assert.rejects(collect(chat.answer({ city: "Oslo" })), { code: "bad_argument", message: /nothing to answer/ });
});

test("values go to their places, are approved, and are held to the schema", async () => {
  const chat = await begin();
  const values = { "to.mail": "bob@x.example", text: "Hi" };
  await collect(chat.run("write to Bob"));
  for (const [wrong, pattern] of [
    [{ "to.mail": "b" }, /text is missing/],
    [{ "to.mail": 5, text: "Hi" }, /to\.mail must be of type string/],
    [{ ...values, text: "H" }, /text must be at least as long as 2/],
    [{ ...values, cc: "x" }, /cc is not allowed/],
    [{ to: "bob" }, /to must be of type object|text is missing/],
  ] as const)
    await assert.rejects(collect(chat.answer(wrong)), { code: "bad_argument", message: pattern });
  assert.equal(finish(await collect(chat.answer(values))).reason, "denied", "nobody approved");
  assert.deepEqual(sent, []);
  await collect(chat.run("write to Bob"));
  const reasons: string[] = [];
  const approve = (_: unknown, __: unknown, reason: string) => (reasons.push(reason), true);
  assert.equal(
    finish(await collect(chat.answer({ to: { mail: "b@x.example" }, text: "Hi" }, { approve }))).reason,
    "done",
  );
  assert.deepEqual([sent, reasons], [[{ to: { name: "Bob", mail: "b@x.example" }, text: "Hi" }], ["changes"]]);
});

test("the history is bounded, exported, taken up again and forgotten", async () => {
  const chat = await begin({ turns: 1 });
  await collect(chat.run("weather in Oslo"));
  await collect(chat.run("weather in Rome"));
  const history = JSON.parse(JSON.stringify(chat.export())) as Turn[];
  assert.deepEqual(
    history.map(({ query }) => query),
    ["weather in Rome"],
  );
  const later = await begin({ history });
  await collect(later.run("and in Bergen?"));
  assert.deepEqual(
    log.asked.at(-1)!.before!.map(({ text }) => text),
    ["weather in Rome"],
  );
  later.export()[0]!.query = "changed";
  assert.equal(later.export()[0]!.query, "weather in Rome", "what was exported is a copy");
  later.forget();
  assert.deepEqual(later.export(), []);
  for (const options of [{ turns: 0 }, { turns: 1.5 }, { history: 5 as never }])
    await assert.rejects(begin(options), { code: "bad_argument" });
});

test("a run that is left early leaves no turn", async () => {
  const chat = await begin();
  for await (const event of chat.run("weather in Oslo")) if (event.type === "observation") break;
  assert.deepEqual(chat.export(), []);
});

test("a call by itself is carried out as a run does it", async () => {
  const toolgen = await toolgenOf({ tools: [weather, mail], answers }, functions);
  const { call } = await toolgen.call("weather in Oslo");
  assert.deepEqual(finish(await collect(toolgen.carryOut(call!))).observation?.result, { city: "Oslo", rain: true });
  const failing = await toolgenOf({ tools: [weather], answers });
  assert.equal(finish(await collect(failing.carryOut(oslo))).reason, "failed");
  await assert.rejects(collect(failing.carryOut({ name: "none", arguments: {} })), { code: "bad_tool" });
});

test("each keyword that restricts a value finds what breaks it", () => {
  const cases: [schema: object, right: unknown, wrong: unknown][] = [
    [{ type: ["integer", "null"] }, null, 1.5],
    [{ enum: ["a", { b: 1 }] }, { b: 1 }, "b"],
    [{ const: 3 }, 3, 4],
    [{ type: "number", minimum: 1, exclusiveMaximum: 2 }, 1, 2],
    [{ exclusiveMinimum: 0, maximum: 5 }, 5, 0],
    [{ multipleOf: 0.1 }, 0.3, 0.35],
    [{ maxLength: 1 }, "😀", "ab"],
    [{ pattern: "^a+$" }, "aa", "ab"],
    [{ items: { type: "boolean" }, minItems: 1, maxItems: 2 }, [true], [true, 1]],
    [{ prefixItems: [{ type: "string" }, { type: "number" }], items: false }, ["a", 1], ["a", 1, 2]],
    [{ anyOf: [{ type: "string" }, { type: "number" }] }, 1, true],
    [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, 2, 4],
    [{ $defs: { up: { minimum: 1 } }, $ref: "#/$defs/up" }, 1, 0],
    [{ properties: { a: { $ref: "#" } }, additionalProperties: false }, { a: { a: {} } }, { a: { b: 1 } }],
  ];
  for (const [schema, right, wrong] of cases) {
    assert.equal(problemIn(schema, right), undefined, JSON.stringify(schema));
    assert.equal(typeof problemIn(schema, wrong), "string", JSON.stringify(schema));
  }
  const circle: Record<string, unknown> = {};
  circle.a = circle;
  assert.match(problemIn({ properties: { a: { $ref: "#" } } }, circle)!, /too deep/);
  assert.match(problemIn({ $ref: "#" }, 1)!, /too deep/);
});
