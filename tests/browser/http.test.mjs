/** Carrying out calls with the browser's own fetch, which alone knows CORS. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { requireBuilt } from "./files.mjs";
import { startSite } from "../../xtask/serve.mjs";
import { startStub } from "./stub.mjs";

let site;
let stub;
let browser;
let page;

before(async () => {
  requireBuilt("pkg/dist/index.js");
  [site, stub, browser] = await Promise.all([startSite(), startStub(), launch()]);
  page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
});
after(async () => {
  await browser?.close();
  await site?.close();
  await stub?.close();
});

/** Executes a tool at this path of the stub, in the page; an error comes back as data. */
function execute(path, { result = {}, query = {}, options = {}, abortAfter } = {}) {
  const tool = {
    name: "stubbed",
    description: "",
    parameters: {},
    http: { method: "GET", url: stub.url + path, result, query },
  };
  return page.evaluate(
    async ({ tool, options, abortAfter }) => {
      const { execute } = await import("/pkg/http.js");
      const signal = abortAfter === undefined ? undefined : AbortSignal.timeout(abortAfter);
      return execute(tool, {}, { ...options, signal }).catch(({ name, code, message, status }) => ({
        name,
        code,
        message,
        status,
      }));
    },
    { tool, options, abortAfter },
  );
}

test("an answer from another origin that allows it", async () => {
  const { status, result } = await execute("/json", { result: { temperature: "/temperature" } });
  assert.equal(status, 200);
  assert.deepEqual(result, { temperature: 21 });
  const { headers } = stub.requests.at(-1);
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined);
});

const failures = {
  "an API without CORS": ["/no-cors", {}, "network_or_cors"],
  "an API that is slow": ["/slow", { options: { timeoutMs: 200 } }, "timeout"],
  "an API that stops in the middle": ["/stall", { options: { timeoutMs: 200 } }, "timeout"],
  "an abort in the middle": ["/stall", { abortAfter: 200 }, "aborted"],
  "HTML in place of JSON": ["/html", { result: { temperature: "/temperature" } }, "not_json"],
  "HTTP 500": ["/500", {}, "http_status"],
  "an endless answer": ["/huge", {}, "too_large"],
  "an answer without the value": ["/json", { result: { wind: "/wind" } }, "bad_pointer"],
};
for (const [name, [path, options, code]] of Object.entries(failures)) {
  test(`${name} is named`, async () => {
    const error = await execute(path, options);
    assert.equal(error.name, "ToolgenError");
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /http:\/\/localhost:\d+/);
  });
}

test("a redirect to another origin is refused", async () => {
  const other = await startStub();
  const error = await execute("/elsewhere", { query: { to: `${other.url}/json` } });
  await other.close();
  assert.equal(error.code, "redirected");
});

test("importing the package runs nothing", async () => {
  const fresh = await browser.newPage();
  await fresh.goto(`${site.url}blank.html`);
  const before = site.requested.length;
  await fresh.evaluate(() => import("/pkg/index.js"));
  // What the entries share lies in chunks; neither the worker nor the module is asked for.
  const [entry, ...chunks] = site.requested.slice(before);
  assert.equal(entry, "/pkg/index.js");
  assert.deepEqual(
    chunks.filter((path) => !/^\/pkg\/chunks\/\w+\.js$/.test(path)),
    [],
  );
  await fresh.close();
});
