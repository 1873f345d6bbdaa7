/** What a question is understood from: the clock with its zone, and the turns before; and what it doesn't say. */
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";

import type { Turn } from "../../pkg/index.ts";
import { asked } from "../../pkg/question.ts";
import { log } from "./fake-wasm.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

const { TZ } = process.env;
after(() => {
  if (TZ === undefined) delete process.env["TZ"];
  else process.env["TZ"] = TZ;
});
afterEach(closeAll);

const NOW = new Date("2026-05-14T07:30:59Z");
const DAY = 86_400_000;

/** The moment that a local time is by the offsets, as the engine reads them. */
function momentOf(local: string, offsets: readonly (readonly [string, string])[]): number {
  const [, offset] = offsets.findLast(([from]) => from <= local) ?? offsets[0]!;
  return Date.parse(`${local}:00${offset}`);
}

test("the zone's offsets are those of the date meant, in every zone", () => {
  for (const zone of [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/St_Johns",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Chatham",
  ]) {
    process.env["TZ"] = zone;
    const { now, offsets } = asked("x", { now: NOW });
    assert.equal(momentOf(now!, offsets!), Date.parse("2026-05-14T07:30Z"), zone);
    assert.deepEqual(offsets, [...offsets!].sort(), zone);
    // Every half an hour of four years, those that a change skips and repeats too.
    for (let time = +NOW - 730 * DAY; time < +NOW + 730 * DAY; time += DAY / 48) {
      const local = new Date(time).toJSON().slice(0, 16);
      assert.equal(momentOf(local, offsets!), +new Date(local), `${zone}: ${local}`);
    }
  }
  process.env["TZ"] = "Europe/Berlin";
  const { offsets } = asked("x", { now: NOW });
  assert.deepEqual(offsets!.slice(4, 6), [
    ["2026-03-29T03:00", "+02:00"],
    ["2026-10-25T03:00", "+01:00"],
  ]);
});

test("the clock is the page's at the moment of the call, another, or none", () => {
  process.env["TZ"] = "Asia/Kolkata";
  const before = Date.now() - 60_000;
  const { now, offsets } = asked("x", {});
  assert.ok(momentOf(now!, offsets!) > before && momentOf(now!, offsets!) <= Date.now());
  assert.equal(asked("x", { now: NOW }).now, "2026-05-14T13:00");
  assert.deepEqual(asked("x", { now: null }), { text: "x", before: [] });
  for (const now of [new Date(NaN), "today", 5])
    assert.throws(() => asked("x", { now: now as Date }), { code: "bad_argument", message: /^now / });
});

const TOOL = {
  name: "weather",
  description: "Tells the weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "number" } },
    required: ["city"],
  },
};
const answers = { "in Oslo": { name: "weather", arguments: { city: "Oslo" } } };
const lacking = { "how is it?": { name: "weather", arguments: { days: 2 }, lacks: ["city"] } };

test("every kind of question takes the clock and the turns before", async () => {
  process.env["TZ"] = "Europe/Berlin";
  const toolgen = await toolgenOf({ tools: [TOOL], answers });
  const { call } = await toolgen.call("in Oslo", { now: null });
  const observation = { result: { celsius: 21 }, body: null };
  const before: Turn[] = [
    { query: "hello", call: null },
    { query: "in Oslo", call },
    { query: "in Oslo", call, observation },
    { query: "in Oslo", call, observation: "mild" },
  ];
  const options = { now: NOW, before };
  log.asked = [];
  await toolgen.retrieve("in Oslo", options);
  await toolgen.call("in Oslo", options);
  await collect(toolgen.callEvents("in Oslo", options));
  await collect(toolgen.run("in Oslo", options));
  const turn = { text: "in Oslo", call };
  assert.equal(log.asked.length, 4);
  for (const { text, now, offsets, before } of log.asked) {
    assert.deepEqual([text, now, offsets![0]![1]], ["in Oslo", "2026-05-14T09:30", "+02:00"]);
    assert.deepEqual(before, [
      { ...turn, observation: undefined },
      { ...turn, observation: '{"celsius":21}' },
      { ...turn, observation: "mild" },
    ]);
  }
});

test("a call says what is missing, and its events end with what to ask for", async () => {
  const toolgen = await toolgenOf({ tools: [TOOL], answers: { ...answers, ...lacking } });
  assert.deepEqual((await toolgen.call("in Oslo")).missing, []);
  const { ranking, ...result } = await toolgen.call("how is it?");
  assert.deepEqual(result, { call: { name: "weather", arguments: { days: 2 } }, sure: true, missing: ["city"] });
  assert.equal(ranking.length, 1);
  const events = await collect(toolgen.callEvents("how is it?"));
  assert.deepEqual(events.at(-1), {
    type: "ask",
    call: { name: "weather", arguments: { days: 2 } },
    parameters: ["city"],
  });
  assert.ok(events.every(({ type }) => type !== "call"));
});
