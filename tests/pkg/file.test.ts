/** Single files of hosts that compress them. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { Progress } from "../../pkg/core/types.ts";
import { collect, openFile } from "../../pkg/download/file.ts";
import { fakeCaches } from "./fake-browser.ts";

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
  Reflect.deleteProperty(globalThis, "caches");
});

const BYTES = new Uint8Array(1000).fill(7);

/** What a page sees of a response: another origin hides how it is compressed. */
function answers(type: ResponseType, headers: Record<string, string>): void {
  globalThis.fetch = async () => Object.defineProperty(new Response(BYTES, { headers }), "type", { value: type });
}

for (const [what, type, headers] of [
  ["another origin that compresses", "cors", { "content-length": "100" }],
  ["its own origin that compresses", "basic", { "content-length": "100", "content-encoding": "gzip" }],
  ["a host that says no length", "basic", {}],
] as const) {
  test(`a file from ${what} is read whole, and kept`, async () => {
    Object.assign(globalThis, { caches: fakeCaches() });
    answers(type, headers);
    const url = "https://models.example/m.gguf";
    const seen: Progress[] = [];
    const first = await openFile("checkpoint", url, (progress) => seen.push(progress), "prefer");
    assert.equal(first.total, 1000);
    assert.deepEqual(await collect(first), BYTES);
    await first.copy!.commit();
    assert.equal(seen.at(-1)!.loaded, 1000);
    globalThis.fetch = async () => assert.fail("it is kept");
    const second = await openFile("checkpoint", url, () => {}, "prefer");
    assert.deepEqual([second.cached, await collect(second)], [true, BYTES]);
  });
}

for (const [what, start] of [
  ["A page (HTML)", "\n<!DOCTYPE html><html>"],
  ["A page (HTML)", "<html lang=en>"],
  ["A pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"],
]) {
  test(`${what} in a file's place is named`, async () => {
    for (const headers of [[], [["content-length", String(start!.length)]]] as [string, string][][]) {
      globalThis.fetch = async () => new Response(start, { headers });
      const read = async () =>
        collect(await openFile("pack", "https://models.example/tools.safetensors", () => {}, "none"));
      await assert.rejects(read(), {
        code: "download",
        message: `${what} came in place of the pack https://models.example/tools.safetensors.`,
      });
    }
  });
}

test("bytes that only begin like a page are a file", async () => {
  const bytes = Uint8Array.from([0x3c, 0x02, 0, 0, 0, 0, 0, 0, 0x7b]);
  globalThis.fetch = async () => new Response(bytes);
  assert.deepEqual(await collect(await openFile("pack", "https://models.example/t", () => {}, "none")), bytes);
});
