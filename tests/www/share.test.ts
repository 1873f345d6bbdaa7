/** What can be sent of a run: an address, a file, a few lines of code. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { ToolgenError } from "../../pkg/core/errors.ts";
import type { Tool } from "../../pkg/core/types.ts";
import type { RunEvent } from "../../pkg/run.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { replay, trace, type Traced } from "../../pkg/trace.ts";
import { Catalogue } from "../../www/catalogue.ts";
import { OwnTools } from "../../www/own/tools.ts";
import { addressOf } from "../../www/link.ts";
import { unfetched } from "../../www/share/play-run.ts";
import { fileNameOf, readRun, writeRun } from "../../www/share/run-file.ts";
import { fromFragment, isFragment, MAX_FRAGMENT, toFragment, type Shared } from "../../www/share/shared.ts";
import { snippetFor } from "../../www/share/snippet.ts";

const TIMER: Tool = {
  name: "set_timer",
  description: "Sets a timer.",
  parameters: { type: "object", properties: { minutes: { type: "number" } }, required: ["minutes"] },
};
const WEATHER: Tool = {
  name: "weather",
  description: "The weather.",
  parameters: { type: "object", properties: { city: { type: "string" } } },
  http: { method: "GET", url: "https://api.example/{city}" },
  annotations: { readOnlyHint: true },
};

test("a question with its tools is the same after a way through an address", () => {
  const shared: Shared = {
    question: "Let the “cat” in – 日本 ✓",
    place: "room",
    own: [{ description: "Lets the cat in", shape: "cat" }],
    tools: [WEATHER],
  };
  const fragment = toFragment(shared)!;
  assert.match(fragment, /^#run=[\w-]+$/);
  assert.deepEqual(fromFragment(fragment), shared);
  assert.equal(toFragment({ ...shared, question: "long ".repeat(4000) }), undefined);
});

test("an address that is none is no question, whoever made it", () => {
  const of = (value: unknown) => `#run=${btoa(JSON.stringify(value)).replaceAll("=", "")}`;
  for (const fragment of [
    "",
    "#top",
    "#run=",
    "#run=%%",
    of(null),
    of([]),
    of({ question: 1 }),
    of("x".repeat(MAX_FRAGMENT)),
  ])
    assert.equal(fromFragment(fragment), undefined, fragment.slice(0, 40));
  const odd = {
    question: "q",
    place: "cellar",
    own: [{ description: "x", shape: "bomb" }, 1],
    tools: [1, null, { ...WEATHER, http: 1 }, TIMER],
  };
  // Functions can't come with an address: a tool without http could never be carried out.
  assert.deepEqual(fromFragment(of(odd)), { question: "q", place: "catalogue", own: [], tools: [] });
});

test("an address that was cut off is known for one", () => {
  const fragment = toFragment({ question: "Let the cat in", place: "room" })!;
  for (let end = "#run".length; end < fragment.length; end++) {
    assert.equal(fromFragment(fragment.slice(0, end)), undefined);
    assert.ok(isFragment(fragment.slice(0, end)));
  }
  assert.ok(!isFragment("#tools"));
});

test("the catalogue carries what was added to it over HTTP", async () => {
  const toolgen = createFakeToolgen({ tools: [TIMER] });
  const catalogue = new Catalogue(() => ["room_tool"], new OwnTools());
  catalogue.begin(toolgen);
  assert.deepEqual(catalogue.carried(), {});
  const { parameters: inputSchema, ...weather } = WEATHER;
  const inRoom = { name: "room_tool", description: "x", inputSchema: { type: "object" } };
  await toolgen.register([{ ...weather, inputSchema }, inRoom]);
  assert.deepEqual(
    catalogue.carried().tools?.map(({ name }) => name),
    ["weather"],
  );
});

test("a run that was saved plays the same events again", async () => {
  const toolgen = createFakeToolgen({
    tools: [TIMER, WEATHER],
    functions: { set_timer: () => ({ text: "It rings" }) },
    answers: { timer: { name: "set_timer", arguments: { minutes: 5 } } },
  });
  const entries: Traced[] = [];
  const events: RunEvent[] = [];
  for await (const event of trace(toolgen.run("timer", { approve: () => true }), entries)) events.push(event);
  const find = (name: string) => toolgen.tools.find((tool) => tool.name === name);
  const file = readRun(writeRun({ question: "timer", place: "room", entries, find }, new Date(0)));
  assert.deepEqual([file.question, file.place, file.saved], ["timer", "room", "1970-01-01T00:00:00.000Z"]);
  assert.deepEqual(file.tools.map(({ name }) => name).sort(), ["set_timer", "weather"]);
  const again: RunEvent[] = [];
  for await (const event of replay(file.trace)) again.push(event);
  assert.deepEqual(again, events);
  assert.equal(fileNameOf("Set a timer for 5 minutes, please!"), "toolgen-set-a-timer-for-5-minutes.json");
  assert.equal(fileNameOf("日本"), "toolgen-run.json");
});

test("another file is refused in words", () => {
  for (const text of ["", "{}", "[1]", "null", '{"toolgen":"run","version":1}'])
    assert.throws(() => readRun(text), /no saved run/, text);
  const newer = JSON.stringify({ toolgen: "run", version: 2, question: "q", trace: "", tools: [] });
  assert.throws(() => readRun(newer), /newer page/);
});

test("a run from elsewhere fetches no pictures", () => {
  const result = {
    picture: "https://spy.example/a.png",
    page: "https://example.org/",
    list: ["https://spy.example/b.jpg"],
  };
  const event = unfetched({ type: "observation", observation: { result, body: null } });
  assert.deepEqual(event.type === "observation" && event.observation.result, {
    picture: "spy.example/a.png",
    page: "https://example.org/",
    list: ["spy.example/b.jpg"],
  });
  const error: RunEvent = { type: "error", error: new ToolgenError("timeout", "late") };
  assert.equal(unfetched(error), error);
});

test("the code that is offered runs, and does the same", async () => {
  for (const tool of [
    TIMER,
    { ...TIMER, name: "odd", parameters: { type: "object", properties: { class: {}, "a-b": {} } } },
  ]) {
    const snippet = snippetFor('Say "when"', tool);
    assert.ok(snippet.trim().split("\n").length <= 13);
    const called = await runSnippet(snippet, tool.name);
    assert.deepEqual(called, [{ result: snippet.match(/=> "(.*)",/)![1] }]);
  }
  const snippet = snippetFor("Weather in Oslo?", WEATHER);
  assert.match(snippet, /http: \{"method":"GET","url":"https:\/\/api.example\/\{city\}"\}/);
  assert.doesNotMatch(snippet, /approve/);
});

/** What the snippet prints where the model answers with a call of the tool. */
async function runSnippet(snippet: string, name: string): Promise<unknown[]> {
  const printed: unknown[] = [];
  const load = async () => createFakeToolgen({ answers: () => ({ name }) });
  const body = snippet.replace('import { load } from "toolgen";', "");
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction("load", "console", body)(load, { log: (value: unknown) => printed.push(value) });
  return printed;
}

test("tools that are too many for an address leave it without them, however many", () => {
  const own = Array.from({ length: 20_000 }, () => ({ description: "x".repeat(100), shape: "cat" as const }));
  assert.equal(toFragment({ question: "q", place: "room", own }), undefined);
});

test("half a character and a text without end break no address", () => {
  const place = { name: "room", carried: () => ({}) } as never;
  assert.equal(addressOf("\ud83d?", place), "?place=room&q=%EF%BF%BD%3F");
  assert.equal(addressOf("x".repeat(10_000_000), place), "?place=room");
});

test("of a run's tools those are read that can be shown", () => {
  const tools = [null, 5, {}, TIMER, { ...TIMER, annotations: { title: {} } }, { ...TIMER, http: { url: 5 } }];
  const text = JSON.stringify({ toolgen: "run", version: 1, question: "q", trace: "", tools });
  assert.deepEqual(readRun(text).tools, [TIMER]);
});
