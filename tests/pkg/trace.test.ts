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
  for (const text of ["x", "[]", "{}", '{"atMs":"1","event":{"type":"a"}}', 5 as never])
    await assert.rejects(collect(replay(text)), { code: "bad_argument" });
});
