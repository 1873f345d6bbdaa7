/** Starting: where the worker comes from, and what is wrong before it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import type { WorkerLike } from "../../pkg/client.ts";
import { load, type LoadOptions } from "../../pkg/index.ts";
import type { ToWorker } from "../../pkg/protocol.ts";

/** As browsers have it: a script of another origin makes no worker. */
class FakeWorker implements WorkerLike {
  static made: string[] = [];
  static asked: ToWorker[] = [];
  onmessage: WorkerLike["onmessage"] = null;
  constructor(url: URL | string = "made by the page") {
    if (String(url).startsWith("https://cdn.example"))
      throw new DOMException("Script at 'https://cdn.example/worker.js' cannot be accessed", "SecurityError");
    FakeWorker.made.push(String(url));
  }
  postMessage(message: ToWorker): void {
    FakeWorker.asked.push(message);
    const value: never[] = [];
    queueMicrotask(() => this.onmessage?.({ data: { id: message.id, type: "done", value } } as never));
  }
  terminate(): void {}
}

function inBrowser(): void {
  Object.assign(FakeWorker, { made: [], asked: [] });
  Object.assign(globalThis, { Worker: FakeWorker });
}

afterEach(() => Reflect.deleteProperty(globalThis, "Worker"));

const checkpoint = "https://app.example/model.json";

test("the worker stands beside the package, is named, or is made by the page", async () => {
  inBrowser();
  await load({ checkpoint });
  assert.match(FakeWorker.made[0]!, /pkg\/worker\.js$/);
  await load({ checkpoint, worker: new URL("https://app.example/w.js") });
  assert.equal(FakeWorker.made[1], "https://app.example/w.js");
  await load({ checkpoint, worker: () => new FakeWorker() });
  assert.equal(FakeWorker.made[2], "made by the page");
});

test("a worker of another origin is refused in words that help", async () => {
  inBrowser();
  await assert.rejects(load({ checkpoint, worker: "https://cdn.example/worker.js" }), {
    name: "ToolgenError",
    code: "unsupported",
    message: /SecurityError|cannot be accessed.*page's origin.*`worker`/,
  });
  await assert.rejects(load({ checkpoint, worker: () => assert.fail("no") }), { code: "unsupported" });
});

test("without workers it says so", async () => {
  await assert.rejects(load({ checkpoint }), { code: "unsupported", message: /in a browser/ });
});

test("a script that can't be loaded is spoken of with all that may be wrong", async () => {
  inBrowser();
  let made: (WorkerLike & { onerror?: (event: unknown) => void }) | undefined;
  const loading = load({ checkpoint, worker: () => (made = Object.assign(new FakeWorker(), { postMessage() {} })) });
  await Promise.resolve();
  made!.onerror!({});
  await assert.rejects(loading, { code: "crashed", message: /option `worker`.*Content-Security-Policy.*COEP/ });
});

test("an object with a manifest is one, whatever its URL is called", async () => {
  inBrowser();
  await load({ checkpoint: { manifest: "chrome-extension://abc/m", shards: { a: "chrome-extension://abc/a" } } });
  const [request] = FakeWorker.asked;
  assert.ok(request?.type === "load");
  assert.deepEqual(
    [request.checkpoint, request.shards],
    ["chrome-extension://abc/m", { a: "chrome-extension://abc/a" }],
  );
});

test("options that can't be used are refused before anything starts", async () => {
  inBrowser();
  const wrong: unknown[] = [
    undefined,
    5,
    {},
    { checkpoint: 5 },
    { checkpoint: "http://" },
    { checkpoint: {} },
    { checkpoint: { manifest: checkpoint, shards: { a: 5 } } },
    { checkpoint, pack: {} },
    { checkpoint, signal: {} },
    { checkpoint, onProgress: 5 },
    {
      get checkpoint() {
        throw new Error("no");
      },
    },
  ];
  for (const options of wrong)
    await assert.rejects(load(options as LoadOptions), { name: "ToolgenError", code: "bad_argument" });
  assert.deepEqual(FakeWorker.made, []);
});
