/** What the WebAssembly module makes of a question, in Node.js: texts, objects, and what is neither. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { read, requireBuilt, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { openEngine } from "./module.mjs";
import { root } from "../../xtask/serve.mjs";

const WASM = "pkg/wasm/toolgen_bg.wasm";
const SCRIPT = "pkg/wasm/toolgen.js";
const TURN = { text: "weather in Oslo", call: { name: "weather", arguments: { city: "Oslo" } } };
let engine;

before(async () => {
  requireBuilt(WASM, SCRIPT);
  engine = await openEngine(await import(pathToFileURL(join(root, SCRIPT))), read(WASM), read(TINY_CHECKPOINT));
  engine.load_pack(read(TINY_PACK));
});

const ways = {
  retrieve: (question) => engine.retrieve(question, 2),
  call: (question) => engine.call(question, 2),
  run: (question) => engine.run(question, 2, 2),
};

async function lastOf(stream) {
  let last;
  for (let event; (event = await stream.next()); ) {
    last = event;
    if (event.type === "approve" || event.type === "execute") break;
  }
  stream.free();
  return last;
}

test("a text and an object with that text are one question", async () => {
  for (const ask of Object.values(ways)) {
    const text = await lastOf(ask("5 miles in km"));
    assert.deepEqual(await lastOf(ask({ text: " 5 miles in km\n" })), text);
    assert.deepEqual(await lastOf(ask({ text: "5 miles in km", offsets: [], before: [] })), text);
  }
});

test("what is no question is a wrong option, and the engine goes on", async () => {
  const deep = { name: "weather", arguments: {} };
  for (let inner = deep.arguments, depth = 0; depth < 100_000; depth++) inner = inner.a = {};
  const cyclic = { text: "a" };
  cyclic.before = [cyclic];
  const odd = [
    undefined,
    null,
    7,
    Symbol("a"),
    10n,
    () => {},
    {},
    { text: 7 },
    { text: "a", now: "tomorrow" },
    { text: "a", now: "null" },
    { text: "a", now: "2026-02-30T09:30" },
    { text: "a", now: 1_800_000_000_000 },
    { text: "a", offsets: [["2026-05-14T09:30", "+2"]] },
    { text: "a", offsets: [["2026-05-14T09:30", "+02:00", "?"]] },
    { text: "a", offsets: [TURN] },
    {
      text: "a",
      offsets: [
        ["2026-05-14T09:30", "+02:00"],
        ["2025-05-14T09:30", "+02:00"],
      ],
    },
    { text: "a", before: {} },
    { text: "a", before: [null] },
    { text: "a", before: [{ text: "b" }] },
    { text: "a", before: [{ ...TURN, call: { name: "b", arguments: [] } }] },
    { text: "a", before: [{ ...TURN, observation: 7 }] },
    { text: "a", before: [{ ...TURN, call: deep }] },
    {
      get text() {
        throw new Error("no");
      },
    },
    cyclic,
  ];
  for (const [way, ask] of Object.entries(ways)) {
    for (const [index, question] of odd.entries())
      assert.throws(() => ask(question), { name: "ToolgenError", code: "bad_option" }, `${way} ${index}`);
    assert.throws(() => ask({ text: " " }), { code: "question_empty" });
    assert.ok(await lastOf(ask("5 miles in km")));
  }
});

test("halves of characters, long turns and many of them are no failures", async () => {
  const long = "weather in Oslo ".repeat(10_000);
  for (const question of [
    { text: "weather in \ud83d Oslo \\ud83d \\" },
    { text: "and in Bergen?", before: Array.from({ length: 1000 }, () => TURN) },
    { text: "and in Bergen?", before: [{ ...TURN, text: long }, TURN] },
    { text: "and in Bergen?", before: [{ ...TURN, observation: `${long}\udc00` }] },
    { text: "and in Bergen?", before: [{ ...TURN, call: { name: long, arguments: { city: long } } }] },
    { text: "tomorrow at noon", now: "9999-12-31T23:59", offsets: [["1000-01-01T00:00", "-23:59"]] },
  ])
    for (const ask of Object.values(ways))
      assert.ok(await lastOf(ask(question)), JSON.stringify(question).slice(0, 99));
});
