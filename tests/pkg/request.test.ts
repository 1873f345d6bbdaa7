import assert from "node:assert/strict";
import { test } from "node:test";

import type { Arguments, HttpDescription } from "../../pkg/core/types.ts";
import { valueAt } from "../../pkg/http/pointer.ts";
import { buildRequest } from "../../pkg/http/request.ts";

function build(http: Partial<HttpDescription>, args: Arguments = {}) {
  return buildRequest(
    { name: "t", description: "", parameters: {}, http: { method: "GET", url: "https://api.example/", ...http } },
    args,
  );
}

test("path arguments are encoded", () => {
  assert.equal(
    build({ url: "https://api.example/{a}/x-{b}.json" }, { a: "Ålesund / 5?", b: 7 }).url,
    "https://api.example/%C3%85lesund%20%2F%205%3F/x-7.json",
  );
});

const HOSTILE = [
  "../secret",
  "a/../../b",
  "..%2f",
  "%2e%2e",
  "%2E%2E%2F",
  ".%2e",
  "%252e",
  "...",
  "..;/x",
  "\\..\\",
  "..\\..",
  "?q=1",
  "#x",
  "a?b#c&d=e",
  "//evil.example",
  "https://evil.example/",
  "@evil.example",
  ":8080",
  "a\n/b",
  "..\t",
  "\r\nHost: evil.example",
  "\0",
  "a\0/../b",
  " ",
  "\ufeff",
  "\u202e",
  "＠／．．",
  "{a}",
  "{name}",
  "$&",
  "%",
  "%zz",
  "+",
  ";",
  "'",
  "x".repeat(20_000),
];

test("a path argument can't leave its segment", () => {
  const url = "https://api.example/v1/{name}/end";
  for (const name of HOSTILE) {
    const built = new URL(build({ url }, { name }).url);
    assert.equal(built.origin, "https://api.example");
    assert.match(built.pathname, /^\/v1\/[^/]+\/end$/, name);
    assert.equal(built.search + built.hash, "");
    assert.equal(decodeURIComponent(built.pathname.split("/")[2]!), name);
  }
  for (const name of [".", "..", "", null, undefined]) {
    assert.throws(() => build({ url }, { name }), { code: "bad_argument" }, String(name));
  }
  // Two arguments, or an argument and the template, can make a dot segment together.
  assert.throws(() => build({ url: "https://api.example/{a}{b}" }, { a: ".", b: "." }), { code: "bad_argument" });
  assert.throws(() => build({ url: "https://api.example/.{a}" }, { a: "." }), { code: "bad_argument" });
  assert.throws(() => build({ url: "https://api.example/%2e{a}" }, { a: "." }), { code: "bad_argument" });
  assert.throws(() => build({ url }, { name: "\ud800" }), { code: "bad_argument" });
  assert.throws(() => build({ url: "https://api.example/{constructor}" }), { code: "bad_argument" });
});

test("an argument in the query stays one value of one parameter", () => {
  for (const value of HOSTILE) {
    for (const http of [
      { query: { q: "{value}", z: 1 } },
      { url: "https://api.example/x?q={value}&z=1" },
      { query: { q: "<{value}>", z: 1 } },
    ]) {
      const built = new URL(build(http, { value }).url);
      const [[name, got], ...others] = [...built.searchParams] as [[string, string], ...[string, string][]];
      assert.deepEqual(
        [built.origin, name, got.replace(/^<(.*)>$/s, "$1"), others, built.hash],
        ["https://api.example", "q", value, [["z", "1"]], ""],
      );
    }
  }
});

test("half a surrogate pair is refused wherever it would be changed on the way", () => {
  for (const value of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
    for (const http of [
      { url: "https://api.example/{value}" },
      { query: { q: "{value}" } },
      { url: "https://api.example/?q={value}" },
      { method: "POST", headers: { "content-type": "text/plain" }, body: "text {value}" },
    ]) {
      assert.throws(() => build(http, { value }), { code: "bad_argument", message: /surrogate/ });
    }
  }
  assert.equal(build({ method: "POST", body: { a: "{value}" } }, { value: "\ud800" }).body, '{"a":"\\ud800"}');
  assert.equal(build({ url: "https://api.example/{value}" }, { value: "😀" }).url, "https://api.example/%F0%9F%98%80");
});

test("a URL that no server would take is refused", () => {
  for (const http of [{ url: "https://api.example/{value}" }, { query: { q: "{value}" } }]) {
    assert.throws(() => build(http, { value: "x".repeat(70_000) }), {
      code: "bad_argument",
      message: /longer than 65536/,
    });
  }
});

