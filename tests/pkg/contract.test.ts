/** What the crate and the package say of the same things. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found!);

test("the package knows the codes that the module throws, and no others", () => {
  const thrown = [...all(read("src/error.rs"), /=> "(\w+)",/g), ...all(read("src/web/error.rs"), /make\("(\w+)"/g)];
  const [declared] = all(read("pkg/core/errors.ts"), /type WasmErrorCode =([^;]+);/g);
  assert.ok(thrown.includes("gguf") && thrown.includes("busy"));
  assert.deepEqual(all(declared!, /\| "(\w+)"/g).sort(), [...new Set(thrown)].sort());
});
