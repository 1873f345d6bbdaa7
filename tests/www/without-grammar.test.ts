/** Arguments without the grammar: how JSON is read with its places, and what is said of what was written. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { readJson } from "../../www/inside/json.ts";
import { judge } from "../../www/inside/judge-arguments.ts";
import { inWords } from "../../www/inside/without-grammar.ts";

test("JSON is read with the places of its values, up to where it ends", () => {
  const text = ' {"to": [{"mail": "a\\u0062"}], "n": -1.5e2, "ok": true, "no": null} and on';
  const read = readJson(text);
  assert.ok("value" in read);
  assert.deepEqual(read.value, { to: [{ mail: "ab" }], n: -150, ok: true, no: null });
  assert.equal(text.slice(read.end), " and on");
  const at = (path: string) => text.slice(...read.places.get(path)!);
  assert.deepEqual([at("to.0.mail"), at("n"), at("to")], ['"a\\u0062"', "-1.5e2", '[{"mail": "a\\u0062"}]']);
});

test("what is no JSON is so from one place on", () => {
  const brokenAt = (text: string) => {
    const read = readJson(text);
    return "brokenAt" in read ? read.brokenAt : undefined;
  };
  const broken: [text: string, at: number][] = [
    ['{"city": Oslo}', 9],
    ['{"city" "Oslo"}', 8],
    ['{"a": 1,}', 8],
    ["{'a': 1}", 1],
    ['{"a": 01}', 7],
    ['{"a": "line\n"}', 11],
    ['{"a": "\\x"}', 7],
    ["", 0],
    ['{"a": "unended', 14],
    ['{"a": [1, 2', 11],
    ["[".repeat(100), 65],
  ];
  for (const [text, at] of broken) assert.equal(brokenAt(text), at, text);
  // It takes and refuses what JSON.parse does.
  for (const text of ["0", "-0.5", '""', "[]", "{}", '[[],{"":{}}]', " true ", "1e5", '"\\ud83d"'])
    assert.deepEqual([brokenAt(text), JSON.stringify(JSON.parse(text))], [undefined, valueOf(text)], text);
  for (const [text] of broken.slice(0, -1)) assert.throws(() => JSON.parse(text), text);
});

function valueOf(text: string): string | undefined {
  const read = readJson(text);
  return "value" in read ? JSON.stringify(read.value) : undefined;
}

const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", maximum: 7 }, units: { enum: ["C", "F"] } },
  required: ["city"],
  additionalProperties: false,
};
const held = '{"city": "Oslo", "days": null}';
const judged = (free: string, ended = true) => judge(free, { held, schema, ended });
const marked = (free: string, ended = true) => {
  const { at } = judged(free, ended);
  return at && free.slice(...at);
};

test("arguments without the grammar are the same, others, against the schema, no JSON, or without an end", () => {
  for (const same of [held, '{"days": null,"city":"Oslo"}', '{"city": "Oslo"}\n'])
    assert.equal(judged(same).kind, "same");
  assert.equal(judged('{"city": "Bergen"}').kind, "other");
  const tooLong = judged('{"city": "Oslo", "days": 30}');
  assert.deepEqual([tooLong.kind, tooLong.problem], ["schema", "days must be at most 7"]);
  assert.equal(marked('{"city": "Oslo", "days": 30}'), "30");
  assert.equal(marked('{"city": "Oslo", "when": "now"}'), '"now"');
  assert.deepEqual(judged('{"city": null}'), { kind: "schema", problem: "city is missing", at: [9, 13] });
  assert.equal(judged('["Oslo"]').kind, "schema");
  assert.equal(marked('{"city": Oslo}'), "Oslo}");
  assert.equal(marked('{"city": "Oslo"} Question: and'), " Question: and");
  assert.deepEqual(judged('{"city": "Os'), { kind: "broken", at: [12, 12] });
  assert.deepEqual(judged('{"city": "Os', false), { kind: "endless", at: [12, 12] });
  assert.equal(judged('{"city": "Oslo"} and on', false).kind, "endless");
  assert.equal(judged('{"city": Oslo, and on', false).kind, "broken");
  assert.match(inWords(judged('{"city": "Os'), 12), /ends before/);
  assert.match(inWords(judged("{city"), 5), /marked place/);
});
