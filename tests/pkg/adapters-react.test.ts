import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { Window } from "happy-dom";
import { act, createElement, StrictMode, useEffect, type ReactNode } from "react";
import { renderToString } from "react-dom/server";

import { useRun, useToolgen, type Answering, type LoadModel } from "../../pkg/adapters/react.ts";
import { ToolgenError } from "../../pkg/core/errors.ts";
import type { RunOptions } from "../../pkg/run.ts";
import { createFakeToolgen } from "../../pkg/testing.ts";
import { FakeModel } from "./fake-model.ts";

// React looks for a document when it is imported.
const window = new Window();
Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });
const { createRoot } = await import("react-dom/client");
after(() => window.happyDOM.close());

/** A model in the making: every load waits until the test settles it. */
class Loads {
  readonly started: {
    options: Parameters<LoadModel<FakeModel>>[0];
    resolve(model: FakeModel): void;
    reject(error: unknown): void;
  }[] = [];
  readonly load: LoadModel<FakeModel> = (options) =>
    new Promise((resolve, reject) => {
      this.started.push({ options, resolve, reject });
      options.signal.addEventListener("abort", () => reject(options.signal.reason));
    });
}

let root: ReturnType<typeof createRoot>;
let mounted = true;
let model: ReturnType<typeof useToolgen<FakeModel>>;
let renders: string[];
let loads: Loads;

function Loader({ load = loads.load, enabled }: { load?: LoadModel<FakeModel>; enabled?: boolean }): ReactNode {
  model = useToolgen(load, { enabled });
  renders.push(model.status);
  return model.status;
}

let runs: ReturnType<typeof useRun>;
function Runs({ toolgen }: { toolgen?: Answering }): ReactNode {
  runs = useRun(toolgen);
  renders.push(runs.status);
  return runs.status;
}

beforeEach(() => {
  renders = [];
  loads = new Loads();
  mounted = true;
  root = createRoot(document.createElement("div"));
});
afterEach(() => unmount());

const render = (node: ReactNode) => act(async () => root.render(node));
const strictly = (node: ReactNode) => render(createElement(StrictMode, null, node));
/** What is put off to the next task has happened when this ends. */
const settle = (action: () => void = () => {}) =>
  act(async () => {
    action();
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
async function unmount(): Promise<void> {
  if (mounted) await act(async () => root.unmount());
  mounted = false;
  await settle();
}
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    assert.ok(tries < 200, "it never happens");
    await settle();
  }
}

test("loading goes from idle over progress to ready", async () => {
  await render(createElement(Loader));
  assert.deepEqual(renders, ["idle", "loading"]);
  const progress = { file: "checkpoint", loaded: 5, total: 10, bytesPerSecond: 1, cached: false } as const;
  await act(async () => loads.started[0]!.options.onProgress(progress));
  assert.deepEqual([model.status, model.status === "loading" && model.progress], ["loading", progress]);
  const fake = new FakeModel();
  await act(async () => loads.started[0]!.resolve(fake));
  assert.equal(model.status, "ready");
  assert.equal(model.toolgen, fake);
  await unmount();
  assert.equal(fake.disposed, 1);
});

test("tools that are registered while it loads have a progress of their own", async () => {
  await render(createElement(Loader));
  const { options, resolve } = loads.started[0]!;
  const progress = { file: "checkpoint", loaded: 10, total: 10, bytesPerSecond: 1, cached: true } as const;
  await act(async () => options.onProgress(progress));
  const rows = { done: 2, total: 9, cached: 1, remainingMs: 2800 };
  await act(async () => options.onProgress(rows));
  assert.deepEqual(model.status === "loading" && [model.progress, model.rows], [progress, rows]);
  const fake = new FakeModel();
  await act(async () => resolve(fake));
  await act(async () => options.onProgress({ ...rows, done: 3 }));
  assert.deepEqual([model.status, model.rows, model.toolgen], ["ready", undefined, fake]);
});

test("StrictMode loads once and disposes of nothing that is in use", async () => {
  await strictly(createElement(Loader));
  await settle();
  assert.equal(loads.started.length, 1);
  assert.equal(loads.started[0]!.options.signal.aborted, false);
  const fake = new FakeModel();
  await act(async () => loads.started[0]!.resolve(fake));
  await settle();
  assert.deepEqual([model.status, fake.disposed, loads.started.length], ["ready", 0, 1]);
});

