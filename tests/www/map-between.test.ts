/** What is chosen between two questions: the highest of lines. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesBetween, rankingAt, type Ranking } from "../../www/map/between.ts";

function ranking(probabilities: Record<string, number>): Ranking {
  const { none = 0, ...rest } = probabilities;
  const tools = Object.entries(rest).map(([name, probability]) => ({ name, probability }));
  return { tools: tools.sort((a, b) => b.probability - a.probability), none };
}

test("the choice flips where the scores are equal, at an even rate of their logarithms", () => {
  const rain = ranking({ weather: 0.8, coin: 0.1, none: 0.1 });
  const dice = ranking({ coin: 0.98, weather: 0.01, none: 0.01 });
  const [start, flip, ...more] = choicesBetween(rain, dice);
  assert.deepEqual([start, flip!.name, more], [{ name: "weather", from: 0 }, "coin", []]);
  // 8 to 1 at the one end, 1 to 98 at the other: log 8 of log 8 + log 98.
  assert.ok(Math.abs(flip!.from - Math.log(8) / (Math.log(8) + Math.log(98))) < 1e-12);
  const { tools } = rankingAt(flip!.from, rain, dice);
  assert.ok(Math.abs(tools[0]!.probability - tools[1]!.probability) < 1e-12);
});

test("a tool that is first at neither end may be first between them, as may none", () => {
  const both = { middle: 0.3, none: 0.01 };
  const [a, b] = [ranking({ ...both, left: 0.68, right: 0.01 }), ranking({ ...both, left: 0.01, right: 0.68 })];
  const names = (first: Ranking, second: Ranking) => choicesBetween(first, second).map(({ name }) => name);
  assert.deepEqual(names(a, b), ["left", "middle", "right"]);
  assert.deepEqual(names(b, a), ["right", "middle", "left"]);
  assert.deepEqual(names(a, a), ["left"]);
  const unsure = { middle: 0.01, none: 0.3 };
  assert.deepEqual(
    names(ranking({ ...unsure, left: 0.68, right: 0.01 }), ranking({ ...unsure, left: 0.01, right: 0.68 })),
    ["left", undefined, "right"],
  );
});

test("choices are those of the ranking on each part of the way, whose ends are the two rankings", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const any = () => {
    const weights = Array.from({ length: 9 }, () => Math.exp(8 * random()));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const [none, ...rest] = weights.map((weight) => weight / total);
    return ranking({ none: none!, ...Object.fromEntries(rest.map((p, i) => [`tool_${i}`, p])) });
  };
  for (let round = 0; round < 50; round++) {
    const [a, b] = [any(), any()];
    const choices = choicesBetween(a, b);
    for (let part = 0.005; part < 1; part += 0.01) {
      const { tools, none } = rankingAt(part, a, b);
      const best = tools.reduce((best, tool) => (tool.probability > best.probability ? tool : best));
      const expected = best.probability > none ? best.name : undefined;
      const chosen = choices.findLast(({ from }) => from <= part)!;
      if (choices.every(({ from }) => Math.abs(from - part) > 1e-9)) assert.equal(chosen.name, expected);
    }
    const end = rankingAt(1, a, b);
    assert.ok(Math.abs(end.none - b.none) < 1e-9);
    for (const { name, probability } of b.tools)
      assert.ok(Math.abs(end.tools.find((tool) => tool.name === name)!.probability - probability) < 1e-9);
  }
});
