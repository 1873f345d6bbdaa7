/** The lesson without a browser: its places and keys, its words and figures, and the small machines in its figures. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { problemIn } from "../../www/lesson/07-constrained.ts";
import { Bm25 } from "../../www/bm25.ts";
import { lessonData } from "../../www/lesson/build.mjs";
import { chapters } from "../../www/lesson/chapters.ts";
import { factsOf, indexings, promptTokens, share } from "../../www/lesson/facts.ts";
import { judgements } from "../../www/lesson/judgements.ts";
import { stepOf } from "../../www/lesson/keys.ts";
import { allowed, isComplete, problemOf, VOCABULARY } from "../../www/lesson/mask.ts";
import { gain, ndcg } from "../../www/lesson/ndcg.ts";
import { fill } from "../../www/lesson/phrase.ts";
import { addressOf, moved, placeIn, type Place } from "../../www/lesson/place.ts";
import { loss, probabilities, questions, step, untrained } from "../../www/lesson/regression.ts";
import { en } from "../../www/lesson/text/en.ts";
import { sequences, TOOLS, trieOf } from "../../www/lesson/trie.ts";

const outline = [
  { id: "call", steps: 3 },
  { id: "token", steps: 2 },
];

test("every place has an address, and every address a place", () => {
  for (const place of [
    { chapter: 0, idea: 2 },
    { chapter: 1, idea: 0 },
  ])
    assert.deepEqual(placeIn(addressOf(place, outline), outline), place);
  assert.equal(addressOf({ chapter: 1, idea: 1 }, outline), "#token/2");
  assert.deepEqual(placeIn("#token", outline), { chapter: 1, idea: 0 });
  assert.deepEqual(placeIn("#token/99", outline), { chapter: 1, idea: 1 });
  assert.deepEqual(placeIn("#token/-3", outline), { chapter: 1, idea: 0 });
  for (const other of ["", "#", "#nowhere/2", "#token/x"]) assert.equal(placeIn(other, outline).idea, 0);
});

test("one idea a step, over the chapters' borders, and no further", () => {
  const way: Place[] = [];
  for (let at: Place | undefined = { chapter: 0, idea: 0 }; at; at = moved(at, 1, outline)) way.push(at);
  assert.equal(way.length, 5);
  const back: Place[] = [];
  for (let at: Place | undefined = way.at(-1); at; at = moved(at, -1, outline)) back.push(at);
  assert.deepEqual(back.reverse(), way);
});

test("keys go on and back unless what has the focus needs them", () => {
  const press = (key: string, own = "", more = {}) => {
    const focus = { closest: (selector: string) => (own && selector.split(", ").includes(own) ? {} : null) };
    const event = { key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more };
    return stepOf(event, focus as unknown as Element);
  };
  assert.equal(press(" "), 1);
  assert.equal(press(" ", "", { shiftKey: true }), -1);
  assert.equal(press(" ", "button"), undefined);
  assert.equal(press("ArrowRight", "button"), 1);
  assert.equal(press("ArrowLeft", "input"), undefined);
  assert.equal(press("ArrowRight", "[role=application]"), undefined);
  assert.equal(press("PageUp", "input"), -1);
  assert.equal(press("ArrowRight", "", { altKey: true }), undefined);
  assert.equal(press("a"), undefined);
});

const data = lessonData();

test("all figures in the words are known, and are those of the reports", () => {
  const facts = factsOf(data.measured);
  for (const { ideas, task } of Object.values(en.chapters))
    for (const text of [...ideas, task]) assert.doesNotMatch(fill(text, facts), /\{\w+\}|NaN|undefined/, text);
  const page = readFileSync(join(import.meta.dirname, "../../docs/results.md"), "utf8");
  const row = (set: string, method: string) =>
    page
      .split(`## ${set}:`)[1]!
      .split("\n")
      .find((line) => line.startsWith(`| ${method} |`))!;
  assert.ok(row("catalogue", "BM25").includes(`| ${facts.bm25} |`));
  assert.ok(row("catalogue", "MiniLM").includes(`| ${facts.minilm} |`));
  assert.ok(row("catalogue", "ToolGen").includes(`| ${facts.toolgen} |`));
  for (const report of indexings)
    assert.ok(page.includes(`| clinc150 | ${report.indexing} | ${share(report["ndcg@1"])}`));
  for (const { set, method, tools } of judgements) assert.ok(tools > 1 && method && page.includes(set), set);
});

test("what definitions take grows with the tools, and all of this page's don't fit", () => {
  const { measured } = data;
  assert.ok(measured.tools > 500 && measured.characters > 100);
  assert.equal(promptTokens(0, measured), 0);
  assert.ok(promptTokens(10, measured) < measured.context);
  assert.ok(promptTokens(measured.tools, measured) > measured.context);
});

test("chapters and words belong together, and each has a task with a field and a solution", () => {
  assert.deepEqual(
    chapters.map(({ id }) => id),
    Object.keys(en.chapters),
  );
  for (const { title, ideas, fields, examples, solution } of Object.values(en.chapters)) {
    assert.ok(ideas.length >= 5 && solution !== "", title);
    assert.equal(examples.length, fields.length, title);
  }
});

test("ten questions, each for another tool of the pack", () => {
  assert.equal(data.questions.length, 10);
  const names = new Set(data.documents.map(({ name }) => name));
  assert.ok(data.questions.every(({ tool }) => names.has(tool)));
  assert.equal(new Set(data.questions.map(({ tool }) => tool)).size, 10);
});

test("under each indexing every tool has a sequence of its own, and none begins another", () => {
  for (const indexing of sequences) {
    assert.equal(indexing.length, TOOLS.length);
    for (const [i, one] of indexing.entries())
      for (const [j, other] of indexing.entries()) if (i !== j) assert.notDeepEqual(other.slice(0, one.length), one);
  }
  const leaves = (node: ReturnType<typeof trieOf>): number =>
    node.children.length === 0 ? 1 : node.children.reduce((sum, child) => sum + leaves(child), 0);
  for (const indexing of sequences) assert.equal(leaves(trieOf(indexing)), TOOLS.length);
  assert.equal(trieOf(sequences[3]!).children.length, 3); // weather, convert, flip
});

test("training lowers the loss at every step, down to where most questions find their tool", () => {
  let rows = untrained;
  let last = loss(rows, questions);
  assert.ok(last > Math.log(3), "untrained rows are worse than none");
  for (let i = 0; i < 200; i++) {
    rows = step(rows, questions);
    const now = loss(rows, questions);
    assert.ok(now < last + 1e-3, `step ${i}: ${last} → ${now}`);
    last = now;
  }
  assert.ok(last < 0.45, String(last));
  const right = questions.filter(({ state, tool }) => {
    const all = probabilities(rows, state);
    assert.ok(Math.abs(all.reduce((sum, one) => sum + one, 0) - 1) < 1e-9);
    return all.indexOf(Math.max(...all)) === tool;
  });
  assert.ok(right.length >= 20, `${right.length} of ${questions.length}`);
});

test("the mask leads to a complete call whatever is chosen, and only outside of it is a problem", () => {
  let complete = 0;
  const write = (written: string[]) => {
    assert.equal(problemOf(written), undefined);
    if (isComplete(written)) return complete++;
    const next = allowed(written);
    assert.ok(next.size > 0);
    for (const token of VOCABULARY.filter((token) => !next.has(token)))
      assert.ok(problemOf([...written, token]) !== undefined, token);
    for (const token of next) {
      assert.ok(VOCABULARY.includes(token));
      write([...written, token]);
    }
  };
  write([]);
  assert.equal(complete, 4);
  assert.equal(problemOf(["weather_wizard"]), "tool");
  assert.equal(problemOf(["weather_now", "Bergen"]), "json");
});

test("free text is a call only if its tool exists and its arguments are whole JSON", () => {
  const tools = [{ name: "sun", parameters: { type: "object", properties: { city: {} }, required: ["city"] } }];
  const words = { noJson: "no JSON", noTool: "no {tool}", noArguments: "no arguments" };
  const problem = (text: string) => problemIn(text, tools, words);
  assert.equal(problem('sun {"city": "Oslo"}'), undefined);
  assert.equal(problem('sunset {"city": "Oslo"}'), "no sunset");
  assert.equal(problem('sun {"city": "Oslo"'), "no JSON");
  assert.equal(problem("sun"), "no JSON");
  assert.equal(problem("sun {}"), "no arguments");
  assert.equal(problem('sun {"city": "Oslo", "day": 1}'), "no arguments");
});

test("BM25 reads names as words, and ranks rare ones higher", () => {
  const texts = {
    weather: "weather_now the sky in a town",
    coin: "flipCoin heads or tails in a town",
    the: "the the the the",
  };
  const bm25 = new Bm25(Object.entries(texts).map(([name, text]) => ({ name, text })));
  assert.equal(bm25.rank("weather in the town")[0]?.name, "weather");
  assert.equal(bm25.rank("flip a coin")[0]?.name, "coin");
  assert.deepEqual(bm25.rank("nothing known"), []);
});

test("NDCG by hand, as the teacher's sheet has it", () => {
  assert.deepEqual(
    [1, 2, 3].map((rank) => gain(rank).toFixed(2)),
    ["1.00", "0.63", "0.50"],
  );
  assert.equal(gain(6), 0);
  assert.equal(gain(undefined), 0);
  assert.equal(ndcg([1, 2, 4, 9]).toFixed(2), "0.52");
  assert.equal((-Math.log(0.25)).toFixed(2), "1.39");
  const answers = en.sheet.questions.map(([, answer]) => answer).join(" ");
  assert.ok(answers.includes("0.52") && answers.includes("1.39"));
});
