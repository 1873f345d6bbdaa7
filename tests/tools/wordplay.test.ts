import assert from "node:assert/strict";
import { test } from "node:test";

import { wordplay } from "../../www/tools/wordplay.ts";

test("count_letter counts in both cases", () => {
  assert.deepEqual(wordplay.count_letter({ text: "strawberry", letter: "r" }), {
    count: 3,
    text: '"r" occurs 3 times in "strawberry"',
  });
  assert.equal(wordplay.count_letter({ text: "Anna and Alan", letter: "A" }).count, 5);
  assert.throws(() => wordplay.count_letter({ text: "abc", letter: "ab" }), /not a single letter/);
});

test("remove_duplicates keeps the first of each", () => {
  assert.deepEqual(wordplay.remove_duplicates({ items: ["Tea", "milk", "tea ", "milk", "jam"] }), {
    items: ["Tea", "milk", "jam"],
    removed: 2,
  });
});

test("make_acronym takes first letters", () => {
  assert.equal(wordplay.make_acronym({ text: "as soon as possible" }).acronym, "ASAP");
  assert.equal(wordplay.make_acronym({ text: "École d'été, Part-Time" }).acronym, "EDPT");
  assert.throws(() => wordplay.make_acronym({ text: "?!" }), /no words/);
});

test("pig_latin moves consonants", () => {
  const pig = (text: string) => wordplay.pig_latin({ text }).pig_latin;
  assert.equal(pig("Hello world, I am quick!"), "Ellohay orldway, Iway amway ickquay!");
  assert.equal(pig("school yellow my rhythm"), "oolschay ellowyay ymay ythmrhay");
  assert.throws(() => pig("123"), /no words/);
});

test("binary_text goes both ways", () => {
  const binary = (text: string) => wordplay.binary_text({ text }).text;
  assert.equal(binary("Hi"), "01001000 01101001");
  assert.equal(binary("01001000 01101001"), "Hi");
  assert.equal(binary(binary("é☕")), "é☕");
  assert.throws(() => binary("0100100 01101001"), /groups of eight/);
});
