/** What the demo page decides without a browser: controls, bars, errors, progress, small talk, search. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { ToolgenError } from "../../pkg/core/errors.ts";
import type { Progress } from "../../pkg/core/types.ts";
import { controlOf, questionOf, valueOf } from "../../www/answer/fields.ts";
import { NONE, rankedWithNone } from "../../www/answer/ranking.ts";
import { Tally } from "../../www/model/tally.ts";
import { beforehand, underway, whereItComputes, whyThere } from "../../www/model/words.ts";
import { matcher } from "../../www/search.ts";
import { explain } from "../../www/words/errors.ts";
import { replyTo } from "../../www/words/small-talk.ts";

test("each type of a schema has its control, and its text is a value of that type", () => {
  assert.deepEqual(controlOf({ type: "integer" }), { kind: "input", type: "number" });
  assert.deepEqual(controlOf({ type: "string", format: "date" }), { kind: "input", type: "date" });
  assert.equal(controlOf({ type: "boolean" }).kind, "select");
  assert.deepEqual(controlOf({ enum: ["km_h", 2] }), {
    kind: "select",
    options: [
      { value: '"km_h"', text: "km h" },
      { value: "2", text: "2" },
    ],
  });
  assert.equal(valueOf({ type: "integer" }, " 12 "), 12);
  assert.equal(valueOf({ type: "boolean" }, "false"), false);
  assert.equal(valueOf({ enum: ["km_h", 2] }, "2"), 2);
  assert.equal(valueOf({ type: "string" }, " "), undefined);
  assert.deepEqual(valueOf({ type: "array", items: { type: "number" } }, "1, 2; 3"), [1, 2, 3]);
  assert.equal(valueOf({ type: "integer" }, "-9007199254740991"), -9007199254740991);
  assert.throws(() => valueOf({ type: "integer" }, "9007199254740993"), /9007199254740993 is too large to be exact/);
  const zone = () => "+02:00";
  assert.equal(valueOf({ type: "string", format: "date-time" }, "2026-05-14T09:30", zone), "2026-05-14T09:30:00+02:00");
});

test("a person is asked in the schema's words, or by the name", () => {
  assert.equal(questionOf("city", { description: "town or city" }), "Town or city");
  assert.equal(questionOf("date", { description: "the date to count to (YYYY-MM-DD)." }), "The date to count to");
  assert.equal(questionOf("to.postal_code", {}), "Postal code");
});

test("no tool is a bar like the others, in its place", () => {
  const tools = [
    { name: "a", probability: 0.5 },
    { name: "b", probability: 0.1 },
  ];
  const names = (abstain?: number) =>
    rankedWithNone(tools, abstain, () => undefined, "No tool fits").map(({ name }) => name);
  assert.deepEqual(names(0.05), ["a", "b", NONE]);
  assert.deepEqual(names(), ["a", NONE, "b"]); // what the tools leave, where it isn't told
});

test("errors are told in words, and what to do about them", () => {
  const url = "https://api.example/x";
  const words = (status: number) => explain(new ToolgenError("http_status", "…", { url, status })).text;
  assert.match(words(404), /^api\.example knows nothing of that/);
  assert.match(words(429), /too many/);
  assert.match(words(500), /out of order/);
  const unreachable = new ToolgenError("network_or_cors", "CORS", { url });
  assert.match(explain(unreachable).text, /can't be reached/);
  assert.match(explain(unreachable, { online: false }).text, /no network/);
  assert.equal(explain(new ToolgenError("function_failed", "Nothing is colder.")).text, "Nothing is colder.");
  assert.deepEqual(explain("?"), { text: "Something went wrong in this page.", code: "unexpected", message: "?" });
});

test("progress counts all files, and an old speed is forgotten", () => {
  let now = 0;
  const tally = new Tally(() => now);
  tally.expect({ checkpoint: 90, adapter: 9, pack: 1 });
  assert.equal(tally.total.total, 100);
  const progress: Progress = { file: "pack", loaded: 1, total: 1, bytesPerSecond: 10, cached: false };
  tally.add(progress);
  assert.equal(tally.started, false);
  tally.add({ ...progress, file: "checkpoint", loaded: 49, total: 90 });
  assert.deepEqual(tally.total, {
    loaded: 50,
    total: 100,
    bytesPerSecond: 10,
    remainingMs: 5000,
    cached: false,
    kept: true,
  });
  now = 5000;
  assert.deepEqual([tally.total.bytesPerSecond, tally.total.remainingMs], [0, undefined]);
});

test("size and time before and during, and where it computes", () => {
  assert.equal(beforehand(105_000_000, 10), "105 MB: at most about 1 min 24 s. Starting…");
  assert.equal(beforehand(105_000_000, undefined), "105 MB. Starting…");
  const total = { loaded: 40e6, total: 100e6, bytesPerSecond: 2e6, remainingMs: 30_000, cached: false, kept: true };
  assert.equal(underway(total), "40.0 of 100.0 MB · 30 s left · 2.0 MB/s · only on the first visit");
  assert.match(underway({ ...total, bytesPerSecond: 0, remainingMs: undefined }), /waiting for data/);
  assert.match(underway({ ...total, cached: true }), /this browser's storage/);
  assert.match(underway({ ...total, kept: false }), /no room/);
  const processor = { simd: { kind: "relaxed" as const }, threads: { count: 1 }, startup: {} };
  const device = { kind: "cpu" as const, reason: "there is no WebGPU.", ...processor };
  assert.equal(whereItComputes(device), "Computes on the processor, with relaxed SIMD.");
  assert.equal(
    whereItComputes({ ...device, threads: { count: 4 } }),
    "Computes on the processor, with relaxed SIMD and 4 threads.",
  );
  assert.match(whereItComputes({ ...device, kind: "webgpu", description: "Card" }), /graphics card \(Card\)/);
  assert.deepEqual(whyThere(device), ["There is no WebGPU."]);
});

test("greetings are answered, questions are left to the model", () => {
  for (const said of ["Hi!", "hello", "What can you do?", "what can I do with you", "help", "thanks"])
    assert.ok(replyTo(said), said);
  for (const said of ["hi in Spanish", "What can you do with 5 eggs?", "help me split 90 by 4", ""])
    assert.equal(replyTo(said), undefined, said);
  assert.ok(replyTo("good night"));
  assert.equal(replyTo("good night", "room"), undefined);
});

test("a search looks at the beginnings of words", () => {
  assert.ok(matcher("rain oslo")("The chance of rain in Oslo"));
  assert.ok(!matcher("rain")("Artists in MusicBrainz"));
  assert.ok(matcher("")("anything"));
});
