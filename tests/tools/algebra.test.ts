import assert from "node:assert/strict";
import { test } from "node:test";

import { algebra } from "../../www/tools/algebra.ts";

test("quadratic_equation has two, one or two complex solutions", () => {
  assert.deepEqual(algebra.quadratic_equation({ a: 1, b: -5, c: 6 }), {
    solutions: [2, 3],
    discriminant: 1,
    real: true,
  });
  assert.deepEqual(algebra.quadratic_equation({ a: -1, b: 0, c: 4 }).solutions, [-2, 2]);
  assert.deepEqual(algebra.quadratic_equation({ a: 1, b: 2, c: 1 }).solutions, [-1]);
  assert.deepEqual(algebra.quadratic_equation({ a: 1, b: 2, c: 5 }), {
    solutions: ["-1 - 2i", "-1 + 2i"],
    discriminant: -16,
    real: false,
  });
  assert.throws(() => algebra.quadratic_equation({ a: 0, b: 2, c: 5 }), /not quadratic/);
});

test("greatest_common_divisor and least_common_multiple take two numbers or more", () => {
  assert.equal(algebra.greatest_common_divisor({ numbers: [84, 36] }).result, "12");
  assert.deepEqual(algebra.greatest_common_divisor({ numbers: [12, 18, 27] }), {
    result: "3",
    text: "The greatest common divisor of 12, 18, 27 is 3",
  });
  assert.equal(algebra.least_common_multiple({ numbers: [4, 6] }).result, "12");
  assert.equal(algebra.least_common_multiple({ numbers: [2, 3, 5, 7] }).result, "210");
  assert.throws(() => algebra.least_common_multiple({ numbers: [4] }), /at least two/);
  assert.throws(() => algebra.greatest_common_divisor({ numbers: [4, 0] }), /0 is not a whole/);
  assert.throws(() => algebra.greatest_common_divisor({ numbers: [4, 2.5] }), /2.5 is not a whole/);
});

test("factorial stays exact", () => {
  assert.equal(algebra.factorial({ number: 0 }).result, "1");
  assert.equal(algebra.factorial({ number: 25 }).result, "15511210043330985984000000");
  assert.throws(() => algebra.factorial({ number: -3 }), /-3 is not a whole number/);
  assert.throws(() => algebra.factorial({ number: 1001 }), /too long/);
});

test("combinations counts choices with and without order", () => {
  assert.deepEqual(algebra.combinations({ total: 49, choose: 6 }), {
    combinations: "13983816",
    permutations: "10068347520",
  });
  assert.equal(algebra.combinations({ total: 5, choose: 0 }).combinations, "1");
  assert.throws(() => algebra.combinations({ total: 5, choose: 6 }), /choose 6 of 5/);
});

test("fibonacci_number starts with 1, 1, 2", () => {
  assert.deepEqual(
    [1, 2, 3, 10, 100].map((position) => algebra.fibonacci_number({ position }).number),
    ["1", "1", "2", "55", "354224848179261915075"],
  );
  assert.throws(() => algebra.fibonacci_number({ position: 0 }), /0 is not a whole number/);
});

test("percent_change tells rises from falls", () => {
  assert.deepEqual(algebra.percent_change({ from: 80, to: 100 }), {
    percent: 25,
    text: "80 to 100: 25% increase",
  });
  assert.equal(algebra.percent_change({ from: 50, to: 40 }).text, "50 to 40: 20% decrease");
  assert.throws(() => algebra.percent_change({ from: 0, to: 40 }), /change from 0/);
});
