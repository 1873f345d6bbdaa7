/** The server of the demo, the benchmark and these tests: what it serves, and what it keeps to itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { lanUrls, locate, rangeOf, root, startSite } from "../../xtask/serve.mjs";

let folder;
let site;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "toolgen-serve-"));
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "secret"), "secret");
  writeFileSync(join(folder, "page/index.html"), "<!doctype html>");
  writeFileSync(join(folder, "page/.hidden"), "secret");
  writeFileSync(join(folder, "page/letters.txt"), "abcdefghij");
  writeFileSync(join(folder, "page/empty.json"), "");
  writeFileSync(join(folder, "page/module.wasm"), "x".repeat(10_000));
  site = await startSite({ folders: { "/": join(folder, "page") }, files: { "/own.js": "export {}" } });
});
after(async () => {
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Asks for a path as it is: `fetch` would tidy it up first. */
function ask(path, { method = "GET", headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(site.url), { path, method, headers }, async (response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    asked.once("error", reject).end();
  });
}

test("paths lead to files", () => {
  const folders = { "/": "page", "/models/": "models" };
  const file = (path) => locate(folders, path);
  assert.equal(file("/"), join(root, "page/index.html"));
  assert.equal(file("/about/"), join(root, "page/about/index.html"));
  assert.equal(file("/models/packs/a.safetensors"), join(root, "models/packs/a.safetensors"));
  assert.equal(file("/models"), join(root, "page/models"));
  assert.equal(file("/a b.txt"), join(root, "page/a b.txt"));
  for (const path of ["/../a", "/models/../../a", "/..\\a", "/c:/a", "/.git/config", "/a\0.txt", "a", ""]) {
    assert.equal(file(path), undefined, path);
  }
});

test("a module is compressed for who takes that, but for a part of it", async () => {
  const headers = { "accept-encoding": "gzip, br" };
  const compressed = await ask("/module.wasm", { headers });
  assert.equal(compressed.headers["content-encoding"], "gzip");
  assert.ok(Number(compressed.headers["content-length"]) < 100);
  const { etag } = compressed.headers;
  assert.equal((await ask("/module.wasm", { headers: { ...headers, "if-none-match": etag } })).status, 304);
  for (const [own, status, length] of [
    [{}, 200, 10_000],
    [{ ...headers, range: "bytes=0-9" }, 206, 10],
  ]) {
    const plain = await ask("/module.wasm", { headers: own });
    assert.deepEqual([plain.status, plain.body.length, plain.headers["content-encoding"]], [status, length, undefined]);
  }
});

test("a server of all addresses tells those of the network", async () => {
  const interfaces = {
    lo: [{ family: "IPv4", internal: true, address: "127.0.0.1" }],
    eth0: [
      { family: "IPv4", internal: false, address: "192.168.1.7" },
      { family: "IPv6", internal: false, address: "fe80::1" },
    ],
  };
  assert.deepEqual(lanUrls("0.0.0.0", "http://localhost:8080/", interfaces), ["http://192.168.1.7:8080/"]);
  assert.deepEqual(lanUrls(undefined, "http://localhost:8080/", interfaces), []);
  const open = await startSite({ host: "0.0.0.0" });
  assert.equal((await fetch(`http://127.0.0.1:${new URL(open.url).port}/blank.html`)).status, 200);
  await open.close();
});

test("no request leads out", async () => {
  const paths = [
    "/../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/a/%2e%2E%2F..%2fsecret",
    "/..\\secret",
    "/%5c..%5csecret",
  ];
  for (const path of [...paths, "/.hidden", "/%2ehidden", "/a%00", "/%zz", "/%ff", "//secret"]) {
    const { status, body } = await ask(path);
    assert.equal(status, 404, path);
    assert.equal(body, "not found\n", path);
  }
});

test("ranges", () => {
  assert.deepEqual(rangeOf("bytes=0-99", 1000), { start: 0, end: 99 });
  assert.deepEqual(rangeOf("bytes=900-", 1000), { start: 900, end: 999 });
  assert.deepEqual(rangeOf("bytes=-1", 1000), { start: 999, end: 999 });
  assert.deepEqual(rangeOf("bytes=-5000", 1000), { start: 0, end: 999 });
  assert.deepEqual(rangeOf("bytes=0-18446744073709551615", 10), { start: 0, end: 9 });
  for (const none of ["bytes=1000-", "bytes=-0"]) assert.equal(rangeOf(none, 1000), null, none);
  assert.equal(rangeOf("bytes=0-", 0), null);
  for (const ignored of [undefined, "bytes=5-2", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,5-6", ""]) {
    assert.equal(rangeOf(ignored, 1000), undefined, ignored);
  }
});

test("a part of a file, if it is still the same file", async () => {
  const { headers } = await ask("/letters.txt", { method: "HEAD" });
  assert.equal(headers["content-length"], "10");
  const part = await ask("/letters.txt", { headers: { range: "bytes=2-4", "if-range": headers.etag } });
  assert.deepEqual([part.status, part.body, part.headers["content-range"]], [206, "cde", "bytes 2-4/10"]);
  const other = await ask("/letters.txt", { headers: { range: "bytes=2-4", "if-range": '"other"' } });
  assert.deepEqual([other.status, other.body], [200, "abcdefghij"]);
  const none = await ask("/letters.txt", { headers: { range: "bytes=10-" } });
  assert.deepEqual([none.status, none.headers["content-range"]], [416, "bytes */10"]);
  const kept = await ask("/letters.txt", { headers: { "if-none-match": headers.etag } });
  assert.deepEqual([kept.status, kept.body], [304, ""]);
});

test("what a browser insists on", async () => {
  const page = await ask("/");
  assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal((await ask("/own.js?v=1")).headers["content-type"], "text/javascript");
  assert.deepEqual((await ask("/empty.json")).status, 200);
  assert.equal((await ask("/", { method: "POST" })).status, 405);
});

test("a page of --dev loads the script that waits for a build", async () => {
  const dev = await startSite({ folders: { "/": join(folder, "page") }, script: "/dev/reload.js" });
  const page = await fetch(dev.url).then((response) => response.text());
  assert.equal(page, '<!doctype html><script src="/dev/reload.js"></script>');
  await dev.close();
});

test("a line on stdin is told to the pages, and its end ends the server", async () => {
  const args = [join(root, "xtask/serve.mjs"), "--dev", "--port", "0"];
  const server = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  const [url] = await once(createInterface(server.stdout), "line");
  assert.match(
    await fetch(`${url}dev/reload.js`).then((response) => response.text()),
    /EventSource\("\/dev\/builds"\)/,
  );
  const builds = await fetch(`${url}dev/builds`);
  server.stdin.write("\n");
  const { value } = await builds.body.getReader().read();
  assert.equal(new TextDecoder().decode(value), "data: built\n\n");
  server.stdin.end();
  assert.deepEqual(await once(server, "exit"), [0, null]);
});
