import assert from "node:assert/strict";
import { test } from "node:test";

import { calendar } from "../../www/tools/calendar.ts";

test("is_leap_year knows the rule of the centuries", () => {
  assert.deepEqual(calendar.is_leap_year({ year: 2024 }), { leap_year: true, days: 366 });
  assert.deepEqual(calendar.is_leap_year({ year: 1900 }), { leap_year: false, days: 365 });
  assert.equal(calendar.is_leap_year({ year: 2000 }).leap_year, true);
  assert.throws(() => calendar.is_leap_year({ year: 0 }), /0 is not a year/);
});

test("week_number follows ISO 8601 around the new year", () => {
  assert.deepEqual(calendar.week_number({ date: "2021-01-03" }), {
    week: 53,
    year: 2020,
    day_of_year: 3,
    days_left: 362,
  });
  assert.deepEqual(calendar.week_number({ date: "2024-12-30" }), {
    week: 1,
    year: 2025,
    day_of_year: 365,
    days_left: 1,
  });
  assert.equal(calendar.week_number({ date: "2026-03-14" }).week, 11);
  assert.throws(() => calendar.week_number({ date: "2026-02-30" }), /not a date of the calendar/);
});

test("easter_date knows both churches", () => {
  const easter = (year: number) => calendar.easter_date({ year }).easter;
  assert.deepEqual([2000, 2018, 2019, 2024, 2025, 2026, 2038, 2285].map(easter), [
    "2000-04-23",
    "2018-04-01",
    "2019-04-21",
    "2024-03-31",
    "2025-04-20",
    "2026-04-05",
    "2038-04-25",
    "2285-03-22",
  ]);
  const orthodox = (year: number) => calendar.easter_date({ year, church: "orthodox" }).easter;
  assert.deepEqual([2023, 2024, 2025, 2026].map(orthodox), ["2023-04-16", "2024-05-05", "2025-04-20", "2026-04-12"]);
  assert.equal(calendar.easter_date({ year: 2024 }).good_friday, "2024-03-29");
  assert.throws(() => calendar.easter_date({ year: 1200 }), /from 1583/);
});

test("working_days leaves out the weekends", () => {
  assert.deepEqual(calendar.working_days({ start: "2026-03-02", end: "2026-03-13" }), {
    working_days: 10,
    days: 12,
  });
  assert.equal(calendar.working_days({ start: "2026-03-14", end: "2026-03-15" }).working_days, 0);
  assert.equal(calendar.working_days({ start: "2026-01-01", end: "2026-12-31" }).working_days, 261);
  assert.throws(() => calendar.working_days({ start: "2026-03-14", end: "2026-03-01" }), /2026-03-01 is before/);
});

test("unix_to_date reads seconds since 1970", () => {
  assert.deepEqual(calendar.unix_to_date({ timestamp: 1_700_000_000 }), {
    utc: "2023-11-14T22:13:20Z",
    weekday: "Tuesday",
  });
  assert.equal(calendar.unix_to_date({ timestamp: -1 }).utc, "1969-12-31T23:59:59Z");
  assert.throws(() => calendar.unix_to_date({ timestamp: 1e15 }), /too far from 1970/);
});
