/** The race of rankings while a question is typed. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { ToolgenError } from "../../pkg/core/errors.ts";
import type { Toolgen } from "../../pkg/toolgen.ts";
import { Bm25, documentOf, wordsIn } from "../../www/bm25.ts";
import { inWords, promptOf, tokensIn, tokensPerSecond } from "../../www/typing/prompt-cost.ts";
import { verdictOn } from "../../www/typing/race.ts";

const tool = (name: string, description: string) => ({ name, description, parameters: { type: "object" } });
const TOOLS = [
  tool("make_darker", "Makes the room darker by dimming the lamps."),
  tool("play_music", "Plays music in the room."),
  tool("set_timer", "Sets the kitchen timer."),
];

test("BM25 ranks by shared words, rare ones first, as the crate's does", () => {
  const bm25 = new Bm25(TOOLS.map(documentOf));
  assert.deepEqual(
    bm25.rank("music in the kitchen").map(({ name }) => name),
    ["play_music", "set_timer", "make_darker"],
  );
  assert.deepEqual(bm25.rank("it is too bright"), []);
  // idf · count · (k₁ + 1) / (count + k₁ · length); the document has six words, the mean is seven and two thirds.
  const idf = Math.log1p(2.5 / 1.5);
  const length = 0.25 + (0.75 * 6) / (23 / 3);
  assert.ok(Math.abs(bm25.rank("timer timer")[0]!.score - (idf * 2 * 2.2) / (2 + 1.2 * length)) < 1e-12);
  assert.deepEqual(wordsIn("HassTurnOn set_timer É"), ["hass", "turn", "on", "set", "timer", "é"]);
});

test("what the two have in common is said", () => {
  const find = (name: string) => TOOLS.find((tool) => tool.name === name);
  const first = { name: "make_darker", probability: 0.9 };
  assert.equal(verdictOn(first, 0.1, [{ name: "make_darker" }], find), "Both have “Make darker” first.");
  assert.equal(
    verdictOn(first, 0.1, [{ name: "x" }, { name: "make_darker" }], find),
    "BM25 has “Make darker” in place 2.",
  );
  assert.match(verdictOn(first, 0.1, [], find), /shares no word/);
  assert.match(verdictOn({ ...first, probability: 0.1 }, 0.8, [], find), /^No tool fits so far/);
});

test("tokens are counted by a refusal, which reads nothing", async () => {
  const toolgen = {
    async *complete(text: string, { maxTokens }: { maxTokens: number }) {
      assert.equal(maxTokens, 65_536);
      if (text === "crash") throw new ToolgenError("crashed", "The model crashed.");
      throw new ToolgenError("question_too_long", `the question has ${text.length} tokens, more than the 0 that fit`);
    },
  } as unknown as Toolgen;
  assert.equal(await tokensIn(toolgen, "abcde"), 5);
  await assert.rejects(tokensIn(toolgen, "crash"), { code: "crashed" });
});

test("the speed of reading is measured, the time of a prompt computed", async () => {
  let time = 0;
  const toolgen = {
    async *callEvents() {
      yield { type: "prefill", done: 64, total: 80 };
      time += 400;
      yield { type: "prefill", done: 80, total: 80 };
      yield { type: "ranking", tools: [], abstain: 1, sure: true };
      time += 10_000;
    },
  } as unknown as Toolgen;
  assert.equal(await tokensPerSecond(toolgen, () => time), 200);
  const text = inWords({ tools: 563, tokens: 60_000, perSecond: 200 });
  assert.match(text, /all 563 tools.*60,000 tokens.*counted.*5 min.*computed from 200 tokens a second, measured/);
  assert.equal(promptOf(TOOLS).split("\n").length, 3);
});
