/** Names, numbers and times, as a person would write them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { durationOf, labelOf, listOf, moneyOf, numberOf, wordsOf } from "../../www/words/humanise.ts";

test("names become words", () => {
  assert.equal(wordsOf("each_pays"), "each pays");
  assert.equal(wordsOf("totalWithTip"), "total with tip");
  assert.equal(wordsOf("UTC"), "UTC");
});

test("a label's brackets hold its unit, unless they hold a remark", () => {
  assert.deepEqual(labelOf("temperature (°C)"), { name: "temperature", unit: "°C" });
  assert.deepEqual(labelOf("change in 24 hours (%)"), { name: "change in 24 hours", unit: "%" });
  assert.deepEqual(labelOf("height (as far as it is known)"), { name: "height (as far as it is known)" });
});

test("numbers keep the digits that count", () => {
  const written = [8.04672, 8.45350567546, 1896.2345, 1987, 62_000, 0.1 + 0.2, 1e-9, 0, -12.5].map(numberOf);
  assert.deepEqual(written, ["8.0467", "8.4535", "1896.23", "1987", "62,000", "0.3", "1e-9", "0", "-12.5"]);
});

test("money has its currency", () => {
  assert.equal(moneyOf(1896.2, "USD"), "$1,896.20");
  assert.equal(moneyOf(62_000, "EUR"), "€62,000");
  assert.equal(moneyOf(12.5, "shells"), "12.5 shells");
});

test("lists are joined by commas and a word", () => {
  assert.deepEqual(
    [[], ["a"], ["a", "b"], ["a", "b", "c"]].map((items) => listOf(items)),
    ["", "a", "a and b", "a, b and c"],
  );
});

test("times are rounded up, so that it never says that none is left", () => {
  assert.deepEqual([0, 4_200, 60_000, 75_000, 1_234_000].map(durationOf), [
    "1 s",
    "5 s",
    "1 min",
    "1 min 15 s",
    "21 min",
  ]);
});