test("components with the same function share a model until the last is gone", async () => {
  await strictly([createElement(Loader, { key: 1 }), createElement(Loader, { key: 2 })]);
  assert.equal(loads.started.length, 1);
  const fake = new FakeModel();
  await act(async () => loads.started[0]!.resolve(fake));
  await strictly([createElement(Loader, { key: 2 })]);
  await settle();
  assert.equal(fake.disposed, 0);
  // Another takes over at once.
  await strictly([createElement(Loader, { key: 3 })]);
  await settle();
  assert.deepEqual([fake.disposed, loads.started.length, model.toolgen], [0, 1, fake]);
  await unmount();
  assert.equal(fake.disposed, 1);
});

test("an inline function loads once, however often the component renders", async () => {
  for (let n = 0; n < 3; n += 1) await render(createElement(Loader, { load: (options) => loads.load(options) }));
  assert.equal(loads.started.length, 1);
});

test("unmounting aborts loading; a model that comes all the same is disposed of", async () => {
  const late: ((model: FakeModel) => void)[] = [];
  let signal: AbortSignal | undefined;
  const load: LoadModel<FakeModel> = (options) => {
    ({ signal } = options);
    return new Promise((resolve) => late.push(resolve));
  };
  await render(createElement(Loader, { load }));
  await unmount();
  assert.equal(signal!.aborted, true);
  const fake = new FakeModel();
  late[0]!(fake);
  await settle();
  assert.equal(fake.disposed, 1);
  root = createRoot(document.createElement("div"));
  mounted = true;
  await render(createElement(Loader, { load }));
  assert.deepEqual([model.status, late.length], ["loading", 2]);
});

test("an error can be retried", async () => {
  await render(createElement(Loader));
  await act(async () => loads.started[0]!.reject(new ToolgenError("download", "No network.")));
  assert.equal(model.status === "error" && model.error.message, "No network.");
  await act(async () => model.retry());
  assert.deepEqual([model.status, loads.started.length], ["loading", 2]);
  model.retry();
  assert.equal(loads.started.length, 2, "only an error can");
});

test("nothing is loaded until it is enabled", async () => {
  await strictly(createElement(Loader, { enabled: false }));
  assert.deepEqual([model.status, loads.started.length], ["idle", 0]);
  await strictly(createElement(Loader, { enabled: true }));
  assert.deepEqual([model.status, loads.started.length], ["loading", 1]);
  await strictly(createElement(Loader, { enabled: false }));
  await settle();
  assert.deepEqual([model.status, loads.started[0]!.options.signal.aborted], ["idle", true]);
});

test("on a server both hooks are idle and nothing starts", () => {
  const html = renderToString(createElement("p", null, createElement(Loader), createElement(Runs)));
  assert.equal(html, "<p>idle<!-- -->idle</p>");
  assert.equal(loads.started.length, 0);
});

test("a run goes from idle over its events to done", async () => {
  const fake = new FakeModel();
  await strictly(createElement(Runs, { toolgen: fake }));
  const { run, stop } = runs;
  assert.deepEqual([runs.status, runs.events], ["idle", []]);
  await act(async () => run("Weather in Oslo?"));
  await until(() => runs.status === "done");
  assert.ok(renders.includes("running"));
  assert.ok(runs.status === "done");
  assert.deepEqual(
    [runs.query, runs.call?.name, runs.observation?.result],
    ["Weather in Oslo?", "get_weather", { done: "get_weather" }],
  );
  assert.deepEqual(
    runs.events.map(({ type }) => type).filter((type) => type !== "arguments"),
    ["prefill", "ranking", "tool", "call", "observation", "finish"],
  );
  assert.deepEqual([runs.run === run, runs.stop === stop], [true, true]);
  await act(async () => run("Hello"));
  await until(() => runs.status === "done");
  assert.deepEqual(runs.status === "done" && [runs.call, runs.ask], [null, undefined]);
  await act(async () => run("How is the weather?"));
  await until(() => runs.status === "done");
  assert.ok(runs.status === "done");
  assert.deepEqual([runs.call, runs.ask?.call.arguments], [null, { days: 2 }]);
  assert.deepEqual(
    runs.ask?.parameters.map(({ name }) => name),
    ["city"],
  );
});

