import assert from "node:assert/strict";
import { test } from "node:test";

import { numbers } from "../../www/tools/numbers.ts";

const calculate = (expression: string) => numbers.calculate({ expression }).result;

test("calculate follows the usual order of operations", () => {
  assert.deepEqual(numbers.calculate({ expression: "12 * (3 + 4)" }), {
    result: 84,
    text: "12 * (3 + 4) = 84",
  });
  assert.equal(calculate("2 + 3 * 4 - 6 / 2"), 11);
  assert.equal(calculate("10 - 4 - 3"), 3);
  assert.equal(calculate("2^3^2"), 512);
  assert.equal(calculate("-2^2"), -4);
  assert.equal(calculate("2^-1"), 0.5);
  assert.equal(calculate("-6 * (4 - 11)"), 42);
  assert.equal(calculate("sqrt(144) + sqrt 16"), 16);
  assert.equal(calculate("2 * pi * 6"), 37.6991118431);
  assert.equal(calculate("2(3 + 4)"), 14);
});

test("calculate hides the noise of binary fractions", () => {
  assert.equal(calculate("0.1 + 0.2"), 0.3);
  assert.equal(calculate("0.1 + 0.2 - 0.3"), 0);
  assert.equal(calculate("1 / 3 + 1 / 6"), 0.5);
  assert.equal(calculate("-6 * 0"), 0);
  assert.equal(calculate("94906265 * 94906265"), 9007199136250225);
});

test("calculate reads the other signs people use", () => {
  assert.equal(calculate("3 × 4 ÷ 2 − 1"), 5);
  assert.equal(calculate("3 x 4"), 12);
  assert.equal(calculate("2**5"), 32);
  assert.equal(calculate("1,000 + 2.5e3"), 3500);
  assert.equal(calculate("√2 * √2"), 2);
});

test("calculate says what is wrong", () => {
  assert.throws(() => calculate("1 / (2 - 2)"), /Division by zero/);
  assert.throws(() => calculate("sqrt(-4)"), /no real value/);
  assert.throws(() => calculate("9^9^9"), /too large/);
  assert.throws(() => calculate("3 +"), /ends too early/);
  assert.throws(() => calculate("(3 + 4"), /not closed/);
  assert.throws(() => calculate("3 + * 4"), /missing before "\*"/);
  assert.throws(() => calculate("3 4"), /go on with "4"/);
  assert.throws(() => calculate("alert(1)"), /cannot read "alert\(1\)"/);
});

test("percentage_of takes a share of a number", () => {
  assert.deepEqual(numbers.percentage_of({ percent: 15, value: 80 }), {
    result: 12,
    text: "15% of 80 = 12",
  });
  assert.equal(numbers.percentage_of({ percent: 110, value: 0.7 }).result, 0.77);
});

test("statistics_summary summarises a list in any order", () => {
  assert.deepEqual(numbers.statistics_summary({ numbers: [9, 2, 4, 4, 5, 4, 5, 7] }), {
    count: 8,
    sum: 40,
    mean: 5,
    median: 4.5,
    minimum: 2,
    maximum: 9,
    standard_deviation: 2.1380899353,
  });
  assert.equal(numbers.statistics_summary({ numbers: [10, 1, 2] }).median, 2);
  assert.throws(() => numbers.statistics_summary({ numbers: [1] }), /at least two/);
});

test("prime_factors factors numbers and recognises primes", () => {
  assert.deepEqual(numbers.prime_factors({ number: 360 }), {
    prime: false,
    factors: [2, 2, 2, 3, 3, 5],
    text: "360 = 2 × 2 × 2 × 3 × 3 × 5",
  });
  assert.equal(numbers.prime_factors({ number: 2 }).prime, true);
  assert.equal(numbers.prime_factors({ number: 999_999_999_989 }).text, "999999999989 is prime");
});

test("roman_numeral writes small and large numbers", () => {
  const roman = (number: number) => numbers.roman_numeral({ number }).numeral;
  assert.deepEqual([4, 9, 49, 1994, 2024, 3999].map(roman), ["IV", "IX", "XLIX", "MCMXCIV", "MMXXIV", "MMMCMXCIX"]);
});

test("convert_number_base converts between any two bases", () => {
  const convert = numbers.convert_number_base;
  assert.deepEqual(convert({ number: "255", to_base: 16 }), {
    result: "FF",
    text: "255 (base 10) = FF (base 16)",
  });
  assert.equal(convert({ number: "101101", from_base: 2, to_base: 10 }).result, "45");
  assert.equal(convert({ number: "0xdeadbeef", from_base: 16, to_base: 10 }).result, "3735928559");
  assert.equal(convert({ number: "FFFFFFFFFFFFFFFF", from_base: 16, to_base: 10 }).result, "18446744073709551615");
  assert.throws(() => convert({ number: "102", from_base: 2, to_base: 10 }), /"2" is not a digit/);
  assert.throws(() => convert({ number: "0x", from_base: 16, to_base: 2 }), /no digits/);
});
