/** `dispose()` ends whatever a run waits for in the page: a person, a function, a server. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { afterEach, test } from "node:test";

import type { RunEvent, RunOptions, Tool, Toolgen } from "../../pkg/index.ts";
import { closeAll, collect, toolgenOf } from "./loaded.ts";

afterEach(closeAll);

const DISPOSED = { name: "ToolgenError", code: "disposed" };
const described = { parameters: { type: "object" } as const, annotations: { readOnlyHint: true } };
const tools: Tool[] = [
  { ...described, name: "read", description: "Reads" },
  { ...described, name: "write", description: "Writes", annotations: {} },
  { ...described, name: "ask_server", description: "Asks", http: { method: "GET", url: "https://api.example/" } },
];
const answers = {
  "read it": { name: "read", arguments: {} },
  "write it": { name: "write", arguments: {} },
  "read or write": { name: "read", arguments: {}, sure: false },
  "ask the server": { name: "ask_server", arguments: {} },
};

/** Work without an end, and a promise of the signal that it was given. */
function endless(): { started: Promise<AbortSignal | undefined>; work(signal?: AbortSignal | null): Promise<never> } {
  let start: (signal?: AbortSignal) => void;
  const started = new Promise<AbortSignal | undefined>((resolve) => (start = resolve));
  const work = (signal?: AbortSignal | null) => (start(signal ?? undefined), new Promise<never>(() => {}));
  return { started, work };
}

/** Starts a run, disposes of the model once the work has begun, and gives the signal that the work had. */
async function disposedDuring(
  start: (toolgen: Toolgen, options: RunOptions, work: () => Promise<never>) => AsyncIterable<RunEvent>,
): Promise<AbortSignal | undefined> {
  const { started, work } = endless();
  const functions = { read: (_: unknown, { signal }: { signal: AbortSignal }) => work(signal), write: () => "written" };
  const toolgen = await toolgenOf({ tools, answers }, functions);
  const fetch: typeof globalThis.fetch = (_, init) => work(init?.signal);
  const run = assert.rejects(collect(start(toolgen, { fetch, timeoutMs: 60_000 }, work)), DISPOSED);
  const signal = await started;
  toolgen.dispose();
  await run;
  return signal;
}

test("while approve() is waited for", async () => {
  await disposedDuring((toolgen, options, work) => toolgen.run("write it", { ...options, approve: () => work() }));
});

test("while choose() is waited for", async () => {
  await disposedDuring((toolgen, options, work) => toolgen.run("read or write", { ...options, choose: () => work() }));
});

test("while a function or a request is under way, and its signal is aborted with the same error", async () => {
  for (const query of ["read it", "ask the server"]) {
    const signal = await disposedDuring((toolgen, options) => toolgen.run(query, options));
    assert.equal(signal?.aborted, true, query);
  }
  const signal = await disposedDuring((toolgen) => toolgen.run("read it"));
  assert.equal(signal?.reason.code, "disposed");
});

test("while a single call is carried out, or a conversation's", async () => {
  const call = { name: "read", arguments: {} };
  const signal = await disposedDuring((toolgen) => toolgen.carryOut(call));
  assert.equal(signal?.reason.code, "disposed");
  await disposedDuring(async function* (toolgen, options) {
    yield* (await toolgen.conversation()).run("read it", options);
  });
});

test("nothing is carried out after it", async () => {
  let written = 0;
  const toolgen = await toolgenOf({ tools, answers }, { write: () => written++ });
  const run = toolgen.run("write it", { approve: () => (toolgen.dispose(), true) });
  await assert.rejects(collect(run), DISPOSED);
  await assert.rejects(collect(toolgen.carryOut({ name: "write", arguments: {} }, { approve: () => true })), DISPOSED);
  assert.equal(written, 0);
});

test("runs that have ended leave no listener on the caller's signal", async () => {
  const { signal } = new AbortController();
  const toolgen = await toolgenOf({ tools, answers }, { read: () => "read", write: () => "written" });
  await collect(toolgen.run("read it", { signal }));
  await collect(toolgen.carryOut({ name: "read", arguments: {} }, { signal }));
  for await (const _ of toolgen.run("write it", { signal, approve: () => true })) break;
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
