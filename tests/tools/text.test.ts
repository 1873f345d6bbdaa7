import assert from "node:assert/strict";
import { test } from "node:test";

import { text } from "../../www/tools/text.ts";

test("count_words counts words and the characters a reader sees", () => {
  assert.deepEqual(text.count_words({ text: "  the quick  brown fox " }), {
    words: 4,
    characters: 23,
    characters_without_spaces: 16,
  });
  assert.equal(text.count_words({ text: "👩‍🚀é" }).characters, 2);
  assert.equal(text.count_words({ text: "   " }).words, 0);
});

test("reverse_text reverses letters, or words when asked", () => {
  assert.deepEqual(text.reverse_text({ text: "stressed" }), { reversed: "desserts" });
  assert.deepEqual(text.reverse_text({ text: "a👩‍🚀b" }), { reversed: "b👩‍🚀a" });
  assert.deepEqual(text.reverse_text({ text: "one two three", unit: "words" }), {
    reversed: "three two one",
  });
});

test("change_case writes text in every case", () => {
  const inCase = (letterCase: Parameters<typeof text.change_case>[0]["case"], words: string) =>
    text.change_case({ text: words, case: letterCase }).text;
  assert.equal(inCase("upper", "Straße 5"), "STRASSE 5");
  assert.equal(inCase("lower", "STOP Shouting"), "stop shouting");
  assert.equal(inCase("title", "the dog's 'big' day"), "The Dog's 'Big' Day");
  assert.equal(inCase("sentence", "HELLO THERE. HOW ARE YOU?"), "Hello there. How are you?");
  assert.equal(inCase("camel", "user first name"), "userFirstName");
  assert.equal(inCase("snake", "maxRetryCount"), "max_retry_count");
  assert.equal(inCase("kebab", "Don't Panic Now"), "dont-panic-now");
});

test("make_slug keeps letters and digits, joined by hyphens", () => {
  assert.deepEqual(text.make_slug({ text: "Crème Brûlée: 10 Tips!" }), {
    slug: "creme-brulee-10-tips",
  });
  assert.deepEqual(text.make_slug({ text: "Привет, мир" }), { slug: "привет-мир" });
  assert.throws(() => text.make_slug({ text: "?!" }), /nothing in "\?!"/);
});

test("is_palindrome ignores spaces, punctuation, accents and case", () => {
  assert.deepEqual(text.is_palindrome({ text: "A man, a plan, a canal: Panama" }), {
    palindrome: true,
  });
  assert.deepEqual(text.is_palindrome({ text: "Ésope reste ici et se repose" }), {
    palindrome: true,
  });
  assert.deepEqual(text.is_palindrome({ text: "기러기" }), { palindrome: true });
  assert.deepEqual(text.is_palindrome({ text: "almost" }), { palindrome: false });
  assert.throws(() => text.is_palindrome({ text: "..." }), /no letters/);
});

test("are_anagrams compares the letters of two different texts", () => {
  const anagrams = (first: string, second: string) => text.are_anagrams({ first, second }).anagrams;
  assert.equal(anagrams("Dormitory", "dirty room"), true);
  assert.equal(anagrams("listen", "tinsel"), true);
  assert.equal(anagrams("apple", "pale"), false);
  assert.equal(anagrams("Same", "same"), false);
  assert.throws(() => anagrams("word", "--"), /no letters/);
});

test("replace_text replaces every occurrence, literally", () => {
  assert.deepEqual(text.replace_text({ text: "a.b.c", find: ".", replacement: "$&" }), {
    text: "a$&b$&c",
    replacements: 2,
  });
  assert.deepEqual(text.replace_text({ text: "tea", find: "x", replacement: "y" }), {
    text: "tea",
    replacements: 0,
  });
});

test("sort_items sorts words alphabetically and numbers by value", () => {
  assert.deepEqual(text.sort_items({ items: ["pear", "Apple", "fig"] }), {
    items: ["Apple", "fig", "pear"],
  });
  assert.deepEqual(text.sort_items({ items: ["10", "-3", "9.5"] }), {
    items: ["-3", "9.5", "10"],
  });
  assert.deepEqual(text.sort_items({ items: ["file2", "file10"], order: "descending" }), {
    items: ["file10", "file2"],
  });
});
