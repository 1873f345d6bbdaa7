import assert from "node:assert/strict";
import { test } from "node:test";

import { units } from "../../www/tools/units.ts";

test("convert_length converts between metric, imperial and nautical units", () => {
  assert.deepEqual(units.convert_length({ value: 5, from: "mi", to: "km" }), {
    result: 8.04672,
    text: "5 mi = 8.04672 km",
  });
  assert.equal(units.convert_length({ value: 10, from: "in", to: "cm" }).result, 25.4);
  assert.equal(units.convert_length({ value: 1, from: "nmi", to: "m" }).result, 1852);
  assert.equal(units.convert_length({ value: 2, from: "mi", to: "ft" }).result, 10560);
});

test("convert_weight converts between metric and imperial units", () => {
  assert.equal(units.convert_weight({ value: 16, from: "lb", to: "oz" }).result, 256);
  assert.equal(units.convert_weight({ value: 1, from: "st", to: "lb" }).result, 14);
  assert.equal(units.convert_weight({ value: 1, from: "oz", to: "g" }).result, 28.349523125);
});

test("convert_volume uses the measures of the United States", () => {
  assert.equal(units.convert_volume({ value: 1, from: "gallon", to: "cup" }).result, 16);
  assert.equal(units.convert_volume({ value: 3, from: "tbsp", to: "tsp" }).result, 9);
  assert.deepEqual(units.convert_volume({ value: 2, from: "m3", to: "l" }), {
    result: 2000,
    text: "2 m³ = 2000 l",
  });
  assert.equal(
    units.convert_volume({ value: 2, from: "cup", to: "fl_oz" }).text,
    "2 cup = 16 fl oz",
  );
});

test("convert_speed converts between road, sea and scientific units", () => {
  assert.equal(units.convert_speed({ value: 60, from: "mph", to: "km/h" }).result, 96.56064);
  assert.equal(units.convert_speed({ value: 10, from: "m/s", to: "km/h" }).result, 36);
  assert.equal(units.convert_speed({ value: 25, from: "knots", to: "km/h" }).result, 46.3);
});

test("convert_data_size keeps powers of 1000 and of 1024 apart", () => {
  assert.equal(units.convert_data_size({ value: 2, from: "GB", to: "MB" }).result, 2000);
  assert.equal(units.convert_data_size({ value: 8, from: "GiB", to: "GB" }).result, 8.589934592);
  assert.equal(units.convert_data_size({ value: 64, from: "B", to: "bit" }).result, 512);
});

test("convert_temperature converts between all three scales", () => {
  assert.deepEqual(units.convert_temperature({ value: 37, from: "celsius", to: "fahrenheit" }), {
    result: 98.6,
    text: "37 °C = 98.6 °F",
  });
  const convert = units.convert_temperature;
  assert.equal(convert({ value: 32, from: "fahrenheit", to: "celsius" }).result, 0);
  assert.equal(convert({ value: -40, from: "fahrenheit", to: "celsius" }).result, -40);
  assert.equal(convert({ value: 25, from: "celsius", to: "kelvin" }).result, 298.15);
  assert.equal(convert({ value: 0, from: "kelvin", to: "fahrenheit" }).result, -459.67);
});

test("convert_temperature refuses what is below absolute zero", () => {
  assert.throws(
    () => units.convert_temperature({ value: -300, from: "celsius", to: "kelvin" }),
    /colder than -273.15 °C/,
  );
});
