/** What the text of an element's form stands for. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { valueOf } from "../../pkg/elements/values.ts";
import { argumentsOf, shortened } from "../../pkg/elements/words.ts";

test("a form's text is a value of its schema's type", () => {
  assert.equal(valueOf({ type: "integer" }, " 12 "), 12);
  assert.equal(valueOf({ type: ["null", "boolean"] }, "false"), false);
  assert.deepEqual(valueOf({ type: "array", items: { type: "number" } }, "1, 2; 3"), [1, 2, 3]);
  assert.equal(valueOf({ type: "string" }, " "), undefined);
});

test("a whole number is exact, or refused", () => {
  assert.equal(valueOf({ type: "integer" }, "-9007199254740991"), -9007199254740991);
  for (const type of ["integer", "number"])
    for (const text of ["9007199254740993", "9007199254740993.0", "-0009007199254740993", "+9007199254740993"])
      assert.throws(() => valueOf({ type }, text), /9007199254740993(\.0)? is too large to be exact/, text);
  assert.equal(valueOf({ type: "number" }, "6.02e23"), 6.02e23);
  const schema = { type: "object" };
  assert.throws(() => valueOf(schema, '{"id": 9007199254740993}'), /9007199254740993 is too large to be exact/);
  assert.deepEqual(valueOf(schema, '{"id": "9007199254740993", "b": [-1.5e3]}'), {
    id: "9007199254740993",
    b: [-1500],
  });
});

test("what is no number, no date or no JSON is said in words", () => {
  const numbers = { type: "array", items: { type: "number" } };
  for (const text of ["1, two", "1e999", "Infinity", "0x", "1 000"])
    assert.throws(() => valueOf(numbers, text), /is no number/, text);
  assert.throws(() => valueOf({ type: "object" }, "city: Oslo"), /^SyntaxError: This is no JSON: /);
  const moments = { type: "array", items: { type: "string", format: "date-time" } };
  assert.throws(() => valueOf(moments, "tomorrow"), /tomorrow is no date with a time/);
  assert.deepEqual(
    valueOf(moments, "2026-05-14T09:30Z; 2026-05-14T09:30", () => "+02:00"),
    ["2026-05-14T09:30Z", "2026-05-14T09:30:00+02:00"],
  );
  const times = { type: "array", items: { type: "string", format: "time" } };
  assert.throws(() => valueOf(times, "noon"), /noon is no time, such as 09:30/);
  const today = (date: Date) => (date.toDateString() === new Date().toDateString() ? "+02:00" : "another day");
  assert.deepEqual(valueOf(times, "09:30, 09:30:15, 10:00Z", today), ["09:30:00+02:00", "09:30:15+02:00", "10:00Z"]);
});

test("lists of choices are written as they are, lists of objects as JSON", () => {
  const colours = { type: "array", items: { enum: ["red", "dark blue", 1, null] } };
  assert.deepEqual(valueOf(colours, "dark blue, red, 1, null"), ["dark blue", "red", 1, null]);
  assert.throws(() => valueOf(colours, "red, green"), /green is none of red, dark blue/);
  assert.deepEqual(valueOf({ type: "array", items: { type: "boolean" } }, "true, false"), [true, false]);
  const points = { type: "array", items: { type: "object" } };
  assert.deepEqual(valueOf(points, '[{"x": 1, "y": 2}, {}]'), [{ x: 1, y: 2 }, {}]);
  assert.equal(valueOf({ enum: [1, "1"] }, '"1"'), "1");
});

test("what is to be approved shows its hidden characters, and joiners as they are", () => {
  const family = "\u{1f468}\u200d\u{1f469}";
  const call = { name: "pay", arguments: { to: "ann\u202e\u200b", note: `${family}\nsee`, all: ["\u2066"] } };
  assert.deepEqual(argumentsOf(call), [
    ["To", "ann\\u{202e}\\u{200b}"],
    ["Note", `${family}\nsee`],
    ["All", '["\\u{2066}"]'],
  ]);
  assert.equal(shortened("x".repeat(4001)), `${"x".repeat(4000)}… (1 more characters)`);
});
