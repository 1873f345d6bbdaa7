import assert from "node:assert/strict";
import { test } from "node:test";

import { fractions } from "../../www/tools/fractions.ts";

test("fraction_arithmetic gives a fraction in lowest terms", () => {
  assert.deepEqual(fractions.fraction_arithmetic({ first: "3/4", operation: "add", second: "5/6" }), {
    fraction: "19/12",
    mixed_number: "1 7/12",
    decimal: 1.58333333333,
  });
  const calculate = fractions.fraction_arithmetic;
  assert.equal(calculate({ first: "1/2", operation: "subtract", second: "3/4" }).fraction, "-1/4");
  assert.equal(calculate({ first: "-5/2", operation: "multiply", second: "1" }).mixed_number, "-2 1/2");
  assert.equal(calculate({ first: "2/3", operation: "multiply", second: "9/4" }).fraction, "3/2");
  assert.equal(calculate({ first: "1/2", operation: "divide", second: "-1/4" }).fraction, "-2");
});

test("fraction_arithmetic refuses zero below the line and what is no fraction", () => {
  const add = (first: string) => fractions.fraction_arithmetic({ first, operation: "add", second: "1/2" });
  assert.throws(() => add("1/0"), /divides by zero/);
  assert.throws(() => add("half"), /not a fraction/);
  assert.throws(
    () => fractions.fraction_arithmetic({ first: "1/2", operation: "divide", second: "0" }),
    /divide by zero/,
  );
});

test("simplify_ratio also takes decimals", () => {
  assert.deepEqual(fractions.simplify_ratio({ first: 18, second: 24 }), {
    ratio: "3:4",
    text: "18:24 = 3:4",
  });
  assert.equal(fractions.simplify_ratio({ first: 1920, second: 1080 }).ratio, "16:9");
  assert.equal(fractions.simplify_ratio({ first: 0.5, second: 2.25 }).ratio, "2:9");
  assert.throws(() => fractions.simplify_ratio({ first: 0, second: 3 }), /above zero/);
  assert.throws(() => fractions.simplify_ratio({ first: Math.PI, second: 3 }), /decimal places/);
});
