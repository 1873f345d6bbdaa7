import assert from "node:assert/strict";
import { test } from "node:test";

import { sky } from "../../www/tools/sky.ts";

test("zodiac_sign changes within the month", () => {
  const sign = (day: number, month: string) => sky.zodiac_sign({ day, month }).sign;
  assert.equal(sign(20, "march"), "Pisces");
  assert.equal(sign(21, "march"), "Aries");
  assert.equal(sign(31, "december"), "Capricorn");
  assert.equal(sign(1, "january"), "Capricorn");
  assert.equal(sign(29, "february"), "Pisces");
  assert.throws(() => sign(30, "february"), /no february 30/);
  assert.throws(() => sign(3, "brumaire"), /not a month/);
});

test("chinese_zodiac goes through animals and elements", () => {
  assert.deepEqual(sky.chinese_zodiac({ year: 2024 }), { animal: "Dragon", element: "Wood" });
  assert.deepEqual(sky.chinese_zodiac({ year: 1990 }), { animal: "Horse", element: "Metal" });
  assert.deepEqual(sky.chinese_zodiac({ year: 2000 }), { animal: "Dragon", element: "Metal" });
  assert.throws(() => sky.chinese_zodiac({ year: 2000.5 }), /not a year/);
});

test("moon_phase knows eclipses and today", () => {
  const phase = (date: string) => sky.moon_phase({ date }).phase;
  assert.equal(phase("2024-04-08"), "new moon"); // an eclipse of the sun
  assert.equal(phase("2022-11-08"), "full moon"); // an eclipse of the moon
  assert.equal(phase("1969-07-20"), "waxing crescent"); // Apollo 11
  assert.equal(phase("2025-01-06"), "first quarter");
  assert.equal(phase("2025-01-21"), "last quarter");
  assert.equal(phase("2025-01-25"), "waning crescent");
  assert.deepEqual(
    sky.moon_phase({}, () => new Date(2025, 2, 14)),
    {
      phase: "full moon", // another eclipse
      illuminated_percent: 100,
      days_to_full_moon: 0,
    },
  );
  assert.equal(sky.moon_phase({ date: "2025-03-04" }).days_to_full_moon, 10);
  assert.throws(() => phase("2026-13-01"), /not a date/);
});