test("failures of the model and of the tool are errors", async () => {
  const fake = new FakeModel();
  await render(createElement(Runs, { toolgen: fake }));
  await act(async () => runs.run("crash"));
  await until(() => runs.status === "error");
  assert.ok(runs.status === "error");
  assert.deepEqual([runs.error.message, runs.call], ["The model crashed.", undefined]);
  const call = { name: "send", arguments: {} };
  fake.run = async function* () {
    const error = new ToolgenError("timeout", "Too slow.");
    yield { type: "error", error };
    yield { type: "finish", reason: "failed", ranking: [], call, steps: [{ call, error }] };
  };
  await act(async () => runs.run("send it"));
  await until(() => runs.status === "error");
  assert.deepEqual(runs.status === "error" && [runs.error.message, runs.call], ["Too slow.", call]);
  fake.run = async function* () {};
  await act(async () => runs.run("nothing"));
  assert.match(String(runs.status === "error" && runs.error), /without a finish/);
  await render(createElement(Runs, {}));
  await act(async () => runs.run("too early"));
  assert.match(String(runs.status === "error" && runs.error), /not loaded yet/);
});

test("a new run, stop(), a signal and unmounting end a run", async () => {
  const fake = new FakeModel();
  const signals: AbortSignal[] = [];
  const run = fake.run.bind(fake);
  fake.run = (query: string, options: RunOptions = {}) => {
    signals.push(options.signal!);
    return run(query, options);
  };
  fake.held = true;
  await strictly(createElement(Runs, { toolgen: fake }));
  await settle(() => runs.run("Weather in Oslo?"));
  await settle(() => runs.run("What time is it?"));
  assert.deepEqual(
    [runs.status, runs.query, signals.map(({ aborted }) => aborted)],
    ["running", "What time is it?", [true, false]],
  );
  await settle(() => runs.stop());
  assert.deepEqual([runs.status, signals[1]!.aborted], ["idle", true]);
  const stop = new AbortController();
  await settle(() => runs.run("Weather in Oslo?", { signal: stop.signal }));
  await settle(() => stop.abort());
  assert.deepEqual([runs.status, signals[2]!.aborted], ["idle", true]);
  await settle(() => runs.run("Weather in Oslo?", { signal: stop.signal }));
  assert.deepEqual([runs.status, signals.length], ["idle", 3]);
  await settle(() => runs.run("Weather in Oslo?"));
  await unmount();
  assert.equal(signals[3]!.aborted, true);
  runs.run("Weather in Oslo?");
  assert.equal(signals.length, 4, "nothing runs once the component is gone");
});

test("a conversation is run, and what it asked for is answered", async () => {
  const tool = { name: "timer", description: "x", parameters: { type: "object" }, annotations: { readOnlyHint: true } };
  const answers = { "set a timer": { name: "timer", missing: ["minutes"] } };
  const functions = { timer: ({ minutes }: { minutes: number }) => ({ rings: minutes }) };
  const chat = await createFakeToolgen({ tools: [tool], answers, functions }).conversation();
  const settled = () => until(() => runs.status !== "running");
  await render(createElement(Runs, { toolgen: chat }));
  await act(async () => runs.run("set a timer"));
  await settled();
  assert.ok(runs.status === "done" && runs.reason === "asked" && runs.ask);
  await act(async () => runs.answer({ minutes: 20 }));
  await settled();
  assert.ok(runs.status === "done", JSON.stringify(runs));
  assert.deepEqual([runs.query, runs.observation?.result], ["set a timer", { rings: 20 }]);
  await render(createElement(Runs, { toolgen: new FakeModel() }));
  await act(async () => runs.answer({}));
  await settled();
  const refused = runs as ReturnType<typeof useRun>;
  assert.match(refused.status === "error" ? refused.error.message : "", /conversation/);
});

test("an effect of a child may run a question", async () => {
  const Child = () => {
    useEffect(() => runs.run("Weather in Oslo?"), []);
    return null;
  };
  const Parent = ({ toolgen }: { toolgen: FakeModel }) => {
    runs = useRun(toolgen);
    return createElement(Child);
  };
  const fake = new FakeModel();
  await strictly(createElement(Parent, { toolgen: fake }));
  await until(() => runs.status === "done");
});
