import assert from "node:assert/strict";
import { test } from "node:test";

import type { Progress } from "../../pkg/core/types.ts";
import { Handover } from "../../pkg/download/handover.ts";
import { Meter } from "../../pkg/download/meter.ts";

test("the rate is that of the last five seconds, and tells what remains", () => {
  let now = 10_000;
  const seen: Progress[] = [];
  const meter = new Meter("checkpoint", (progress) => seen.push(progress), { total: 20_000, now: () => now });
  const add = (ms: number, bytes: number) => {
    now += ms;
    meter.add(bytes, false);
    const { loaded, bytesPerSecond, remainingMs } = seen.at(-1)!;
    return [loaded, bytesPerSecond, remainingMs];
  };
  assert.deepEqual(add(1000, 4000), [4000, 4000, 4000]);
  assert.deepEqual(add(1000, 2000), [6000, 3000, 4667]);
  assert.deepEqual(add(50, 50), [6050, 2951, 4727]); // joins the sample before
  for (let second = 0; second < 6; second++) add(1000, 1000);
  assert.deepEqual(add(1000, 1000), [13_050, 1000, 6950]); // the fast start is forgotten
  meter.correct(-3050);
  assert.deepEqual([seen.at(-1)!.loaded, seen.at(-1)!.bytesPerSecond], [10_000, 1000]);
});

test("without a total, and before a byte came, nothing is foretold", () => {
  const seen: Progress[] = [];
  new Meter("pack", (progress) => seen.push(progress), { now: () => 5 }).add(10, true);
  new Meter("checkpoint", (progress) => seen.push(progress), { total: 10, now: () => 5 }).correct(4);
  assert.deepEqual(
    seen.map(({ loaded, total, remainingMs, cached }) => [loaded, total, remainingMs, cached]),
    [
      [10, undefined, undefined, true],
      [4, 10, undefined, false],
    ],
  );
});

test("a handover holds no more than told, and never stops the shard whose turn it is", async () => {
  const handover = new Handover(3, 20);
  const put: number[] = [];
  const fill = async (shard: number) => {
    for (let i = 0; i < 4; i++) {
      await handover.put(shard, new Uint8Array(10).fill(shard * 10 + i));
      put.push(shard);
    }
  };
  const later = Promise.all([fill(1), fill(2)]);
  await new Promise(setImmediate);
  assert.deepEqual(put, [1, 2]);
  const first = fill(0);
  await new Promise(setImmediate);
  assert.deepEqual(put, [1, 2, 0]); // one more, though all room is taken
  const taken: number[] = [];
  for (let shard = 0; shard < 3; shard++) for (let i = 0; i < 4; i++) taken.push((await handover.take(shard))![0]!);
  assert.deepEqual(taken, [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]);
  await Promise.all([first, later]);

  const waiting = handover.take(2);
  handover.fail(new Error("first"));
  handover.fail(new Error("second"));
  await assert.rejects(waiting, { message: "first" });
  await assert.rejects(handover.put(2, undefined), { message: "first" });
});
