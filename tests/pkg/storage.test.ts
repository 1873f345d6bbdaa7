import assert from "node:assert/strict";
import { test } from "node:test";

import { openCacheStorage } from "../../pkg/download/cache-storage.ts";
import { acquire } from "../../pkg/download/lock.ts";
import { openStorage } from "../../pkg/download/open-storage.ts";
import { openOpfs } from "../../pkg/download/opfs.ts";
import { checkRoom, requestPersistence } from "../../pkg/download/quota.ts";
import type { ModelStorage } from "../../pkg/download/storage.ts";
import { noise } from "./download-fixture.ts";
import { fakeCaches, fakeOpfs } from "./fake-browser.ts";
import { MemoryStorage } from "./memory-storage.ts";

const storages: Record<string, () => Promise<ModelStorage | undefined>> = {
  "the file system of a worker": () => openOpfs(fakeOpfs({ sync: true })),
  "the file system of a page": () => openOpfs(fakeOpfs({ sync: false })),
  "the Cache API": () => openCacheStorage(fakeCaches),
  "memory, as the tests use it": async () => new MemoryStorage(),
};
for (const [name, open] of Object.entries(storages)) {
  test(`${name} keeps files of models`, async () => {
    const storage = (await open())!;
    assert.deepEqual([...(await storage.sizes("m"))], []);
    assert.equal(await storage.read("m", "a"), undefined);
    await storage.remove("m", "a");
    await storage.removeModel("m");

    const [long, short] = [noise(5000), noise(300, 2)];
    await storage.write("m", "a", long);
    await storage.write("m", "b", short);
    await storage.write("n", "a", short);
    assert.deepEqual([...(await storage.sizes("m"))].sort(), [
      ["a", 5000],
      ["b", 300],
    ]);
    assert.deepEqual((await storage.models()).sort(), ["m", "n"]);
    assert.deepEqual(await storage.read("m", "a"), long);
    await storage.write("m", "a", short); // a shorter file leaves nothing of a longer one
    assert.deepEqual(await storage.read("m", "a"), short);
    assert.equal(await storage.read("m", "c"), undefined);

    await storage.remove("m", "b");
    assert.deepEqual([...(await storage.sizes("m")).keys()], ["a"]);
    await storage.removeModel("m");
    assert.deepEqual([...(await storage.sizes("m"))], []);
    assert.deepEqual(await storage.read("n", "a"), short);
  });
}

for (const sync of [true, false]) {
  test(`a full disk leaves no half of a file (${sync ? "worker" : "page"})`, async () => {
    const storage = (await openOpfs(fakeOpfs({ sync, room: 1000 })))!;
    await storage.write("m", "a", noise(600));
    await assert.rejects(storage.write("m", "b", noise(600)), { name: "QuotaExceededError" });
    assert.deepEqual([...(await storage.sizes("m"))], [["a", 600]]);
    await storage.write("m", "c", noise(300)).catch(() => assert.ok(sync, "room is counted"));
  });
}

test("where storage is denied or absent there is none", async () => {
  const denied = () => Promise.reject(new DOMException("denied", "SecurityError"));
  assert.equal(await openOpfs(denied), undefined);
  assert.equal(await openCacheStorage(() => ({ open: denied }) as unknown as CacheStorage), undefined);
  assert.equal(await openCacheStorage(() => assert.fail("denied, as in a sandboxed frame")), undefined);
  assert.equal(await openCacheStorage(() => undefined), undefined);
  assert.equal(await openStorage(), undefined); // Node has neither
  assert.equal(await requestPersistence(), false);
});

test("locks that are denied are as good as absent", async () => {
  const denied = { request: () => Promise.reject(new DOMException("denied", "SecurityError")) };
  (await acquire("m", "exclusive", { locks: denied }))();
  (await acquire("m", "exclusive", {}))();
  const broken = { request: () => Promise.reject(new Error("broken")) };
  await assert.rejects(acquire("m", "shared", { locks: broken }), { message: "broken" });
});

test("room is checked where the browser tells it", async () => {
  await checkRoom("m", 100, async () => undefined);
  await checkRoom("m", 100, async () => ({}));
  await checkRoom("m", 100, async () => ({ quota: 100 }));
  await assert.rejects(
    checkRoom("m", 101, async () => ({ quota: 150, usage: 50 })),
    { code: "quota", message: /101 .* 100 are free/ },
  );
  await assert.rejects(
    checkRoom("m", 1, async () => ({ quota: 10, usage: 50 })),
    { code: "quota", message: / 0 are free/ },
  );
});
