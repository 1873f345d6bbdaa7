import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { execute } from "../../pkg/execute.ts";
import { ToolgenError } from "../../pkg/errors.ts";
import type { HttpDescription, Tool } from "../../pkg/types.ts";
import { startStub } from "../browser/stub.mjs";

let stub: Awaited<ReturnType<typeof startStub>>;
let other: typeof stub;
before(async () => {
  [stub, other] = await Promise.all([startStub(), startStub()]);
});
after(() => Promise.all([stub.close(), other.close()]));

function tool(path: string, http: Partial<HttpDescription> = {}): Tool {
  return { name: "stubbed", description: "", parameters: {}, http: { method: "GET", url: stub.url + path, ...http } };
}

/** What the promise rejects with, which must be a ToolgenError of this code. */
async function failure(code: string, promise: Promise<unknown>): Promise<ToolgenError> {
  const error = await promise.then(() => assert.fail(`expected ${code}`), (error) => error);
  assert.ok(error instanceof ToolgenError, String(error));
  assert.equal(error.code, code);
  return error;
}

test("labels the answer by the tool's pointers", async () => {
  const result = { temperature: "/temperature", second: "/nested/list/1", absent: "/nested/other" };
  const answer = await execute(tool("/json", { query: { q: "{city}", unit: "{unit}" }, result }), { city: "Oslo & co" });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.result, { temperature: 21, second: "b" });
  assert.deepEqual(answer.missing, ["absent"]);
  assert.deepEqual((answer.body as any).query, { q: "Oslo & co" });
});

test("sends no cookie and no referrer", async () => {
  await execute(tool("/json"), {});
  const { headers } = stub.requests.at(-1)!;
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined);
});

test("text stays text, and the whole of it can be the result", async () => {
  const answer = await execute(tool("/text", { result: { text: "" } }), {});
  assert.equal(answer.result.text, "zwölf\n  Boxkämpfer");
});

test("an HTTP failure has its status and the first part of the body", async () => {
  const broken = await failure("http_status", execute(tool("/500"), {}));
  assert.equal(broken.status, 500);
  assert.equal(broken.body, '{"error":"out of order"}');
  assert.match(broken.message, /localhost.*500/);
  assert.equal((await failure("http_status", execute(tool("/404"), {}))).body, "no such city");
});

test("HTML in place of JSON is named", async () => {
  const error = await failure("not_json", execute(tool("/html", { result: { temperature: "/temperature" } }), {}));
  assert.match(error.message, /HTML/);
  await failure("not_json", execute(tool("/broken-json"), {}));
});

test("a pointer that leads nowhere is named, and the body is kept", async () => {
  const error = await failure("bad_pointer", execute(tool("/json", { result: { wind: "/wind/speed" } }), {}));
  assert.match(error.message, /\/wind\/speed/);
  assert.equal((error.body as any).temperature, 21);
  await failure("bad_pointer", execute(tool("/json", { result: { wind: "wind" } }), {}));
});

test("a server that is silent, or stops in the middle, times out", async () => {
  await failure("timeout", execute(tool("/slow"), {}, { timeoutMs: 50 }));
  await failure("timeout", execute(tool("/stall"), {}, { timeoutMs: 50 }));
});

test("aborting works before, during and in mid-body", async () => {
  await failure("aborted", execute(tool("/json"), {}, { signal: AbortSignal.abort() }));
  for (const path of ["/slow", "/stall"]) {
    const error = await failure("aborted", execute(tool(path), {}, { signal: AbortSignal.timeout(50) }));
    assert.equal((error.cause as Error).name, "TimeoutError");
  }
});

test("an endless body is cut off", async () => {
  await failure("too_large", execute(tool("/huge"), {}));
  await failure("too_large", execute(tool("/json"), {}, { maxBytes: 10 }));
});

test("a redirect may not leave the origin", async () => {
  const moved = await execute(tool("/moved"), {});
  assert.equal(moved.url, `${stub.url}/json`);
  const error = await failure("redirected", execute(tool("/elsewhere", { query: { to: `${other.url}/json` } }), {}));
  assert.ok(error.message.includes(other.url));
});

test("no connection: the origin is named", async () => {
  const error = await failure("network_or_cors", execute(tool("", { url: "http://localhost:1/" }), {}));
  assert.match(error.message, /http:\/\/localhost:1\b/);
});
