/** The map of the tools' rows: reading a pack, projecting it, finding one's way on it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { mapOf } from "../../www/map/build.mjs";
import { cosine, nearest, readPack } from "../../www/map/pack.mjs";
import { nextPoint, uncovered, weightedMean } from "../../www/map/points.ts";
import { project } from "../../www/map/project.mjs";
import { writePack } from "./pack.mjs";

const unit = (at: number, value = 1) => Array.from({ length: 32 }, (_, i) => (i === at ? value : 0));

test("a pack's rows are read with their scales, and have length 1", () => {
  const half = 0x3800;
  const { tools, rows } = readPack(
    writePack([
      { name: "one", values: [...unit(0, 3), ...unit(0, 8)], scales: [0x3c00, half] },
      { name: "two", values: [...unit(1, -5), ...unit(0, 0)] },
    ]),
  );
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["one", "two"],
  );
  // 3 · 1 and 8 · ½ make a row of length 5.
  assert.ok(Math.abs(rows[0]![0]! - 0.6) < 1e-6 && Math.abs(rows[0]![32]! - 0.8) < 1e-6);
  assert.equal(rows[1]![1], -1);
  assert.equal(cosine(rows[0]!, rows[1]!), 0);
});

test("the nearest rows come nearest first, without the row itself", () => {
  const rows = [
    [1, 0],
    [0.6, 0.8],
    [0.8, 0.6],
    [-1, 0],
  ].map((row) => Float32Array.from(row));
  assert.deepEqual(nearest(rows, rows[0]!, 2, 0), [2, 1]);
  assert.deepEqual(nearest(rows, rows[0]!, 1), [0]);
});

/** Two kinds of rows, some forty of each. */
function kinds() {
  return Array.from({ length: 80 }, (_, i) => {
    const values = [...unit(i % 2, 100), ...unit(0, 0)].map(
      (value, at) => value + Math.round(9 * Math.sin(i * at + i)),
    );
    return { name: `tool_${i}`, values };
  });
}

test("what is near among the rows is near on the map, and the same rows give the same map", () => {
  const { tools } = mapOf(readPack(writePack(kinds())));
  const isOdd = (index: number) => index % 2 === 1;
  let [same, all] = [0, 0];
  for (const [i, { x, y }] of tools.entries()) {
    const others = [...tools.keys()].filter((index) => index !== i);
    const distance = (index: number) => Math.hypot(tools[index]!.x - x, tools[index]!.y - y);
    for (const near of others.sort((a, b) => distance(a) - distance(b)).slice(0, 5)) {
      all++;
      if (isOdd(near) === isOdd(i)) same++;
    }
    assert.ok(Math.abs(x) <= 1 && Math.abs(y) <= 1);
    assert.ok(tools[i]!.near.every((index: number) => isOdd(index) === isOdd(i)));
  }
  assert.ok(same / all > 0.95, `${same} of ${all} neighbours are of a kind`);
  const { rows } = readPack(writePack(kinds()));
  assert.deepEqual(project(rows), project(rows));
});

test("arrow keys lead to the next point in their direction", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 1, y: 0.1 },
    { x: 0.4, y: 0.9 },
    { x: 0, y: -0.5 },
  ];
  assert.equal(nextPoint(points, 0, "ArrowRight"), 1);
  assert.equal(nextPoint(points, 0, "ArrowDown"), 2);
  assert.equal(nextPoint(points, 0, "ArrowUp"), 3);
  assert.equal(nextPoint(points, 0, "ArrowLeft"), undefined);
});

test("names cover no other name", () => {
  const at = (x: number, y: number) => ({ name: "ten_letter", x, y, near: [] });
  const tools = [at(0, 0), at(0.05, 0), at(0.05, 0.2), at(0.5, 0)];
  const same = (name: string) => name;
  assert.deepEqual([...uncovered(tools, same, 0.02)], [0, 2, 3]);
  assert.deepEqual([...uncovered(tools, same, 0.001)], [0, 1, 2, 3]);
  const atTheEdge = [{ name: "wikipedia_summary", x: -1, y: 0, near: [] }];
  assert.deepEqual([...uncovered(atTheEdge, same, 0.02)], [], "it would be cut off");
  assert.deepEqual([...uncovered(atTheEdge, same, 0.005)], [0]);
});

test("a place between points leans to the heavier ones", () => {
  const [left, right] = [
    { x: 0, y: 0, weight: 1 },
    { x: 1, y: 2, weight: 3 },
  ];
  assert.deepEqual(weightedMean([left!, right!]), { x: 0.75, y: 1.5 });
});