test("an argument can't begin another header", () => {
  for (const value of ["a\r\nx-evil: 1", "a\nb", "\0", "€", "\ud800", "\u007f"]) {
    assert.throws(() => build({ headers: { "x-own": "{value}" } }, { value }), {
      code: "bad_argument",
      message: /x-own/,
    });
  }
  assert.deepEqual(build({ headers: { "x-own": "<{value}>" } }, { value: "a\tbé" }).headers, { "x-own": "<a\tbé>" });
  for (const name of ["", "x y", "x:", "x\n", "ö"])
    assert.throws(() => build({ headers: { [name]: "1" } }), { code: "bad_tool" }, name);
});

test("tools whose request could not be sent, or not as it is written, are refused", () => {
  for (const method of ["", "GET /", "TRACE", "connect", "G\nT", undefined, 1]) {
    assert.throws(() => build({ method: method as never }), { code: "bad_tool", message: /method/ }, String(method));
  }
  for (const method of ["get", "HEAD"])
    assert.throws(() => build({ method, body: { a: 1 } }), { code: "bad_tool", message: /body/ });
  assert.equal(build({ method: "delete" }).method, "DELETE");
  // A URL parser takes the backslash for a slash, and the tab for nothing: ".." would go up.
  for (const path of ["v1\\{a}", "v1/{a}\\x", "v1/.\t{b}", "v1/{a}\n"]) {
    assert.throws(
      () => build({ url: `https://api.example/${path}` }, { a: "..", b: "." }),
      { code: "bad_tool", message: /backslash or a control/ },
      path,
    );
  }
});

test("only https, or http on this machine, and no placeholder in the origin", () => {
  for (const url of [
    "http://api.example/",
    "ftp://api.example/",
    "javascript:alert(1)",
    "/relative",
    "https://{host}/",
    "https://user@api.example/",
    "https://api.example\\@evil.example/",
    "http://localhost.evil.example/",
  ]) {
    assert.throws(() => build({ url }, { host: "evil.example" }), { code: "bad_tool" }, url);
  }
  assert.equal(build({ url: "http://localhost:8080/x" }).url, "http://localhost:8080/x");
  assert.equal(build({ url: "http://127.0.0.1/x" }).url, "http://127.0.0.1/x");
});

test("a query entry is dropped when its argument is absent", () => {
  const query = { q: "{city}", area: "{lat},{lon}", limit: 5, list: "{list}" };
  assert.equal(
    build({ query }, { city: "a&b=c", lat: 1, list: ["x", "y"] }).url,
    "https://api.example/?q=a%26b%3Dc&limit=5&list=x%2Cy",
  );
  assert.equal(build({ query }, { lat: 59.9, lon: 10.7 }).url, "https://api.example/?area=59.9%2C10.7&limit=5");
  assert.equal(
    build({ url: "https://api.example/?format=json", query: { q: "{q}" } }, { q: 0 }).url,
    "https://api.example/?format=json&q=0",
  );
});

test("a body keeps the types of its arguments", () => {
  const body = { city: "{city}", text: "in {city}", days: "{days}", extra: "{extra}", deep: [{ n: "{days}" }] };
  const request = build({ method: "post", body }, { city: "Oslo", days: 3 });
  assert.equal(request.method, "POST");
  assert.deepEqual(JSON.parse(request.body!), { city: "Oslo", text: "in Oslo", days: 3, deep: [{ n: 3 }] });
  assert.equal(request.headers["content-type"], "application/json");
  assert.deepEqual(build({ method: "post", body: "{text}" }), {
    method: "POST",
    url: "https://api.example/",
    headers: {},
  });
});

test("a text as a body is JSON, unless another type is named", () => {
  const http = { method: "PUT", body: "{body}" };
  const sent = (headers?: Record<string, string>) => build({ ...http, headers }, { body: "true" });
  assert.deepEqual([sent().body, sent().headers["content-type"]], ['"true"', "application/json"]);
  assert.equal(sent({ "Content-Type": "application/vnd.api+json" }).body, '"true"');
  assert.equal(sent({ "content-type": "text/plain" }).body, "true");
  assert.equal(sent({ "content-type": "application/json-seq" }).body, "true");
});

test("whole numbers go into URLs digit by digit", () => {
  const url = (id: unknown) => build({ url: "https://api.example/{id}" }, { id }).url;
  assert.equal(url(1e21), "https://api.example/1000000000000000000000");
  assert.equal(url("1234567890123456789"), "https://api.example/1234567890123456789");
  assert.equal(url(-0.5), "https://api.example/-0.5");
});

