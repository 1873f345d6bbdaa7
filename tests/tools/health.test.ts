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

test("calorie_need follows Mifflin and St Jeor", () => {
  const person = { age: 30, weight: 80, height: 180 };
  assert.deepEqual(health.calorie_need({ sex: "male", ...person }), {
    at_rest: 1780,
    little_exercise: 2136,
    moderate_exercise: 2759,
    hard_exercise: 3071,
  });
  assert.equal(health.calorie_need({ sex: "female", ...person, height: 1.8 }).at_rest, 1614);
  assert.throws(() => health.calorie_need({ sex: "male", ...person, height: 18 }), /neither a height/);
  assert.throws(() => health.calorie_need({ sex: "male", ...person, weight: 0 }), /0 kg/);
});

test("target_heart_rate depends on the age and the pulse at rest", () => {
  assert.deepEqual(health.target_heart_rate({ age: 40 }), {
    maximum: 180,
    moderate: "90 to 126",
    vigorous: "126 to 153",
  });
  assert.equal(health.target_heart_rate({ age: 40, resting_rate: 60 }).moderate, "120 to 144");
  assert.throws(() => health.target_heart_rate({ age: 230 }), /230 is not the age/);
  assert.throws(() => health.target_heart_rate({ age: 40, resting_rate: 190 }), /no pulse at rest/);
});

test("pregnancy_due_date counts 280 days", () => {
  assert.deepEqual(health.pregnancy_due_date({ last_period: "2026-01-01" }), {
    due_date: "2026-10-08",
    conceived_about: "2026-01-15",
  });
  assert.throws(() => health.pregnancy_due_date({ last_period: "2026-02-30" }), /calendar/);
});
