/** Runs that are written down and played again. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { ToolgenError, type RunEvent } from "../../pkg/index.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { replay, trace, writeTrace, type Traced } from "../../pkg/trace.ts";
import { collect } from "./loaded.ts";

const tools = [{ name: "send", description: "Sends", parameters: { type: "object" } }];

async function traced(): Promise<{ events: RunEvent[]; entries: Traced[] }> {
  const entries: Traced[] = [];
  let time = 100;
  const toolgen = createFakeToolgen({ tools, answers: { send: { name: "send" } } });
  const events = await collect(trace(toolgen.run("send"), entries, () => (time += 10)));
  return { events, entries };
}

test("every event is noted with its time, and passed on", async () => {
  const { events, entries } = await traced();
  assert.deepEqual(
    entries.map(({ event }) => event),
    events,
  );
  assert.deepEqual(
    entries.map(({ atMs }) => atMs),
    events.map((_, i) => 10 * (i + 1)),
  );
});

test("what is written is played again, errors too", async () => {
  const { events, entries } = await traced();
  const played = await collect(replay(writeTrace(entries)));
  assert.deepEqual(JSON.stringify(played), JSON.stringify(events));
  const error = played.find((event) => event.type === "error");
  assert.ok(error?.type === "error" && error.error instanceof ToolgenError && error.error.code === "not_approved");
});

test("it takes as long as it took, or a part of that, and can be aborted", async () => {
  const event: RunEvent = { type: "prefill", done: 1, total: 1 };
  const text = writeTrace([
    { atMs: 0, event },
    { atMs: 60, event },
  ]);
  const began = performance.now();
  await collect(replay(text, { speed: 2 }));
  assert.ok(performance.now() - began >= 29);
  const slow = collect(replay(text, { speed: 1e-6, signal: AbortSignal.timeout(10) }));
  await assert.rejects(slow, { name: "TimeoutError" });
});

test("what is no trace is refused", async () => {
  const at = (atMs: string) => `{"atMs":${atMs},"event":{"type":"a"}}`;
  for (const text of ["x", "[]", "{}", at('"1"'), at("-1"), at("1e999"), at("null"), 5 as never])
    await assert.rejects(collect(replay(text)), { code: "bad_argument" });
  for (const options of [{ speed: 0 }, { speed: -1 }, { speed: NaN }, { maxPauseMs: -1 }, { maxPauseMs: NaN }])
    await assert.rejects(collect(replay(at("1"), options)), { code: "bad_argument" }, JSON.stringify(options));
});

const observed = (body: unknown): Traced[] => [
  { atMs: 0, event: { type: "observation", observation: { result: { body }, body } } },
];

test("whatever a tool gave back is written", async () => {
  const circular: Record<string, unknown> = { name: "a" };
  circular.self = [circular];
  const shared = { id: 1n };
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const thrower = () => {
    throw new Error("a getter threw");
  };
  const trap = new Proxy({}, { ownKeys: thrower, get: thrower });
  const odd = {
    circular,
    twice: [shared, shared],
    deep,
    get bad() {
      return thrower();
    },
    trap,
    date: new Date(0),
    bytes: new Uint8Array(3),
    sparse: [, 1],
    nothing: undefined,
    ["__proto__"]: { polluted: true },
  };
  const [event] = await collect(replay(writeTrace(observed(odd))));
  assert.ok(event?.type === "observation");
  const { deep: written, ...body } = event.observation.body as Record<string, unknown>;
  assert.match(JSON.stringify(written), /nested too deep/);
  assert.deepEqual(Object.entries(body), [
    ["circular", { name: "a", self: ["[circular]"] }],
    ["twice", [{ id: "1" }, { id: "1" }]],
    ["bad", "[unreadable]"],
    ["trap", "[unreadable]"],
    ["date", "1970-01-01T00:00:00.000Z"],
    ["bytes", "[3 bytes]"],
    ["sparse", [null, 1]],
    ["__proto__", { polluted: true }],
  ]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test("an answer that looks like an error stays what it is", async () => {
  const body = { error: "not_found", message: "There is no such city." };
  const [event] = await collect(replay(writeTrace(observed(body))));
  assert.ok(event?.type === "observation");
  assert.deepEqual(event.observation.body, body);
  assert.ok(!(event.observation.body instanceof ToolgenError));
});

test("the errors of steps are errors again", async () => {
  const { entries } = await traced();
  const finish = (await collect(replay(writeTrace(entries)))).at(-1);
  assert.ok(finish?.type === "finish" && finish.steps[0]!.error instanceof ToolgenError);
});

test("ends of lines, empty ones and a byte order mark are no events", async () => {
  const { events, entries } = await traced();
  const text = `\ufeff\r\n${writeTrace(entries).replaceAll("\n", "\r\n")}  \r\n`;
  assert.equal((await collect(replay(text))).length, events.length);
});

test("times that jump are waited for once, and no longer than is wanted", async () => {
  const event: RunEvent = { type: "prefill", done: 1, total: 1 };
  const text = writeTrace([300, 0, 300, 0, 300].map((atMs) => ({ atMs, event })));
  const began = performance.now();
  await collect(replay(text, { speed: 1 }));
  const took = performance.now() - began;
  assert.ok(took >= 299 && took < 850, `${took} ms`);
  const late = writeTrace([1e15, 2e15].map((atMs) => ({ atMs, event })));
  await collect(replay(late, { speed: 1, maxPauseMs: 1 }));
  // Timers read what is longer than they take as no time at all.
  const slow = collect(replay(late, { speed: 1, signal: AbortSignal.timeout(20) }));
  await assert.rejects(slow, { name: "TimeoutError" });
});
