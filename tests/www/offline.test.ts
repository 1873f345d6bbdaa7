/** Stored replies, and what is said of the page on this device, without a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { themes } from "../../www/examples.ts";
import { moduleOf, savedText } from "../../www/offline/page.ts";
import { orStored } from "../../www/offline/send.ts";
import { hasStoredReply, storedReply } from "../../www/offline/stored-replies.ts";

const call = { name: "weather_now", arguments: { city: "Oslo" } };

test("a stored reply answers the very same call, and no other", () => {
  assert.ok(storedReply({ ...call, arguments: { city: "oslo" } }));
  assert.equal(storedReply({ ...call, arguments: { city: "Bergen" } }), undefined);
  assert.equal(storedReply({ ...call, name: "weather_forecast" }), undefined);
});

test("all but one of the examples that need the network have a stored reply", () => {
  const needing = themes.flatMap(({ examples }) => examples).filter(({ network }) => network);
  const without = needing.filter(({ tool }) => !hasStoredReply(tool)).map(({ tool }) => tool);
  assert.deepEqual(without, ["dog_picture"]); // a picture lies on a server
});

test("a stored reply takes the place of a server that isn't there, and of none that is", async () => {
  const live = Response.json({ from: "server" });
  const refused = () => Promise.reject(new TypeError("Failed to fetch"));
  const stopped = () => Promise.reject(new DOMException("stopped", "AbortError"));
  let told = 0;
  const from = async (send: () => Promise<Response>, replies: object, online = true) => {
    const replying = { call: () => call, repliesTo: () => replies, isOffline: () => told++ };
    const response = await orStored(send, replying, () => online)("https://wttr.in/Oslo");
    return ((await response.clone().json()) as { from: string }).from;
  };
  const offline = { from: "stored" };
  assert.equal(await from(() => Promise.resolve(live), { offline }), "server");
  assert.equal(told, 0);
  assert.equal(await from(refused, { offline }), "stored");
  assert.equal(await from(() => Promise.resolve(live), { offline }, false), "stored");
  assert.equal(told, 2);
  assert.equal(await from(refused, { instead: { from: "example" } }), "example");
  await assert.rejects(from(refused, {}), TypeError);
  await assert.rejects(from(stopped, { offline }), /stopped/);
});

test("the module that computes is the one that is saved, and the line says how much that is", () => {
  const simd = { kind: "relaxed" as const };
  assert.equal(moduleOf({ simd, threads: { count: 1 } }), "toolgen_relaxed_bg.wasm");
  assert.equal(moduleOf({ simd, threads: { count: 4 } }), "toolgen_threads_bg.wasm");
  assert.equal(moduleOf({ simd: { kind: "strict", reason: "" }, threads: { count: 1 } }), "toolgen_bg.wasm");
  assert.equal(savedText(true, 117_600_000), "Saved for offline, 118 MB: this page works without a network.");
  assert.match(savedText(false, 6e6), /6 MB, but there was no room for the model/);
});
