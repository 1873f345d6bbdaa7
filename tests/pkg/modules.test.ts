import assert from "node:assert/strict";
import { test } from "node:test";

import type { WasmModule } from "../../pkg/worker/wasm.ts";
import { isFull } from "../../pkg/worker/memory.ts";
import { start, whyNotRelaxed } from "../../pkg/worker/modules.ts";

const MODULES = { strict: new URL("file:///strict.wasm"), relaxed: new URL("file:///relaxed.wasm") };

/** `four` and `two` give `lane`, whatever they are given. */
function probe(lane: number): Uint8Array<ArrayBuffer> {
  const body = [4, 0, 0x41, lane, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 3, 2, 0, 0],
    ...[7, 14, 2, 4, 0x66, 0x6f, 0x75, 0x72, 0, 0, 3, 0x74, 0x77, 0x6f, 0, 1],
    ...[10, 1 + 2 * body.length, 2, ...body, ...body],
  ]);
}

/** A module that is refused at these addresses; which ones were tried. */
function refusing(...refused: URL[]) {
  const tried: string[] = [];
  const module = {
    start: async (url: URL) => {
      tried.push(url.pathname);
      if (refused.includes(url)) throw new Error("404");
    },
  };
  return { tried, module: module as unknown as WasmModule };
}

test("without relaxed SIMD the strict module is started, and the reason told", async () => {
  const { tried, module } = refusing();
  const none = () => "This browser has no relaxed SIMD.";
  assert.equal(await start(module, MODULES, none), none());
  assert.deepEqual(tried, ["/strict.wasm"]);
});

test("with it, the relaxed one", async () => {
  const { tried, module } = refusing();
  assert.equal(await start(module, MODULES, () => undefined), undefined);
  assert.deepEqual(tried, ["/relaxed.wasm"]);
});

test("a relaxed module that can't be started leaves the strict one", async () => {
  const { tried, module } = refusing(MODULES.relaxed);
  assert.match((await start(module, MODULES, () => undefined))!, /relaxed\.wasm could not be started \(404\)/);
  assert.deepEqual(tried, ["/relaxed.wasm", "/strict.wasm"]);
});

test("no module at all is an error that names the file", async () => {
  const { module } = refusing(MODULES.relaxed, MODULES.strict);
  await assert.rejects(
    start(module, MODULES, () => undefined),
    { code: "wasm", message: /strict\.wasm.*wasm-unsafe-eval/, url: MODULES.strict.href },
  );
});

test("a browser without SIMD, or without WebAssembly, is named before anything is fetched", async () => {
  const { WebAssembly } = globalThis;
  const without = { ...WebAssembly, validate: () => false };
  try {
    for (const found of [without, undefined]) {
      Object.assign(globalThis, { WebAssembly: found });
      const { tried, module } = refusing();
      await assert.rejects(start(module, MODULES), { code: "unsupported", message: /Chrome 91.*Safari 16\.4/ });
      assert.deepEqual(tried, []);
    }
  } finally {
    Object.assign(globalThis, { WebAssembly });
  }
});

test("arithmetic that is not the specification's is not believed", () => {
  assert.match(whyNotRelaxed(probe(7))!, /computes wrongly/);
  assert.match(whyNotRelaxed(Uint8Array.of(1, 2, 3))!, /no relaxed SIMD/);
});

test("a network that is lost for a moment costs a moment; one that stays away is told as such", async () => {
  let failures = 1;
  const tried: string[] = [];
  const module = {
    start: async (url: URL) => {
      tried.push(url.pathname);
      if (failures-- > 0) throw new TypeError("Failed to fetch");
    },
  } as unknown as WasmModule;
  assert.equal(await start(module, MODULES, () => undefined), undefined);
  assert.deepEqual(tried, ["/relaxed.wasm", "/relaxed.wasm"]);
  failures = Infinity;
  const { strict } = MODULES;
  await assert.rejects(start(module, { strict }), { code: "download", url: strict.href, message: /Failed to fetch/ });
});

test("a module without room says so, and a crash whose memory is full", async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const module = { start: async () => ({ memory }) } as unknown as WasmModule;
  await start(module, { strict: MODULES.strict });
  assert.equal(isFull(), true);
  const roomy = { start: async () => ({ memory: new WebAssembly.Memory({ initial: 1 }) }) } as unknown as WasmModule;
  await start(roomy, { strict: MODULES.strict });
  assert.equal(isFull(), false);
  const refused = { start: () => Promise.reject(new RangeError("no memory")) } as unknown as WasmModule;
  await assert.rejects(start(refused, { strict: MODULES.strict }), { code: "wasm", message: /Too little memory/ });
});
