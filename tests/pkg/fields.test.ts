/** What the text of an element's form stands for. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { valueOf } from "../../pkg/elements/fields.ts";

test("a form's text is a value of its schema's type", () => {
  assert.equal(valueOf({ type: "integer" }, " 12 "), 12);
  assert.equal(valueOf({ type: ["null", "boolean"] }, "false"), false);
  assert.deepEqual(valueOf({ type: "array", items: { type: "number" } }, "1, 2; 3"), [1, 2, 3]);
  assert.equal(valueOf({ type: "string" }, " "), undefined);
});

test("a whole number is exact, or refused", () => {
  assert.equal(valueOf({ type: "integer" }, "-9007199254740991"), -9007199254740991);
  for (const type of ["integer", "number"])
    assert.throws(() => valueOf({ type }, "9007199254740993"), /9007199254740993 is too large to be exact/);
});
