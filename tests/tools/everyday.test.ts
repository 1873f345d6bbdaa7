import assert from "node:assert/strict";
import { test } from "node:test";

import { everyday } from "../../www/tools/everyday.ts";

test("feet and inches become centimetres and come back", () => {
  assert.deepEqual(everyday.feet_inches_to_cm({ feet: 5, inches: 11 }), { cm: 180.3, metres: 1.8 });
  assert.deepEqual(everyday.cm_to_feet_inches({ cm: 180 }), { feet: 5, inches: 11, text: "5'11\"" });
  assert.equal(everyday.cm_to_feet_inches({ cm: 182.5 }).text, "6'0\"");
});

test("roman_to_number reads numerals and refuses others", () => {
  assert.equal(everyday.roman_to_number({ numeral: "MCMXCIV" }).number, 1994);
  assert.equal(everyday.roman_to_number({ numeral: " xiv " }).number, 14);
  assert.throws(() => everyday.roman_to_number({ numeral: "IIX" }), /no Roman numeral/);
  assert.throws(() => everyday.roman_to_number({ numeral: "hello" }), /no Roman numeral/);
});

test("number_in_words writes whole numbers", () => {
  const words = (number: number) => everyday.number_in_words({ number }).words;
  assert.equal(words(0), "zero");
  assert.equal(words(42), "forty-two");
  assert.equal(words(1234), "one thousand two hundred and thirty-four");
  assert.equal(words(2_000_005), "two million and five");
  assert.equal(words(-70), "minus seventy");
});

test("what_percent gives shares", () => {
  assert.equal(everyday.what_percent({ part: 20, whole: 80 }).percent, 25);
  assert.equal(everyday.what_percent({ part: 1, whole: 3 }).percent, 33.3333);
  assert.throws(() => everyday.what_percent({ part: 1, whole: 0 }), /percentage of 0/);
});

test("time_difference follows daylight saving", () => {
  const at = (date: string) => () => new Date(date);
  const between = { from: "London", to: "New York" };
  assert.deepEqual(everyday.time_difference(between, at("2026-01-15T12:00Z")), {
    hours: -5,
    text: "New York is 5 h behind London",
  });
  assert.equal(everyday.time_difference(between, at("2026-03-20T12:00Z")).hours, -4);
  assert.equal(
    everyday.time_difference({ from: "UTC", to: "India" }, at("2026-01-15T12:00Z")).text,
    "India is 5 h 30 min ahead of UTC",
  );
  assert.match(everyday.time_difference({ from: "Paris", to: "Berlin" }).text, /has the time of/);
});

test("travel_time divides distance by speed", () => {
  assert.deepEqual(everyday.travel_time({ distance: 300, speed: 90 }), { hours: 3.33, text: "3 h 20 min" });
  assert.equal(everyday.travel_time({ distance: 10, speed: 60 }).text, "10 min");
  assert.throws(() => everyday.travel_time({ distance: 10, speed: 0 }), /more than 0/);
});

test("dog_years counts the first years more", () => {
  assert.equal(everyday.dog_years({ age: 1 }).human_years, 15);
  assert.equal(everyday.dog_years({ age: 5 }).human_years, 39);
});

test("random_colour is a hex code", () => {
  assert.match(everyday.random_colour().hex, /^#[0-9a-f]{6}$/);
});
