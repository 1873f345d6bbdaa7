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

test("rectangle_area measures a rectangle", () => {
  assert.deepEqual(geometry.rectangle_area({ width: 3, height: 4 }), {
    area: 12,
    perimeter: 14,
  });
});

test("triangle_area is half of base times height", () => {
  assert.deepEqual(geometry.triangle_area({ base: 5, height: 3 }), { area: 7.5 });
});

test("sphere_volume and cylinder_volume measure round bodies", () => {
  assert.deepEqual(geometry.sphere_volume({ radius: 3 }), {
    volume: 113.097335529,
    surface: 113.097335529,
  });
  assert.deepEqual(geometry.cylinder_volume({ radius: 2, height: 5 }), {
    volume: 62.8318530718,
    surface: 87.9645943005,
  });
});

test("box_volume measures a box", () => {
  assert.deepEqual(geometry.box_volume({ length: 2, width: 3, height: 4 }), {
    volume: 24,
    surface: 52,
  });
});

test("negative lengths are refused", () => {
  assert.throws(() => geometry.rectangle_area({ width: -1, height: 4 }), /width cannot be -1/);
  assert.throws(() => geometry.triangle_area({ base: 1, height: -4 }), /height cannot be -4/);
  assert.throws(() => geometry.sphere_volume({ radius: -2 }), /radius cannot be -2/);
  assert.throws(() => geometry.cylinder_volume({ radius: -2, height: 1 }), /radius/);
  assert.throws(() => geometry.box_volume({ length: 1, width: 1, height: NaN }), /height/);
});
