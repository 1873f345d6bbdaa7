import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";

import { execute, type ExecuteEvent } from "../../pkg/http/execute.ts";
import { summarise } from "../../pkg/observation/summarise.ts";
import { startStub } from "../browser/stub.mjs";
import { failure, toolOf } from "./http.ts";

let stub: Awaited<ReturnType<typeof startStub>>;
let other: typeof stub;
before(async () => {
  [stub, other] = await Promise.all([startStub(), startStub()]);
});
after(() => Promise.all([stub.close(), other.close()]));

const tool: typeof toolOf = (path, ...rest) => toolOf(stub.url + path, ...rest);
const KEY = 'k3y/with "quotes" & more';
const headers = () => ({ "X-API-Key": KEY, authorization: "Bearer t0ken.t0ken" });

/** Whatever can be seen of a value must not hold a secret, as it is or encoded. */
function assertHidden(value: unknown): void {
  const text = inspect(value, { depth: Infinity, maxStringLength: Infinity, showHidden: true });
  for (const secret of ["k3y", "t0ken"]) assert.ok(!text.includes(secret), text);
}

test("the developer's headers are sent, after the tool's own, and can't be seen in events or answers", async () => {
  const events: ExecuteEvent[] = [];
  const asked: unknown[] = [];
  const options = {
    headers: async (...given: unknown[]) => (asked.push(given), headers()),
    onEvent: (event: ExecuteEvent) => void events.push(event),
  };
  const echo = tool("/echo", {
    headers: { "x-api-key": "{key}", accept: "text/plain" },
    result: { headers: "/headers", all: "" },
  });
  const answer = await execute(echo, { key: "from the model" }, options);
  const sent = stub.requests.at(-1)!.headers;
  assert.deepEqual([sent["x-api-key"], sent.authorization, sent.accept], [KEY, "Bearer t0ken.t0ken", "text/plain"]);
  assert.deepEqual(asked, [
    [
      echo,
      { method: "GET", url: `${stub.url}/echo`, headers: { "x-api-key": "from the model", accept: "text/plain" } },
    ],
  ]);
  assert.equal((answer.body as any).headers["x-api-key"], "[redacted]");
  assert.equal((answer.body as any)["[redacted]"], 1);
  assertHidden([events, answer, summarise(answer)]);
});

test("nor in text, in errors, in what a failing server repeats", async () => {
  assertHidden(await execute(tool("/echo?type=text/plain"), {}, { headers }));
  const status = await failure("http_status", execute(tool("/echo?status=400"), {}, { headers }));
  assert.match(String(status.body), /\[redacted\]/);
  assertHidden(status);
  assertHidden(await failure("bad_pointer", execute(tool("/echo", { result: { x: "/x" } }), {}, { headers })));
  assertHidden(await failure("network_or_cors", execute(tool("/drop?times=9"), {}, { headers, retries: 0 })));
  const fetch = async () => new Response(`<p>${KEY}`);
  assertHidden(await failure("not_json", execute(tool("/", { result: { x: "/x" } }), {}, { headers, fetch })));
});

test("a number that is a secret is redacted as well, and a __proto__ stays a name", async () => {
  const fetch = async () =>
    new Response('{"id":12345678,"n":1,"__proto__":{"id":"12345678"}}', {
      headers: { "content-type": "application/json" },
    });
  const { body } = await execute(
    tool("/"),
    {},
    { headers: () => ({ "x-api-key": "12345678", "x-version": "1" }), fetch },
  );
  assert.equal(JSON.stringify(body), '{"id":"[redacted]","n":1,"__proto__":{"id":"[redacted]"}}');
});

test("a deep answer with a secret in it is no problem", async () => {
  const text = `${"[".repeat(100_000)}"t0ken.t0ken"${"]".repeat(100_000)}`;
  const fetch = async () => new Response(text, { headers: { "content-type": "application/json" } });
  let { body } = await execute(tool("/"), {}, { headers, fetch });
  while (Array.isArray(body)) body = body[0];
  assert.equal(body, "[redacted]");
});

test("headers that can't be sent, and a function that fails, are named without their values", async () => {
  const before = stub.requests.length;
  for (const bad of [[["x-api-key", "k3y\nx: y"]], [["x k3y", "1"]], [["x-api-key", "k3y€"]]] as [string, string][][]) {
    assertHidden(await failure("bad_option", execute(tool("/json"), {}, { headers: () => bad })));
  }
  const fail = () => assert.fail("no key");
  const error = await failure("function_failed", execute(tool("/json"), {}, { headers: fail }));
  assert.equal((error.cause as Error).message, "no key");
  await failure("timeout", execute(tool("/json"), {}, { headers: () => new Promise(() => {}), timeoutMs: 20 }));
  assert.equal(stub.requests.length, before);
});

test("secrets don't follow a redirect to another origin, whatever its status", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ["GET", "POST"]) {
      const query = { to: `${other.url}/echo`, status };
      const error = await failure("redirected", execute(tool("/elsewhere", { method, query }), {}, { headers }));
      assert.ok(error.message.includes(other.url));
      assertHidden(error);
    }
  }
  assert.deepEqual(other.requests, []);
  // Where the target repeats the secret, the error doesn't.
  const query = { to: `${other.url}/?key=${encodeURIComponent(KEY)}` };
  assertHidden(await failure("redirected", execute(tool("/elsewhere", { query }), {}, { headers })));
});

test("within the origin they do, and a POST becomes a GET as fetch would have it", async () => {
  const moved = await execute(tool("/elsewhere", { query: { to: "/echo" } }), {}, { headers });
  assert.equal(moved.url, `${stub.url}/echo`);
  assert.equal(stub.requests.at(-1)!.headers["x-api-key"], KEY);
  for (const [status, method] of [
    [302, "GET"],
    [303, "GET"],
    [307, "POST"],
  ] as const) {
    const http = { method: "POST", query: { to: "/echo", status }, body: { a: 1 } };
    const { body } = await execute(tool("/elsewhere", http), {}, { headers });
    assert.equal((body as any).method, method);
    assert.equal((body as any).headers["content-type"], method === "POST" ? "application/json" : undefined);
  }
  const round = await failure(
    "redirected",
    execute(tool("/elsewhere?to=%2Felsewhere"), {}, { headers, fetch: looping }),
  );
  assert.match(round.message, /more than 5/);
});

async function looping(): Promise<Response> {
  return new Response(null, { status: 302, headers: { location: `${stub.url}/again` } });
}

test("a redirect that a browser hides is refused when there is something to hide", async () => {
  const hidden = async (_: unknown, init?: RequestInit) => {
    if (init?.redirect !== "manual") return Response.json({});
    return Object.defineProperties(Response.error(), { type: { value: "opaqueredirect" }, status: { value: 0 } });
  };
  const error = await failure("redirected", execute(tool("/moved"), {}, { headers, fetch: hidden as typeof fetch }));
  assert.match(error.message, /that the browser hides/);
  assert.equal(
    (await execute(tool("/moved"), {}, { headers: () => ({ "accept-language": "no" }), fetch: hidden as typeof fetch }))
      .status,
    200,
  );
});
