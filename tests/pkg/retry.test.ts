import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Client } from "../../pkg/client.ts";
import type { Tool } from "../../pkg/core/types.ts";
import { execute, type ExecuteEvent, type ExecuteOptions } from "../../pkg/http/execute.ts";
import { retryAfterMs } from "../../pkg/http/retry-after.ts";
import { run, type RunEvent } from "../../pkg/run.ts";
import { sleep } from "../../pkg/util/signals.ts";
import { startStub } from "../browser/stub.mjs";
import { failure, toolOf } from "./http.ts";

let stub: Awaited<ReturnType<typeof startStub>>;
before(async () => {
  stub = await startStub();
});
after(() => stub.close());

const NOW = Date.parse("2024-05-01T12:00:00Z");
const tool: typeof toolOf = (path, ...rest) => toolOf(stub.url + path, ...rest);

/** Options whose clock goes on only by sleeping, and the events that they saw. */
function watched(options: ExecuteOptions = {}) {
  let time = NOW;
  const events: ExecuteEvent[] = [];
  const slept: number[] = [];
  const all: ExecuteOptions = {
    clock: () => time,
    random: () => 0.5,
    sleep: async (ms) => void (slept.push(ms), (time += ms)),
    onEvent: (event) => events.push(event),
    ...options,
  };
  const retries = () => events.flatMap((event) => (event.type === "retry" ? [event] : []));
  return { all, events, retries, slept };
}

let number = 0;
/** A path that no test has asked for yet. */
const fresh = (path: string) => `${path}&n=${++number}`;
const sent = (path: string) => stub.requests.filter(({ url }: { url: string }) => url === path).length;

test("429 and then success", async () => {
  const { all, events, slept } = watched();
  const path = fresh("/flaky?status=429&times=1");
  const answer = await execute(tool(path, { result: { t: "/temperature" } }), {}, all);
  assert.deepEqual(answer.result, { t: 21 });
  assert.deepEqual(events, [
    { type: "request", request: { method: "GET", url: stub.url + path, headers: {} } },
    { type: "retry", attempt: 1, waitMs: 250, reason: `${stub.url} responded with HTTP status 429.` },
  ]);
  assert.deepEqual([slept, sent(path)], [[250], 2]);
});

