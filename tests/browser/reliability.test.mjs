/** What fails recovers or says so, and the next question works; many questions and many models leave nothing behind. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { FAULTS, suffer } from "../reliability/faults.mjs";
import { report } from "../reliability/report.mjs";
import { soakCycles, soakQuestions } from "../reliability/soak.mjs";
import { root } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
import { requireBuilt } from "./files.mjs";

/** What the heap of a page may grow by, in bytes: compiled code and caches of the browser's own. */
const SLACK = 500_000;
/** By which a module's memory grows. */
const PAGE = 65_536;
let browser;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/shared-worker.js", "pkg/dist/toolgen_relaxed_bg.wasm");
  browser = await launch({ backForwardCache: true });
});
after(() => browser?.close());

for (const faults of Object.values(FAULTS))
  for (const fault of faults)
    test(fault.name, async () => {
      const { code, message, next } = await suffer(browser, fault);
      assert.equal(code, fault.expected, message);
      assert.equal(next.code, "well", next.message);
    });

test("questions, lessons and aborts leave nothing behind", async () => {
  const { before, after } = await soakQuestions(browser, 200);
  assert.ok(after.module - before.module <= PAGE, `${after.module} bytes, ${before.module} before`);
  assert.equal(after.objects, before.objects);
  assert.deepEqual([after.listeners, after.locks, after.workers], [before.listeners, before.locks, 1]);
  for (const heap of ["heap", "heapOfWorker"]) assert.ok(after[heap] - before[heap] < SLACK, `${heap} ${after[heap]}`);
});

test("models that come and go leave nothing behind", async () => {
  const { before, after } = await soakCycles(browser, "cpu", 10);
  assert.deepEqual([after.listeners, after.locks, after.workers], [0, 0, 0]);
  assert.ok(after.heap - before.heap < SLACK, `${after.heap}`);
});

test("the page of the documentation is that of the reports", () => {
  const read = (path) => readFileSync(join(root, "docs", path), "utf8");
  const [faults, soak] = ["faults", "soak"].map((name) => JSON.parse(read(`reliability/${name}.json`)));
  assert.equal(read("reliability.md"), report({ faults, soak }), "node tests/reliability/run.mjs writes it");
});
