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
const marked = (free: string, ended = true) => judged(free, ended).marks.map((span) => free.slice(...span));
const words = (free: string, ended = true) => inWords(free, judged(free, ended));

test("the same arguments are the same in any order, whatever wasn't said; what follows them is told", () => {
  for (const same of [held, '{"days": null,"city":"Oslo"}', '{"city": "Oslo"}\n'])
    assert.match(words(same), /^The same call/, same);
  const goesOn = '{"city": "Oslo"} Question: and';
  assert.deepEqual(marked(goesOn), [" Question: and"]);
  assert.match(words(goesOn), /are the same, but after them it writes on/);
  assert.match(words('{"city": "Bergen"}'), /another call: .* question says\.$/);
});

test("what breaks the schema is named, and marked where it stands", () => {
  assert.match(words('{"city": "Oslo", "days": 30}'), /breaks the tool's schema: days must be at most 7\.$/);
  assert.deepEqual(marked('{"city": "Oslo", "days": 30}'), ["30"]);
  assert.deepEqual(marked('{"city": "Oslo", "when": "now"} and so on'), ['"now"', " and so on"]);
  assert.match(words('{"town": "Oslo"}{'), /city is missing\. After the arguments it writes on\./);
  assert.deepEqual(marked('{"city": null}'), ["null"]);
});

test("what is no object is wrong from its beginning, and broken JSON from where it breaks", () => {
  for (const none of ['"Norway", "Oslo"', '["Oslo"]', "Oslo"]) {
    assert.match(words(none), /from its first character on/);
    assert.deepEqual(marked(` ${none}`), [none]);
  }
  assert.equal(words(" "), "It writes nothing.");
  assert.deepEqual(marked('{"city": Oslo}'), ["Oslo}"]);
  assert.match(words('{"city": Oslo}'), /marked place/);
  assert.match(words('{"city": "Os'), /ends before its JSON/);
  assert.match(words('{"city": "Os', false), /no end after \d+ tokens/);
  assert.match(words('{"city": Oslo, and on', false), /marked place/);
});
