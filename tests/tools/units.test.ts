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
  assert.equal(units.convert_volume({ value: 2, from: "cup", to: "fl_oz" }).text, "2 cup = 16 fl oz");
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

test("convert_area converts between metric and imperial land measures", () => {
  assert.equal(units.convert_area({ value: 2.5, from: "hectare", to: "m2" }).result, 25_000);
  assert.deepEqual(units.convert_area({ value: 100, from: "m2", to: "ft2" }), {
    result: 1076.39104167,
    text: "100 m² = 1076.39104167 ft²",
  });
  assert.equal(units.convert_area({ value: 1, from: "mi2", to: "acre" }).result, 640);
});

test("convert_pressure converts between tyres, weather and science", () => {
  assert.equal(units.convert_pressure({ value: 1, from: "atm", to: "hPa" }).result, 1013.25);
  assert.equal(units.convert_pressure({ value: 32, from: "psi", to: "bar" }).result, 2.20632233381);
  assert.equal(units.convert_pressure({ value: 1, from: "atm", to: "mmHg" }).result, 759.999891726);
});

test("convert_energy converts between food, electricity and physics", () => {
  assert.equal(units.convert_energy({ value: 500, from: "kcal", to: "kJ" }).result, 2092);
  assert.equal(units.convert_energy({ value: 2, from: "kWh", to: "MJ" }).result, 7.2);
});

test("convert_angle converts between degrees and radians", () => {
  assert.equal(units.convert_angle({ value: 180, from: "degrees", to: "radians" }).result, 3.14159265359);
  assert.equal(units.convert_angle({ value: 90, from: "degrees", to: "gradians" }).result, 100);
  assert.equal(units.convert_angle({ value: 2, from: "degrees", to: "arcminutes" }).result, 120);
});

test("convert_duration converts between spans of time", () => {
  assert.equal(units.convert_duration({ value: 3, from: "days", to: "minutes" }).result, 4320);
  assert.equal(units.convert_duration({ value: 5400, from: "seconds", to: "hours" }).result, 1.5);
  assert.equal(units.convert_duration({ value: 2, from: "years", to: "months" }).result, 24);
});
