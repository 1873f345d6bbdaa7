import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { execute, type ExecuteEvent } from "../../pkg/http/execute.ts";
import { startStub } from "../browser/stub.mjs";
import { failure, toolOf } from "./http.ts";

let stub: Awaited<ReturnType<typeof startStub>>;
let other: typeof stub;
before(async () => {
  [stub, other] = await Promise.all([startStub(), startStub()]);
});
after(() => Promise.all([stub.close(), other.close()]));

const JSON_TYPE = { headers: { "content-type": "application/json" } };
const tool: typeof toolOf = (path, ...rest) => toolOf(stub.url + path, ...rest);

test("labels the answer by the tool's pointers", async () => {
  const result = { temperature: "/temperature", second: "/nested/list/1", absent: "/nested/other" };
  const answer = await execute(tool("/json", { query: { q: "{city}", unit: "{unit}" }, result }), {
    city: "Oslo & co",
  });
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

test("a success without a byte is null, whatever its type says", async () => {
  for (const status of [200, 202]) {
    const send = async () => new Response("", { status, headers: { "content-type": "application/json" } });
    const answer = await execute(tool("/x", { method: "DELETE", result: { id: "/id" } }), {}, { fetch: send });
    assert.deepEqual([answer.status, answer.body, answer.missing], [status, null, ["id"]]);
  }
});

test("numbers that JavaScript can't hold, and those that are none, are read without a loss", async () => {
  const read = async (text: string, type = "application/json") => {
    const send = async () => new Response(text, { headers: { "content-type": type } });
    return (await execute(tool("/x"), {}, { fetch: send })).body;
  };
  const body =
    '{"id": 1234567890123456789, "ids": [-9007199254740993,9007199254740991], "text": "1234567890123456789 \\"NaN"}';
  assert.deepEqual(await read(body), {
    id: "1234567890123456789",
    ids: ["-9007199254740993", 9007199254740991],
    text: '1234567890123456789 "NaN',
  });
  assert.deepEqual(await read('{"t": NaN, "u": [-Infinity, 1.2345678901234567890e3]}'), {
    t: null,
    u: [null, 1234.567890123457],
  });
  await failure("not_json", read("[NaN, 12345678901234567x]"));
  const sequence = '\x1e{"a": 1}\n\x1e{"a": 2}\n';
  assert.equal(await read(sequence, "application/json-seq"), sequence);
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
  assert.match(
    (await failure("not_json", execute(tool("/empty"), {}, { fetch: async () => new Response(" ", JSON_TYPE) })))
      .message,
    /blank/,
  );
  const image = await failure("not_json", execute(tool("/image", { result: { temperature: "/temperature" } }), {}));
  assert.match(image.message, /image\/PNG/);
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
  await failure("timeout", execute(tool("/failing-stall"), {}, { timeoutMs: 50 }));
});

test("aborting works before, during and in mid-body", async () => {
  await failure("aborted", execute(tool("/json"), {}, { signal: AbortSignal.abort() }));
  for (const path of ["/slow", "/stall"]) {
    const error = await failure("aborted", execute(tool(path), {}, { signal: AbortSignal.timeout(50) }));
    assert.equal((error.cause as Error).name, "TimeoutError");
    assert.equal(error.retryAfterMs, undefined);
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
  const error = await failure("network_or_cors", execute(toolOf("http://localhost:1/"), {}, { retries: 0 }));
  assert.match(error.message, /http:\/\/localhost:1\b/);
});

test("an image is its bytes", async () => {
  const { body, result } = await execute(tool("/image", { result: { picture: "" } }), {});
  assert.deepEqual(body, {
    kind: "image",
    mimeType: "image/png",
    bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0xff),
  });
  assert.equal(result.picture, body);
});

test("no content is null, and lacks every label", async () => {
  const answer = await execute(tool("/204", { result: { temperature: "/temperature", all: "" } }), {});
  assert.deepEqual(
    [answer.status, answer.body, answer.result, answer.missing],
    [204, null, {}, ["temperature", "all"]],
  );
  const head = await execute(tool("/json", { method: "head", result: { temperature: "/temperature" } }), {});
  assert.deepEqual([head.status, head.body], [200, null]);
});

test("text is read in the charset that the server names", async () => {
  assert.equal((await execute(tool("/latin1"), {})).body, "zwölf");
});

test("an origin that isn't listed gets no request", async () => {
  const before = stub.requests.length;
  const seen: ExecuteEvent[] = [];
  const onEvent = (event: ExecuteEvent) => seen.push(event);
  for (const origins of [[], [other.url], [stub.url.replace("http:", "https:")], ["http://localhost"]]) {
    const error = await failure("origin_not_allowed", execute(tool("/json"), {}, { origins, onEvent }));
    assert.ok(error.message.includes(stub.url), error.message);
  }
  for (const entry of [
    `${stub.url}/json`,
    "*",
    "https://*",
    "localhost",
    "",
    `${stub.url}?x`,
    "http://user@localhost",
  ]) {
    const error = await failure("bad_option", execute(tool("/json"), {}, { origins: [stub.url, entry] }));
    assert.ok(error.message.includes(JSON.stringify(entry)), error.message);
  }
  assert.deepEqual([seen, stub.requests.length], [[], before]);
  assert.equal((await execute(tool("/json"), {}, { origins: [other.url, `${stub.url}/`], onEvent })).status, 200);
  assert.deepEqual(seen, [{ type: "request", request: { method: "GET", url: `${stub.url}/json`, headers: {} } }]);
});

test("credentials are those that the tool names", async () => {
  const given: (string | undefined)[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    given.push(init?.credentials);
    return Response.json({});
  };
  for (const credentials of [undefined, "omit", "same-origin", "include"] as const) {
    await execute(tool("/json", { credentials }), {}, { fetch });
  }
  assert.deepEqual(given, ["omit", "omit", "same-origin", "include"]);
  await failure("bad_tool", execute(tool("/json", { credentials: "yes" as never }), {}, { fetch }));
});

test("a fetch that ignores its signal is given up all the same", async () => {
  const deaf = () => new Promise<Response>(() => {});
  await failure("timeout", execute(tool("/json"), {}, { fetch: deaf, timeoutMs: 20 }));
  const half = async () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  await failure("aborted", execute(tool("/json"), {}, { fetch: half, signal: AbortSignal.timeout(20) }));
});

test("a listener that throws ends the call", async () => {
  const fault = new Error("listener");
  const onEvent = () => {
    throw fault;
  };
  await assert.rejects(execute(tool("/json"), {}, { onEvent }), (error) => error === fault);
});
