import assert from "node:assert/strict";
import { test } from "node:test";

import { science } from "../../www/tools/science.ts";

test("ohms_law finds the third value", () => {
  assert.deepEqual(science.ohms_law({ voltage: 12, resistance: 4 }), {
    voltage: 12,
    current: 3,
    resistance: 4,
    power: 36,
  });
  assert.equal(science.ohms_law({ current: 0.02, resistance: 220 }).voltage, 4.4);
  assert.equal(science.ohms_law({ voltage: 9, current: 0.5 }).resistance, 18);
  assert.throws(() => science.ohms_law({ voltage: 9 }), /exactly two/);
  assert.throws(() => science.ohms_law({ voltage: 9, current: 1, resistance: 9 }), /exactly two/);
  assert.throws(() => science.ohms_law({ voltage: 9, resistance: 0 }), /above 0/);
});

test("molar_mass reads brackets and hydrates", () => {
  const mass = (formula: string) => science.molar_mass({ formula }).grams_per_mole;
  assert.equal(mass("H2O"), 18.015);
  assert.equal(mass("C6H12O6"), 180.156);
  assert.equal(mass("Ca(OH)2"), 74.092);
  assert.equal(mass("CuSO4·5H2O"), 249.677);
  assert.equal(mass("K4[Fe(CN)6]"), 368.345);
  assert.throws(() => mass("Xx2"), /no element "Xx"/);
  assert.throws(() => mass("Ca(OH2"), /not closed/);
  assert.throws(() => mass("CaOH)2"), /not a chemical formula/);
  assert.throws(() => mass("water"), /not a chemical formula/);
});

test("wind_chill follows the index of 2001", () => {
  assert.deepEqual(science.wind_chill({ temperature: -10, wind_speed: 30 }), {
    feels_like: -19.5,
    text: "feels like -19.5 °C",
  });
  assert.equal(science.wind_chill({ temperature: 0, wind_speed: 20 }).feels_like, -5.2);
  assert.throws(() => science.wind_chill({ temperature: 25, wind_speed: 20 }), /up to 10 °C/);
  assert.throws(() => science.wind_chill({ temperature: 0, wind_speed: 2 }), /4.8 km\/h/);
});

test("kinetic_energy grows with the square of the speed", () => {
  assert.deepEqual(science.kinetic_energy({ mass: 2, speed: 3 }), { joules: 9 });
  assert.equal(science.kinetic_energy({ mass: 1200, speed: 25 }).joules, 375_000);
  assert.throws(() => science.kinetic_energy({ mass: -1, speed: 3 }), /-1 kg/);
});
