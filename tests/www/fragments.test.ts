/** A link may come from anyone: whatever stands behind its #, the page reads sound parts of it or nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { fromFragment, toFragment, type Shared } from "../../www/share/shared.ts";
import { hostOf, titleOf } from "../../www/words/format.ts";

const ROUNDS = 5000;

let seed = 20_261_129;
/** A number from 0 up to, but not including, `n`: the same ones in each run. */
function random(n: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const tool = {
  name: "tides",
  description: "The tides at a place.",
  parameters: { type: "object", properties: { place: { type: "string" } } },
  http: { method: "GET", url: "https://tides.example/{place}" },
  annotations: { title: "Tides" },
};
const whole: Shared = {
  question: "Tides in Oban",
  place: "room",
  own: [{ description: "Lets the cat in", shape: "cat" }],
  tools: [tool],
};
const VALUES = [
  null,
  true,
  0,
  -1,
  1e400,
  "",
  "<img src=x onerror=alert(1)>",
  "\u202e",
  "__proto__",
  [],
  [[]],
  {},
  tool,
  [tool],
];

const encoded = (value: unknown) => `#run=${Buffer.from(JSON.stringify(value)).toString("base64url")}`;

/** The same with some part in the place of another. */
function mutated(value: unknown, depth = 0): unknown {
  if (depth > 4 || random(6) === 0) return pick(VALUES);
  if (Array.isArray(value)) return [...value, ...value].map((item) => mutated(item, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      random(8) === 0 ? pick(["__proto__", "toString", "x"]) : key,
      mutated(item, depth + 1),
    ]),
  );
}

/** What the page shows of it before it asks the person. */
function check(shared: Shared | undefined): void {
  if (!shared) return;
  const { question, place, own = [], tools = [] } = shared;
  assert.equal(typeof question, "string");
  assert.match(place, /^(room|catalogue)$/);
  for (const { description, shape } of own) assert.deepEqual([typeof description, typeof shape], ["string", "string"]);
  for (const tool of tools) {
    assert.equal(typeof titleOf(tool), "string", JSON.stringify(tool));
    assert.match(typeof hostOf(tool), /^(string|undefined)$/);
    assert.ok(tool.parameters, "a schema");
  }
}

test("mutated runs are read in part or not at all", () => {
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const shared = fromFragment(encoded(mutated(whole)));
    check(shared);
    if (shared?.tools?.length) read += 1;
  }
  assert.ok(read > ROUNDS / 100, `${read}`);
});

test("bytes that are no run are none", () => {
  const [, text] = toFragment(whole)!.split("=") as [string, string];
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(text, "base64url");
    for (let i = random(8); i >= 0; i--) bytes[random(bytes.length)] = random(256);
    check(fromFragment(`#run=${bytes.toString("base64url").slice(0, 1 + random(2 * text.length))}`));
    const any = Array.from({ length: random(200) }, () => String.fromCharCode(random(0x1_0000))).join("");
    check(fromFragment(`#run=${any}`));
    check(fromFragment(any));
  }
});
