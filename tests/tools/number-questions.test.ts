import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { dates } from "../../www/tools/dates.ts";
import { geometry } from "../../www/tools/geometry.ts";
import { health } from "../../www/tools/health.ts";
import { money } from "../../www/tools/money.ts";
import { numbers } from "../../www/tools/numbers.ts";
import { time } from "../../www/tools/time.ts";
import { units } from "../../www/tools/units.ts";

interface Question {
  query: string;
  calls: { name: string; arguments: Record<string, unknown> }[];
  lacks?: string[];
}

type Executor = (values: Record<string, unknown>) => object;

const modules = { ...numbers, ...units, ...time, ...dates, ...money, ...geometry, ...health };
const executors = new Map(Object.entries(modules) as unknown as [string, Executor][]);

const catalogue = new URL("../../models/catalogue/dev.jsonl", import.meta.url);
const questions = readFileSync(catalogue, "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => JSON.parse(line) as Question)
  .filter(({ lacks }) => !lacks); // there is no call before it is said

test("the labelled call of every question about numbers, units, time and money runs", () => {
  const answered = new Set<string>();
  for (const { query, calls } of questions) {
    for (const call of calls) {
      const execute = executors.get(call.name);
      if (!execute) continue;
      const result = execute(call.arguments);
      assert.ok(Object.keys(result).length > 0, query);
      assert.doesNotMatch(JSON.stringify(result), /null|NaN|undefined|Infinity/, query);
      answered.add(call.name);
    }
  }
  assert.deepEqual(
    [...executors.keys()].filter((name) => !answered.has(name)),
    [],
  );
});