test("the wait doubles up to a limit, and jitter takes any part of it", async () => {
  const steady = watched({ retries: 7, random: () => 1 - 2 ** -53, timeoutMs: 60_000 });
  const path = fresh("/flaky?status=502");
  assert.equal((await failure("http_status", execute(tool(path), {}, steady.all))).status, 502);
  assert.deepEqual(steady.slept, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.deepEqual(
    steady.retries().map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.equal(sent(path), 8);
  const lucky = watched({ random: () => 0 });
  await failure("http_status", execute(tool(fresh("/flaky?status=504")), {}, lucky.all));
  assert.deepEqual(lucky.slept, [0, 0]);
});

test("other statuses, and answers that are wrong in themselves, are final", async () => {
  const { all, slept } = watched();
  for (const status of [400, 401, 403, 404, 408, 500, 501, 505]) {
    const path = fresh(`/flaky?status=${status}`);
    assert.equal((await failure("http_status", execute(tool(path), {}, all))).status, status);
    assert.equal(sent(path), 1);
  }
  await failure("not_json", execute(tool("/broken-json"), {}, all));
  await failure("too_large", execute(tool("/huge"), {}, all));
  assert.deepEqual(slept, []);
});

test("Retry-After is kept to, in seconds and as a date", async () => {
  const seconds = watched();
  await execute(tool(fresh("/flaky?status=503&times=1&after=3")), {}, seconds.all);
  assert.deepEqual(seconds.slept, [3000]);
  assert.match(seconds.retries()[0]!.reason, /503 and asks to wait 3 s/);

  const date = watched();
  const after = encodeURIComponent("Wed, 01 May 2024 12:00:07 GMT");
  await execute(tool(fresh(`/flaky?status=503&times=1&after=${after}`)), {}, date.all);
  assert.deepEqual(date.slept, [7000]);

  const nonsense = watched();
  await execute(tool(fresh("/flaky?status=503&times=1&after=soon")), {}, nonsense.all);
  assert.deepEqual(nonsense.slept, [250]);
});

test("a wait that doesn't fit in the time left fails at once, with the status", async () => {
  const { all, slept } = watched();
  for (const after of ["10", "3600", "9".repeat(400), encodeURIComponent("Wed, 01 May 2024 13:00:00 GMT")]) {
    const path = fresh(`/flaky?status=429&after=${after}`);
    const error = await failure("http_status", execute(tool(path), {}, all));
    assert.deepEqual([error.status, sent(path)], [429, 1]);
    assert.ok(error.retryAfterMs! >= 10_000);
  }
  // No matter how much time there is, a server that asks for more than a minute isn't waited for.
  const patient = watched({ timeoutMs: Infinity });
  await failure("http_status", execute(tool(fresh("/flaky?status=429&after=61")), {}, patient.all));
  assert.deepEqual([slept, patient.slept], [[], []]);
  // The second wait counts from what the first has left.
  const twice = watched();
  await failure("http_status", execute(tool(fresh("/flaky?status=429&after=6")), {}, twice.all));
  assert.deepEqual(twice.slept, [6000]);
});

test("a dropped connection, before the answer and in the middle of it", async () => {
  for (const kind of ["/drop?times=2", "/cut?times=2"]) {
    const { all, retries } = watched();
    const path = fresh(kind);
    const answer = await execute(tool(path, { result: { t: "/temperature" } }), {}, all);
    assert.deepEqual([answer.result, sent(path)], [{ t: 21 }, 3]);
    assert.deepEqual(
      retries().map(({ waitMs }) => waitMs),
      [250, 500],
    );
    assert.match(retries()[0]!.reason, kind.startsWith("/drop") ? /^No response from http/ : /was cut off/);
  }
  const { all } = watched({ retries: 1 });
  const path = fresh("/drop?times=9");
  await failure("network_or_cors", execute(tool(path), {}, all));
  assert.equal(sent(path), 2);
});

test("a request that may change something is sent once, unless the tool says that repeating is harmless", async () => {
  const check = async (expected: number, method: string, annotations?: Tool["annotations"]) => {
    for (const kind of ["/flaky?status=503", "/drop?times=9"]) {
      const path = fresh(kind);
      await assert.rejects(execute(tool(path, { method }, annotations), {}, watched().all));
      assert.equal(sent(path), expected, `${method} ${kind} ${JSON.stringify(annotations)}`);
    }
  };
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    await check(1, method);
    await check(1, method, { readOnlyHint: true });
    await check(3, method, { idempotentHint: true });
  }
  await check(3, "HEAD");
  await check(3, "GET", { readOnlyHint: true });
  await check(1, "GET", { readOnlyHint: false });
  await check(3, "GET", { readOnlyHint: false, idempotentHint: true });
});

test("retries: 0 sends once", async () => {
  const path = fresh("/flaky?status=503");
  await failure("http_status", execute(tool(path), {}, watched({ retries: 0 }).all));
  assert.equal(sent(path), 1);
});

test("an abort and the time limit end a wait, also one that doesn't listen", async () => {
  for (const asleep of [sleep, () => new Promise<void>(() => {})]) {
    const path = fresh("/flaky?status=503&after=5");
    const abort = new AbortController();
    const onEvent = ({ type }: ExecuteEvent) => type === "retry" && abort.abort(new Error("enough"));
    const error = await failure("aborted", execute(tool(path), {}, { sleep: asleep, signal: abort.signal, onEvent }));
    assert.equal((error.cause as Error).message, "enough");
    await failure(
      "timeout",
      execute(
        tool(fresh("/flaky?status=503&after=0")),
        {},
        { sleep: () => new Promise<void>(() => {}), timeoutMs: 200 },
      ),
    );
    assert.equal(sent(path), 1);
  }
});

test("Retry-After as RFC 9110 has it", () => {
  const cases: [string | null, number | undefined][] = [
    [null, undefined],
    ["", undefined],
    ["0", 0],
    [" 120 ", 120_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["Wed, 01 May 2024 12:00:01 GMT", 1000],
    ["Wed, 01 May 2024 11:00:00 GMT", 0],
    ["Wed, 99 May 2024 12:00:01 GMT", undefined],
    ["2024-05-01T12:00:01Z", undefined],
    ["May 5", undefined],
  ];
  for (const [header, expected] of cases) assert.equal(retryAfterMs(header, NOW), expected, String(header));
});

/** A client whose model calls the tool with these arguments. */
function calling(name: string, args = {}): Client {
  async function* converse() {
    const call = { name, arguments: args };
    yield { type: "call", call };
    yield { type: "execute", call };
    yield { type: "end", reason: "max_steps", calls: [{ call, outcome: "observed" }] };
  }
  return { converse } as unknown as Client;
}

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const { signal: ended } = new AbortController();
const registered = (tools: Tool[]) => ({ tools: () => tools, functions: {}, ended });

test("run tells of retries as they come, and of origins that aren't allowed", async () => {
  const path = fresh("/flaky?status=429&times=1");
  const tools = [tool(path, { result: { t: "/temperature" } }, { readOnlyHint: true })];
  const events = await collect(run(calling("stubbed"), registered(tools), "", watched().all));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["call", "request", "retry", "observation", "answer", "finish"],
  );
  assert.ok(events[2]?.type === "retry" && events[2].waitMs === 250);

  const refused = await collect(run(calling("stubbed"), registered(tools), "", { origins: ["https://api.example"] }));
  assert.deepEqual(
    refused.map(({ type }) => type),
    ["call", "error", "finish"],
  );
  assert.ok(refused[1]?.type === "error" && refused[1].error.code === "origin_not_allowed");
});

test("leaving run's loop at a retry leaves nothing behind", async () => {
  const path = fresh("/flaky?status=503&after=5");
  const abort = new AbortController();
  for await (const event of run(calling("stubbed"), registered([tool(path, {}, { readOnlyHint: true })]), "", {
    signal: abort.signal,
  })) {
    if (event.type === "retry") break;
  }
  abort.abort();
  assert.equal(sent(path), 1);
});