test("definitions, as importers give them, have requests, too", () => {
  const inputSchema = { type: "object", properties: { days: { type: "integer", default: 3 } } };
  const http = { method: "GET", url: "https://api.example/{days}" };
  assert.equal(buildRequest({ name: "t", description: "", inputSchema, http }, {}).url, "https://api.example/3");
});

test("a tool without http has no request", () => {
  assert.throws(() => buildRequest({ name: "t", description: "", parameters: {} }, {}), {
    code: "no_executor",
    message: /t has neither/,
  });
});

test("JSON Pointer as RFC 6901 has it", () => {
  const document = { foo: ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9, nothing: null };
  assert.equal(valueAt(document, ""), document);
  assert.equal(valueAt(document, "/foo/0"), "bar");
  assert.equal(valueAt(document, "/"), 0);
  assert.equal(valueAt(document, "/a~1b"), 1);
  assert.equal(valueAt(document, "/m~0n"), 8);
  assert.equal(valueAt(document, "/~01"), 9);
  assert.equal(valueAt(document, "/nothing"), null);
  for (const pointer of ["/foo/2", "/foo/-", "/foo/00", "/foo/length", "/toString", "/foo/0/0", "/nothing/x"]) {
    assert.equal(valueAt(document, pointer), undefined, pointer);
  }
  assert.throws(() => valueAt(document, "foo"), SyntaxError);
});

test("a default of the schema stands in for an argument that the call leaves out", () => {
  const parameters = {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", default: 3 } },
  };
  const http = { method: "GET", url: "https://api.example/{city}", query: { n: "{days}" } };
  const tool = { name: "t", description: "", parameters, http };
  assert.equal(buildRequest(tool, { city: "Oslo" }).url, "https://api.example/Oslo?n=3");
  assert.equal(buildRequest(tool, { city: "Oslo", days: 5 }).url, "https://api.example/Oslo?n=5");
});

test("lists of a query repeat its name, or have a mark between the items", () => {
  const queryOf = (template: string, ids: unknown) => new URL(build({ query: { ids: template } }, { ids }).url).search;
  for (const [template, ids, search] of [
    ["{ids}", [4, 7], "?ids=4%2C7"],
    ["{ids*}", [4, 7], "?ids=4&ids=7"],
    ["{ids*}", 4, "?ids=4"],
    ["{ids*}", [], ""],
    ["{ids|}", ["a", "b"], "?ids=a%7Cb"],
    ["{ids }", ["a", "b"], "?ids=a+b"],
    ["{ids\t}", ["a", "b"], "?ids=a%09b"],
    ["{ids*}", undefined, ""],
  ] as const)
    assert.equal(queryOf(template, ids), search, template);
});

test("a content type of forms makes the body a form", () => {
  const body = { name: "{name}", tags: "{tags}", age: "{age}" };
  const args = { name: 'A & "B"', tags: ["x", "y"] };
  const encoded = build(
    { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body },
    args,
  );
  assert.equal(encoded.body, "name=A+%26+%22B%22&tags=x&tags=y");
  const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
  const listed = (tags: string) => build({ ...form, body: { tags } }, args).body;
  assert.deepEqual(["{tags*}", "{tags,}", "{tags|}", "{tags\t}"].map(listed), [
    "tags=x&tags=y",
    "tags=x%2Cy",
    "tags=x%7Cy",
    "tags=x%09y",
  ]);
  const whole = { form: { name: "{name}", tags: ["x", "y"] } };
  const { body: filled } = build({ ...form, body: "{form}" }, whole);
  assert.equal(filled, "name=%7Bname%7D&tags=x&tags=y", "an argument is no template");
  const { headers, body: text } = build(
    { method: "POST", headers: { "content-type": "multipart/form-data" }, body: { ...body, 'q"': "1" } },
    args,
  );
  const [, boundary] = /^multipart\/form-data; boundary=(.+)$/.exec(headers["content-type"]!)!;
  const part = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const parts = [part("name", 'A & "B"'), part("tags", "x"), part("tags", "y"), part("q%22", "1")];
  assert.equal(text, `${parts.join("")}--${boundary}--\r\n`);
  assert.throws(
    () => build({ method: "POST", headers: { "content-type": "multipart/form-data" }, body }, { name: "\ud800" }),
    {
      code: "bad_argument",
    },
  );
});
