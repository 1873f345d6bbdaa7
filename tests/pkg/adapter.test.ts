/** A GPU whose driver hangs. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { boundAdapter } from "../../pkg/worker/adapter.ts";

interface Gpu {
  requestAdapter(options?: object): Promise<unknown>;
}

const { navigator } = globalThis;
afterEach(() => give(navigator));

function give(value: unknown): void {
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
}

/** The GPU of a browser that answers like this, once it is bound. */
function gpuOf(requestAdapter: Gpu["requestAdapter"]): Gpu {
  // Inherited, as in browsers.
  const gpu = Object.create({ requestAdapter }) as Gpu;
  give({ gpu });
  boundAdapter(20);
  return gpu;
}

test("an adapter that never comes counts as none", async () => {
  assert.equal(await gpuOf(() => new Promise(() => {})).requestAdapter(), null);
  assert.equal(await gpuOf(() => Promise.reject(new Error("lost"))).requestAdapter(), null);
});

test("one that comes is the browser's, for the same options", async () => {
  const gpu = gpuOf(async function (this: Gpu, options) {
    return { isOwn: this === gpu, options };
  });
  const options = { powerPreference: "high-performance" };
  assert.deepEqual(await gpu.requestAdapter(options), { isOwn: true, options });
});

test("browsers without WebGPU, or without a navigator, are left as they are", () => {
  for (const value of [{}, undefined]) {
    give(value);
    boundAdapter();
    assert.equal(globalThis.navigator, value);
  }
});
