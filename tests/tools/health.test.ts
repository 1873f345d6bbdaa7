import assert from "node:assert/strict";
import { test } from "node:test";

import { health } from "../../www/tools/health.ts";

const bmi = (weight: number, height: number) => health.body_mass_index({ weight, height });

test("body_mass_index takes heights in centimetres and in metres", () => {
  assert.deepEqual(bmi(70, 175), { bmi: 22.9, category: "normal weight" });
  assert.deepEqual(bmi(70, 1.75), bmi(70, 175));
});

test("body_mass_index names the class of weight", () => {
  assert.equal(bmi(48, 173).category, "underweight");
  assert.equal(bmi(85, 175).category, "overweight");
  assert.equal(bmi(100, 175).category, "obesity");
});

test("body_mass_index refuses a height in neither unit", () => {
  assert.throws(() => bmi(70, 5.9), /neither a height in metres/);
});
