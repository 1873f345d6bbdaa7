import assert from "node:assert/strict";
import { test } from "node:test";

import { dates } from "../../www/tools/dates.ts";

const onPiDay = () => new Date(2026, 2, 14, 23, 30);

test("days_between counts over leap days and backwards", () => {
  assert.deepEqual(dates.days_between({ start: "2026-01-01", end: "2026-03-14" }), {
    days: 72,
    text: "2026-01-01 to 2026-03-14: 72 days",
  });
  assert.equal(dates.days_between({ start: "2020-02-28", end: "2020-03-01" }).days, 2);
  assert.equal(dates.days_between({ start: "2026-05-01", end: "2026-04-30" }).days, -1);
});

test("days_until counts from today's date, whatever the hour", () => {
  assert.deepEqual(dates.days_until({ date: "2026-12-25" }, onPiDay), {
    days: 286,
    text: "2026-12-25: in 286 days",
  });
  assert.equal(dates.days_until({ date: "2026-03-15" }, onPiDay).text, "2026-03-15: tomorrow");
  assert.equal(dates.days_until({ date: "2026-03-14" }, onPiDay).days, 0);
  assert.deepEqual(dates.days_until({ date: "2026-03-04" }, onPiDay), {
    days: -10,
    text: "2026-03-04: 10 days ago",
  });
});

test("add_days goes forwards, backwards and from today", () => {
  assert.deepEqual(dates.add_days({ date: "2026-03-14", days: 45 }), {
    date: "2026-04-28",
    weekday: "Tuesday",
  });
  assert.equal(dates.add_days({ date: "2026-12-25", days: -100 }).date, "2026-09-16");
  assert.equal(dates.add_days({ days: 1 }, onPiDay).date, "2026-03-15");
});

test("day_of_week knows past and future weekdays", () => {
  const weekday = (date: string) => dates.day_of_week({ date }).weekday;
  assert.equal(weekday("2026-03-14"), "Saturday");
  assert.equal(weekday("1969-07-20"), "Sunday");
  assert.equal(weekday("2000-02-29"), "Tuesday");
});

test("age_from_birthdate changes on the birthday", () => {
  const age = (birthdate: string) => dates.age_from_birthdate({ birthdate }, onPiDay);
  assert.deepEqual(age("1990-05-17"), { years: 35, months: 9, text: "35 years and 9 months" });
  assert.equal(age("2000-03-14").years, 26);
  assert.equal(age("2000-03-15").years, 25);
  assert.equal(age("2026-02-14").text, "0 years and 1 month");
  assert.throws(() => age("2026-03-15"), /still to come/);
});

test("dates that no calendar has are refused", () => {
  for (const date of ["2026-02-30", "2025-02-29", "2026-13-01", "tomorrow"]) {
    assert.throws(() => dates.day_of_week({ date }), /not a date of the calendar/);
  }
});
