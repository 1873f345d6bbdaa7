/** Tools at run time and runs of several calls, in Chromium on the tiny checkpoint: what it answers, it was taught. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { read, readLines, readTranscripts, requireBuilt, TINY_CHECKPOINT, TINY_PACK } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";

let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm");
  site = await startSite({ folders: { "/tests/": "tests/browser" } });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(async (checkpoint) => {
    window.toolgenModule = await import("/pkg/index.js");
    window.checkpoint = checkpoint;
    window.definitions = (await import("/tests/definitions.mjs")).definitions;
  }, `/${TINY_CHECKPOINT}`);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test("a page brings its own tools: a row each, kept for the next visit", async () => {
  const seen = await page.evaluate(async () => {
    const { load } = toolgenModule;
    const results = [];
    for (let visit = 0; visit < 2; visit++) {
      const toolgen = await load({ checkpoint });
      let progress;
      const { added, skipped } = await toolgen.register(definitions, { onProgress: (p) => (progress = p) });
      results.push({ added, skipped: skipped.map(({ name, code }) => [name, code]), progress });
      window.toolgen?.dispose();
      window.toolgen = toolgen;
    }
    const ranking = await toolgen.retrieve("put on some music");
    return { results, ranked: ranking.map(({ name }) => name), tools: toolgen.tools.map(({ name }) => name) };
  });
  assert.deepEqual(seen.results[0].added, ["lights", "book_table", "play_song"]);
  assert.deepEqual(seen.results[0].skipped, [["broken", "schema"]]);
  assert.equal(seen.results[0].progress.cached, 0);
  assert.equal(seen.results[1].progress.cached, 3);
  assert.deepEqual(seen.tools, seen.results[1].added);
  assert.deepEqual(seen.ranked.sort(), ["book_table", "lights", "play_song"]);
});

test("examples teach, and what was taught is exported", async () => {
  const seen = await page.evaluate(async () => {
    const question = "make the living room cosy";
    const probability = async (model) =>
      (await model.retrieve(question)).find(({ name }) => name === "lights").probability;
    const before = await probability(toolgen);
    await toolgen.teach([
      { query: question, tool: "lights" },
      { query: "I want it cosy", tool: "lights" },
    ]);
    const after = await probability(toolgen);
    const pack = await toolgen.exportPack();
    const other = await toolgenModule.load({ checkpoint, pack });
    const exported = await probability(other);
    const conflicts = await other.conflicts({ from: -1 });
    const tools = other.tools.map(({ name }) => name);
    other.dispose();
    return { before, after, exported, conflicts, tools };
  });
  assert.ok(seen.after > seen.before, `${seen.before} before, ${seen.after} after`);
  assert.ok(Math.abs(seen.exported - seen.after) < 0.02, `${seen.exported} exported`);
  assert.equal(seen.conflicts.length, 3);
  assert.deepEqual(seen.tools, ["lights", "book_table", "play_song"]);
});

test("its functions are called, after a yes where they may change something", async () => {
  const seen = await page.evaluate(async () => {
    await toolgen.teach([
      { query: "switch on the lights in the kitchen", tool: "lights" },
      { query: "book a table for 4 people at a restaurant", tool: "book_table" },
      { query: "book a table at a restaurant", tool: "book_table" },
      { query: "put on some music", tool: "play_song" },
    ]);
    const run = async (question, options) => {
      const events = [];
      for await (const event of toolgen.run(question, { maxSteps: 1, unsure: "call", ...options })) events.push(event);
      const { reason, call, observation } = events.at(-1);
      return { reason, call, result: observation?.result, types: [...new Set(events.map(({ type }) => type))] };
    };
    return {
      lights: await run("switch on the lights in the kitchen"),
      refused: await run("book a table for 4 people at a restaurant"),
      booked: await run("book a table for 4 people at a restaurant", { approve: () => true }),
      lacking: await run("book a table at a restaurant"),
      narrowed: await toolgen
        .call("put on some music", { tools: ["lights", "play_song"] })
        .then(({ call }) => call?.name),
      unknown: await toolgen.call("x", { tools: ["none"] }).catch(({ code }) => code),
    };
  });
  assert.equal(seen.lights.call.name, "lights");
  const { room, on, ...others } = seen.lights.call.arguments;
  assert.ok("switch on the lights in the kitchen".includes(room), room);
  assert.deepEqual([typeof on, others], ["boolean", {}]);
  assert.deepEqual([seen.lights.result, seen.lights.reason], [{ room, done: true }, "max_steps"]);
  assert.deepEqual([seen.refused.reason, seen.refused.result], ["denied", undefined]);
  assert.deepEqual(seen.booked.result, { booked: 4 });
  assert.equal(seen.lacking.reason, "asked");
  assert.ok(seen.lacking.types.includes("ask"));
  assert.equal(seen.narrowed, "play_song");
  assert.equal(seen.unknown, "bad_option");
});

test("a tool that is unregistered is neither ranked nor called", async () => {
  const seen = await page.evaluate(async () => {
    await toolgen.unregister(["play_song", "none"]);
    const ranking = await toolgen.retrieve("put on some music");
    return {
      tools: toolgen.tools.map(({ name }) => name),
      ranked: ranking.map(({ name }) => name),
      narrowed: await toolgen.call("put on some music", { tools: ["play_song"] }).catch(({ code }) => code),
    };
  });
  assert.deepEqual(seen.tools, ["lights", "book_table"]);
  assert.deepEqual(seen.ranked.sort(), ["book_table", "lights"]);
  assert.equal(seen.narrowed, "bad_option");
});

test("a run of several calls carries each out, in its order", async () => {
  const { asked, steps } = readTranscripts().find(({ steps }) => steps.at(-1).event.calls?.length > 1);
  const { reason, calls } = steps.at(-1).event;
  assert.deepEqual(new Set(calls.map(({ outcome }) => outcome)), new Set(["observed"]));
  const seen = await page.evaluate(
    async ({ pack, names, asked }) => {
      const called = [];
      const carryOut = (name) => (args) => {
        called.push({ name, arguments: args });
        return { result: 7 };
      };
      const functions = Object.fromEntries(names.map((name) => [name, carryOut(name)]));
      const toolgen = await toolgenModule.load({ checkpoint, pack, functions });
      let finish;
      for await (const event of toolgen.run(asked.query, { unsure: "call", ...asked, approve: () => true }))
        if (event.type === "finish") finish = event;
      toolgen.dispose();
      return { reason: finish.reason, called, steps: finish.steps.map(({ call }) => call), last: finish.observation };
    },
    { pack: `/${TINY_PACK}`, names: readLines("models/tiny/tools.jsonl").map(({ name }) => name), asked },
  );
  assert.equal(seen.reason, reason);
  for (const found of [seen.called, seen.steps])
    assert.deepEqual(
      found,
      calls.map(({ call }) => call),
    );
  assert.deepEqual(seen.last.result, { result: 7 });
});

test("more than a hundred tools, some of an OpenAPI document, are registered, and from the cache the second time", async () => {
  const document = read("tests/fixtures/openapi/library-3.0.json").toString();
  const operations = readLines("tests/fixtures/openapi/library-3.0.tools.jsonl").map(({ name }) => name);
  const others = readLines("models/catalogue/tools.jsonl")
    .slice(0, 120)
    .map(({ parameters: inputSchema, ...tool }) => ({ ...tool, inputSchema }));
  const { results, imported } = await page.evaluate(
    async ({ document, others }) => {
      const results = [];
      let imported;
      for (let visit = 0; visit < 2; visit++) {
        const toolgen = await toolgenModule.load({ checkpoint });
        imported = await toolgen.fromOpenApi(document);
        let cached;
        const { added, skipped } = await toolgen.register([...imported.tools, ...others], {
          onProgress: (progress) => ({ cached } = progress),
        });
        results.push({ added, skipped, cached, tools: toolgen.tools.length });
        toolgen.dispose();
      }
      return { results, imported: imported.tools.map(({ name }) => name) };
    },
    { document, others },
  );
  assert.deepEqual(imported, operations);
  const names = [...operations, ...others.map(({ name }) => name)];
  assert.ok(names.length > 100);
  for (const [visit, cached] of [0, names.length].entries())
    assert.deepEqual(results[visit], { added: names, skipped: [], cached, tools: names.length });
});
