/** The inside of a call: what is said of a token, and what a run's time went to. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunEvent } from "../../pkg/run.ts";
import type { Traced } from "../../pkg/trace.ts";
import { phasesOf } from "../../www/inside/phases.ts";
import { startupPhases } from "../../www/inside/startup.ts";
import { definitionTokens, tokensRead } from "../../www/inside/tokens-read.ts";
import { sentenceOf } from "../../www/inside/token-view.ts";

const oslo = { text: "Oslo", forced: false, allowed: 1204 };

test("a chosen token says how many were allowed and what was next; a forced one has no choice", () => {
  const alternatives = [
    { text: "Oslo", probability: 0.93 },
    { text: " O", probability: 0.04 },
  ];
  assert.equal(
    sentenceOf({ ...oslo, alternatives }),
    "“Oslo”: 93.0\u00a0%, of 1,204 allowed tokens. Next: “␣O” 4.0\u00a0%.",
  );
  const parts = [
    { text: "\ufffd", probability: 0.6 },
    { text: "a", probability: 0.3 },
  ];
  assert.equal(
    sentenceOf({ text: "", forced: false, allowed: 9, alternatives: parts }),
    "A part of a character: 60.0\u00a0%, of 9 allowed tokens. Next: “a” 30.0\u00a0%.",
  );
  assert.equal(sentenceOf({ ...oslo, alternatives: [] }), "“Oslo”: chosen of 1,204 allowed tokens.");
  assert.match(sentenceOf({ ...oslo, text: '":\n', forced: true, allowed: 1, alternatives: [] }), /^“":↵”: forced/);
});

const call = { name: "flip_coin", arguments: {} };
const observation = { result: { side: "heads" }, body: {} } as never;
const at = (atMs: number, event: RunEvent): Traced => ({ atMs, event });
const ranking: RunEvent = { type: "ranking", tools: [], abstain: 0, sure: true };

test("a run's time is parted by what it was spent on; phases follow on each other without a gap", () => {
  const phases = phasesOf([
    at(20, { type: "prefill", done: 9, total: 9 }),
    at(30, ranking),
    at(31, { type: "tool", name: "flip_coin" }),
    at(60, { type: "prefill", done: 30, total: 30 }),
    at(70, { type: "arguments", text: "{}", tokens: [{ ...oslo, alternatives: [] }] }),
    at(71, { type: "call", call }),
    at(75, { type: "observation", observation }),
    at(90, { type: "prefill", done: 9, total: 9 }),
    at(95, ranking),
    at(95, { type: "finish", reason: "done", ranking: [], call, steps: [] }),
  ]);
  assert.deepEqual(
    phases.map(({ what, fromMs, toMs }) => [what, fromMs, toMs]),
    [
      ["reads the question", 0, 30],
      ["chooses the tool", 30, 31],
      ["reads the tool's document", 31, 60],
      ["writes arguments", 60, 71],
      ["the page carries out", 71, 75],
      ["reads the result", 75, 95],
    ],
  );
});

test("waiting for a person is nobody else's time", () => {
  const phases = phasesOf([
    at(10, ranking),
    at(10, { type: "choose", candidates: [] }),
    at(5010, { type: "tool", name: "flip_coin" }),
  ]);
  assert.deepEqual(phases.at(-1), { actor: "person", what: "a person chooses", fromMs: 10, toMs: 5010 });
});

test("what was read is counted once for each reading, and what was spared by the tools' definitions", () => {
  const read = (done: number, total: number) => at(1, { type: "prefill", done, total });
  assert.equal(tokensRead([read(64, 80), read(80, 80), at(2, ranking), read(30, 30)]), 110);
  const tool = { name: "flip_coin", description: "Flips a coin.", parameters: {} };
  const characters = JSON.stringify(tool).length;
  assert.equal(definitionTokens([tool, tool]), Math.round((2 * characters) / 4));
});

test("loading is parted by what was waited for; what was ready before the rest took no time of its own", () => {
  const phases = startupPhases({ moduleMs: 300, deviceMs: 320, checkpointMs: 2300, toolsMs: 2300 });
  assert.deepEqual(
    phases.map(({ what, fromMs, toMs }) => [what, fromMs, toMs]),
    [
      ["until the module runs", 0, 300],
      ["until the device is open", 300, 320],
      ["until the weights are there", 320, 2300],
    ],
  );
  assert.deepEqual(startupPhases({}), []);
});
