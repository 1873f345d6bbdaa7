/** The WebAssembly module says what the native engine says, event by event: `tests/golden/transcripts.json`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launch } from "./browser.mjs";
import { read, readTranscripts, requireBuilt, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { follow, openEngine } from "./module.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

const WASM = "pkg/wasm/toolgen_bg.wasm";
const SCRIPT = "pkg/wasm/toolgen.js";
const transcripts = readTranscripts();
/** The hash of what the CPU computes, as `tests/native/kernels.rs` wrote it down. */
const arithmetic = read("tests/golden/arithmetic.txt").toString().trim();

before(() => requireBuilt(WASM, SCRIPT));

/** `found` with the numbers of `expected` where they differ by no more than rounding. */
function rounded(found, expected) {
  if (typeof found === "number") return Math.abs(found - expected) < 1e-5 ? expected : found;
  if (Array.isArray(found)) return found.map((item, index) => rounded(item, expected?.[index]));
  if (typeof found !== "object" || found === null) return found;
  return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, rounded(value, expected?.[key])]));
}

function check(found) {
  assert.equal(found.length, transcripts.length);
  for (const [index, { asked, steps }] of transcripts.entries())
    assert.deepEqual(rounded(found[index], steps), steps, JSON.stringify(asked));
}

test("in Node.js", async () => {
  const wasm = await import(pathToFileURL(join(root, SCRIPT)));
  const engine = await openEngine(wasm, read(WASM), read(TINY_CHECKPOINT));
  engine.load_pack(read(TINY_PACK));
  const found = [];
  for (const transcript of transcripts) found.push(await follow(engine, transcript));
  check(found);
  assert.equal(wasm.simd(), "strict");
  assert.equal(await wasm.arithmeticFingerprint(), arithmetic);
  // Random weights write no JSON unless the grammar holds them to it.
  const stream = engine.complete_arguments({ text: "rain in Bergen?" }, "weather", 12);
  let free = "";
  for (let event; (event = await stream.next()); ) if (event.type === "token") free += event.text;
  stream.free();
  assert.ok(free.length > 0);
  assert.throws(() => JSON.parse(free), free);
  assert.throws(() => engine.complete_arguments({ text: "rain?" }, "wether", 12), {
    code: "bad_option",
    message: /wether/,
  });
});

for (const [simd, module] of [
  ["strict", "toolgen_bg.wasm"],
  ["relaxed", "toolgen_relaxed_bg.wasm"],
])
  test(`in Chromium, ${simd}`, async () => {
    const site = await startSite({ folders: { "/wasm/": "pkg/wasm", "/tests/": "tests/browser" } });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(`${site.url}blank.html`);
      const told = await page.evaluate(
        async ({ transcripts, files }) => {
          const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
          const { follow, openEngine } = await import("/tests/module.mjs");
          const wasm = await import("/wasm/toolgen.js");
          const engine = await openEngine(wasm, files.module, await bytes(files.checkpoint));
          engine.load_pack(await bytes(files.pack));
          const found = [];
          for (const transcript of transcripts) found.push(await follow(engine, transcript));
          return { found, simd: wasm.simd(), arithmetic: await wasm.arithmeticFingerprint() };
        },
        { transcripts, files: { module: `/wasm/${module}`, checkpoint: `/${TINY_CHECKPOINT}`, pack: `/${TINY_PACK}` } },
      );
      check(told.found);
      assert.deepEqual([told.simd, told.arithmetic], [simd, arithmetic]);
    } finally {
      await browser.close();
      await site.close();
    }
  });
