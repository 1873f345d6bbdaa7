import assert from "node:assert/strict";
import { test } from "node:test";

import { travel } from "../../www/tools/travel.ts";

test("running_pace gives pace and speed", () => {
  assert.deepEqual(travel.running_pace({ distance: 10, minutes: 52 }), {
    pace_per_km: "5:12",
    pace_per_mile: "8:22",
    speed_kmh: 11.54,
  });
  assert.equal(travel.running_pace({ distance: 3, minutes: 27, unit: "mi" }).pace_per_mile, "9:00");
  assert.throws(() => travel.running_pace({ distance: 0, minutes: 20 }), /distance must be more/);
});

test("trip_fuel_cost counts litres and money", () => {
  assert.deepEqual(travel.trip_fuel_cost({ distance: 450, consumption: 6.2, price: 1.8 }), {
    cost: 50.22,
    litres: 27.9,
  });
  assert.throws(
    () => travel.trip_fuel_cost({ distance: 450, consumption: -6, price: 1.8 }),
    /consumption must be more than 0, not -6/,
  );
});

test("convert_fuel_economy turns gallons and litres around", () => {
  assert.equal(travel.convert_fuel_economy({ value: 5, from: "l/100km", to: "km/l" }).result, 20);
  assert.deepEqual(travel.convert_fuel_economy({ value: 30, from: "mpg", to: "l/100km" }), {
    result: 7.84048611111,
    text: "30 mpg = 7.84048611111 l/100km",
  });
  assert.equal(
    travel.convert_fuel_economy({ value: 50, from: "mpg_uk", to: "mpg" }).text,
    "50 mpg (UK) = 41.6337092314 mpg",
  );
  assert.throws(() => travel.convert_fuel_economy({ value: 0, from: "mpg", to: "km/l" }), /value/);
});
