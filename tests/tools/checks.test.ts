import assert from "node:assert/strict";
import { test } from "node:test";

import { checks } from "../../www/tools/checks.ts";

test("check_isbn checks both lengths", () => {
  assert.deepEqual(checks.check_isbn({ isbn: "978-0-306-40615-7" }), {
    valid: true,
    kind: "ISBN-13",
  });
  assert.deepEqual(checks.check_isbn({ isbn: "080442957x" }), { valid: true, kind: "ISBN-10" });
  assert.equal(checks.check_isbn({ isbn: "9780306406158" }).valid, false);
  assert.equal(checks.check_isbn({ isbn: "0-306-40615-3" }).valid, false);
  assert.throws(() => checks.check_isbn({ isbn: "12345" }), /10 or 13 digits/);
});

test("password_strength judges length and variety", () => {
  const verdict = (password: string) => checks.password_strength({ password }).verdict;
  assert.equal(verdict("Password123"), "very weak");
  assert.equal(verdict("aaaaaaaaaaaaaaaa"), "very weak");
  assert.equal(verdict("kitten42"), "weak");
  assert.equal(verdict("Blue-Horse7"), "strong");
  assert.equal(verdict("correct horse battery staple"), "very strong");
  assert.deepEqual(checks.password_strength({ password: "abcd" }), {
    verdict: "very weak",
    bits: 19,
    length: 4,
  });
  assert.throws(() => checks.password_strength({ password: "" }), /no password/);
});
