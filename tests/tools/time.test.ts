import assert from "node:assert/strict";
import { test } from "node:test";

import { time } from "../../www/tools/time.ts";
import { timeZoneOf } from "../../www/tools/zones.ts";

const at = (instant: string) => () => new Date(instant);

test("timeZoneOf understands cities, countries, zones and abbreviations", () => {
  const zones = {
    "Tokyo": "Asia/Tokyo",
    "new york": "America/New_York",
    "São Paulo": "America/Sao_Paulo",
    "Sao Paulo": "America/Sao_Paulo",
    "Mumbai": "Asia/Kolkata",
    "St. Louis": "America/Chicago",
    "Paris, France": "Europe/Paris",
    "Washington, DC": "America/New_York",
    "Japan": "Asia/Tokyo",
    "europe/madrid": "Europe/Madrid",
    "PST": "America/Los_Angeles",
    "Utc": "UTC",
  };
  for (const [place, zone] of Object.entries(zones)) assert.equal(timeZoneOf(place), zone);
  assert.throws(() => timeZoneOf("Atlantis"), /No time zone is known for "Atlantis"/);
  assert.throws(() => timeZoneOf(""), /No time zone/);
});

test("current_time tells time and date in a place", () => {
  assert.deepEqual(time.current_time({ place: "Auckland" }, at("2026-03-14T20:05:59Z")), {
    time: "09:05",
    date: "2026-03-15",
    weekday: "Sunday",
    time_zone: "Pacific/Auckland",
  });
  assert.equal(time.current_time({ place: "UTC" }, at("2026-03-14T00:00Z")).time, "00:00");
});

test("current_time without a place tells the time here", () => {
  const here = new Date(2026, 2, 14, 16, 45);
  const { time: clock, date } = time.current_time({}, () => here);
  assert.deepEqual([clock, date], ["16:45", "2026-03-14"]);
});

test("current_time starts from the real clock", () => {
  const { date } = time.current_time({ place: "UTC" });
  assert.ok(Math.abs(Date.parse(date) - Date.now()) < 2 * 24 * 60 * 60 * 1000);
});

test("convert_time crosses midnight in both directions", () => {
  const now = at("2026-01-20T12:00Z");
  assert.deepEqual(time.convert_time({ time: "15:30", from: "London", to: "Tokyo" }, now), {
    time: "00:30",
    day: "the next day",
    text: "15:30 in London is 00:30 in Tokyo, the next day",
  });
  assert.deepEqual(time.convert_time({ time: "08:15", from: "Sydney", to: "New York" }, now), {
    time: "16:15",
    day: "the day before",
    text: "08:15 in Sydney is 16:15 in New York, the day before",
  });
});

test("convert_time takes daylight saving of the day into account", () => {
  const toParis = (instant: string) =>
    time.convert_time({ time: "09:00", from: "New York", to: "Paris" }, at(instant)).time;
  assert.equal(toParis("2026-01-20T12:00Z"), "15:00");
  assert.equal(toParis("2026-03-14T12:00Z"), "14:00"); // New York has changed, Paris not yet
  assert.equal(toParis("2026-03-29T12:00Z"), "15:00");
});

test("convert_time knows offsets of half hours and the far ends of the day", () => {
  const now = at("2026-07-01T12:00Z");
  const convert = (clock: string, from: string, to: string) => time.convert_time({ time: clock, from, to }, now);
  assert.equal(convert("12:00", "UTC", "Kathmandu").time, "17:45");
  assert.deepEqual(convert("00:10", "Kiritimati", "Pago Pago").day, "two days before");
  assert.deepEqual(convert("23:30", "Pago Pago", "Kiritimati").day, "two days later");
});

test("convert_time says what is wrong", () => {
  const convert = (clock: string, from: string) => time.convert_time({ time: clock, from, to: "Rome" });
  assert.throws(() => convert("27:00", "Berlin"), /"27:00" is not a time of day/);
  assert.throws(() => convert("12:00", "Nowhere"), /No time zone is known for "Nowhere"/);
});
