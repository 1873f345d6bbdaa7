import assert from "node:assert/strict";
import { test } from "node:test";

import { geometry } from "../../www/tools/geometry.ts";

test("circle_area measures a circle", () => {
  assert.deepEqual(geometry.circle_area({ radius: 5 }), {
    area: 78.5398163397,
    circumference: 31.4159265359,
  });
  assert.equal(geometry.circle_area({ radius: 0 }).area, 0);
});

test("triangle_hypotenuse follows Pythagoras", () => {
  assert.deepEqual(geometry.triangle_hypotenuse({ a: 3, b: 4 }), { hypotenuse: 5 });
  assert.equal(geometry.triangle_hypotenuse({ a: 1, b: 1 }).hypotenuse, 1.41421356237);
});
