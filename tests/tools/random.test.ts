import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { random } from "../../www/tools/random.ts";

/** Runs `action` while the browser's random source yields `values` one after another. */
function withDraws<Result>(values: number[], action: () => Result): Result {
  const source = values.values();
  const fixed = mock.method(crypto, "getRandomValues", (array: Uint32Array) => {
    const { value, done } = source.next();
    assert.ok(!done, "more draws than expected");
    array[0] = value;
    return array;
  });
  try {
    return action();
  } finally {
    fixed.mock.restore();
  }
}

test("random_number stays within its bounds and reaches both", () => {
  const seen = new Set(Array.from({ length: 200 }, () => random.random_number({ from: -1, to: 1 }).number));
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [-1, 0, 1],
  );
  const { number } = random.random_number({});
  assert.ok(number >= 1 && number <= 100);
});

test("random_number refuses an empty range", () => {
  assert.throws(() => random.random_number({ from: 9, to: 3 }), /no number from 9 to 3/);
});

test("draws that would favour small numbers are thrown away", () => {
  const { number } = withDraws([2 ** 32 - 1, 4], () => random.random_number({ from: 1, to: 3 }));
  assert.equal(number, 2);
});

test("roll_dice adds up its rolls", () => {
  assert.deepEqual(
    withDraws([0, 19], () => random.roll_dice({ count: 2, sides: 20 })),
    {
      rolls: [1, 20],
      total: 21,
    },
  );
  assert.equal(random.roll_dice({}).rolls.length, 1);
});

test("flip_coin gives heads or tails", () => {
  assert.deepEqual(
    withDraws([6, 7], () => random.flip_coin({ count: 2 })),
    {
      flips: ["heads", "tails"],
    },
  );
  assert.equal(random.flip_coin({}).flips.length, 1);
});

test("pick_random picks different items of the list", () => {
  assert.deepEqual(
    withDraws([2, 0, 0], () => random.pick_random({ items: ["a", "b", "c"] })),
    {
      picked: ["c"],
    },
  );
  const { picked } = random.pick_random({ items: ["a", "b", "c"], count: 3 });
  assert.deepEqual(picked.sort(), ["a", "b", "c"]);
  assert.throws(() => random.pick_random({ items: ["a", "b"], count: 3 }), /pick 3 of 2/);
});

test("shuffle_list keeps every item", () => {
  const items = ["a", "b", "c", "d"];
  assert.deepEqual(
    withDraws([3, 0, 1, 0], () => random.shuffle_list({ items })),
    {
      items: ["d", "a", "c", "b"],
    },
  );
  assert.deepEqual(items, ["a", "b", "c", "d"]);
});

test("generate_password has every kind of character", () => {
  assert.match(random.generate_password({}).password, /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^a-zA-Z\d]).{16}$/);
  assert.match(
    random.generate_password({ length: 8, symbols: false }).password,
    /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d]{8}$/,
  );
});

test("generate_uuid gives version 4 identifiers, all different", () => {
  const { uuids } = random.generate_uuid({ count: 3 });
  assert.equal(new Set(uuids).size, 3);
  const version4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  for (const uuid of uuids) assert.match(uuid, version4);
  assert.equal(random.generate_uuid({}).uuids.length, 1);
});
