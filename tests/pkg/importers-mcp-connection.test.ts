import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { fromMcpServer, type McpOptions, type McpServer } from "../../pkg/importers/mcp.ts";
import { call, failure } from "./imported.ts";
import { startMcpServer, type TestServer } from "./mcp-server.ts";

const EMPTY = { type: "object", properties: {} };
const named = (name: string, fields: object = {}) => ({
  name,
  description: `Does ${name}`,
  inputSchema: EMPTY,
  ...fields,
});

let stub: TestServer;
let opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  stub = await startMcpServer();
});
afterEach(async () => {
  await Promise.all(opened.map((server) => server.close()));
  opened = [];
  await stub.close();
});

async function open(options?: McpOptions, url: Parameters<typeof fromMcpServer>[0] = stub.url): Promise<McpServer> {
  const server = await fromMcpServer(url, options);
  opened.push(server);
  return server;
}

test("what the server refuses is told", async () => {
  stub.tools = [named("tool")];
  const { tools } = await open();
  assert.match((await failure("mcp", call(tools, "tool"))).message, /refused tools\/call.*there is no tool tool/);
});

test("an aborted call rejects at once, and the server is told", async () => {
  const stop = new AbortController();
  const cancelled = new Promise<void>((resolve) => {
    stub.tools = [named("slow"), named("fast")];
    stub.calls.slow = (_, signal) => {
      signal.addEventListener("abort", () => resolve());
      stop.abort(new Error("enough"));
      return new Promise(() => {});
    };
  });
  stub.calls.fast = () => ({ content: [{ type: "text", text: "here" }] });
  const { tools } = await open();
  const error = await failure("aborted", call(tools, "slow", {}, stop.signal));
  assert.equal((error.cause as Error).message, "enough");
  await cancelled;
  assert.equal(await call(tools, "fast"), "here");
  await failure("aborted", call(tools, "fast", {}, AbortSignal.abort()));
});

test("a call, a list and a connection that take too long time out", async () => {
  stub.tools = [named("slow")];
  stub.calls.slow = () => new Promise(() => {});
  const { tools } = await open({ timeoutMs: 300 });
  assert.match((await failure("timeout", call(tools, "slow"))).message, /slow of stub.*300 ms/);
  stub.list = () => new Promise(() => {});
  await failure("timeout", fromMcpServer(stub.url, { timeoutMs: 100 }));
  await silent(async (url) => {
    await failure("timeout", fromMcpServer(url, { timeoutMs: 100 }));
    await failure("aborted", fromMcpServer(url, { signal: AbortSignal.timeout(50) }));
    await failure("aborted", fromMcpServer(url, { signal: AbortSignal.abort() }));
  });
});

/** A server that takes requests and never answers. */
async function silent(use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("a server that dies during a call ends the call, long before its time is up", async () => {
  stub.tools = [named("fatal"), named("waiting")];
  stub.calls.waiting = () => new Promise(() => {});
  stub.calls.fatal = () => {
    // The answer's stream must be open, so that it is this that breaks.
    setTimeout(() => stub.die(), 50);
    return new Promise(() => {});
  };
  const { tools } = await open({ timeoutMs: 3_600_000 });
  const waiting = failure("network_or_cors", call(tools, "waiting"));
  assert.match((await failure("network_or_cors", call(tools, "fatal"))).message, /stub/);
  await waiting;
  await failure("network_or_cors", call(tools, "waiting"));
});

test("a server that forgot the session gets a new one, once for all calls; the list's changes are still told", async () => {
  stub.tools = [named("tool")];
  stub.calls.tool = () => ({ content: [{ type: "text", text: "here" }] });
  let told = 0;
  const { tools } = await open({ onListChanged: () => (told += 1) });
  const begun = () => stub.requests.filter(({ body }) => body?.method === "initialize").length;
  for (const count of [2, 3]) {
    stub.forget();
    assert.deepEqual(await Promise.all([call(tools, "tool"), call(tools, "tool")]), ["here", "here"]);
    assert.deepEqual([begun(), stub.sessions()], [count, 1]);
  }
  const streams = () => stub.requests.filter(({ method }) => method === "GET").length;
  while (streams() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  await stub.notifyListChanged();
  while (told === 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a server that forgets every session is asked no third time", async () => {
  stub.tools = [named("tool")];
  let answers = 0;
  const send: typeof fetch = async (input, init) => {
    if (!String(init?.body).includes("tools/call")) return fetch(input, init);
    answers += 1;
    return new Response(null, { status: 404 });
  };
  const { tools } = await open({ fetch: send });
  assert.equal((await failure("http_status", call(tools, "tool"))).status, 404);
  assert.equal(answers, 2);
});

test("a session that CORS hides is guessed at", async () => {
  const send: typeof fetch = async (input, init) => {
    const { body, status, headers: all } = await fetch(input, init);
    const headers = [...all].filter(([name]) => name !== "mcp-session-id");
    return new Response(status === 202 ? null : body, { status, headers });
  };
  const hidden: typeof fetch = (input, init) =>
    String(init?.body).includes("tools/list") ? Promise.resolve(new Response("", { status: 400 })) : send(input, init);
  const { message, status } = await failure("http_status", fromMcpServer(stub.url, { fetch: hidden }));
  assert.deepEqual([status, /Mcp-Session-Id \(CORS\)/.test(message)], [400, true], message);
});

test("no server, and one that wants to know who asks, have errors of their own", async () => {
  await failure("network_or_cors", fromMcpServer("http://127.0.0.1:1/mcp"));
  const server = createServer((_, response) => void response.writeHead(401).end("who are you?"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const error = await failure("http_status", fromMcpServer(url));
  assert.equal(error.status, 401);
  assert.match(error.message, /authorization/);
  server.close();
  server.closeAllConnections();
});

test("a page in place of MCP is named", async () => {
  const server = createServer(
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello</p>"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  assert.match(
    (await failure("mcp", fromMcpServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))).message,
    /text\/html/,
  );
  server.close();
  server.closeAllConnections();
});

test("URLs are https, or on this machine", async () => {
  for (const url of ["http://example.com/mcp", "ftp://localhost/", "mcp"])
    await failure("bad_argument", fromMcpServer(url));
});

test("headers go along with every request, cookies don't", async () => {
  stub.tools = [named("tool")];
  const modes: unknown[] = [];
  const send: typeof fetch = (input, init) => {
    modes.push(init?.credentials);
    return fetch(input, init);
  };
  await open({ headers: { authorization: "Bearer abc" }, fetch: send });
  assert.ok(stub.requests.length >= 3);
  for (const { headers } of stub.requests) assert.equal(headers.authorization, "Bearer abc");
  assert.ok(modes.length >= 3 && modes.every((mode) => mode === "omit"));
});

test("a changed list is read again and handed on", async () => {
  stub.tools = [named("one")];
  let told = (_: unknown[]) => {};
  const next = () => new Promise<unknown[]>((resolve) => (told = resolve));
  const server = await open({
    onListChanged: (error, tools) => told([error?.code ?? null, tools?.map((tool) => tool.name) ?? null]),
  });
  // The stream for notifications is opened after the handshake.
  while (!stub.requests.some(({ method }) => method === "GET")) await new Promise((resolve) => setTimeout(resolve, 5));
  let change = next();
  stub.tools = [named("one"), named("two")];
  await stub.notifyListChanged();
  assert.deepEqual(await change, [null, ["one", "two"]]);
  assert.deepEqual(
    server.tools.map((tool) => tool.name),
    ["one", "two"],
  );

  change = next();
  stub.list = () => ({});
  await stub.notifyListChanged();
  assert.deepEqual(await change, ["mcp", null]);
  assert.deepEqual(
    server.tools.map((tool) => tool.name),
    ["one", "two"],
  );
});

test("closing while the list is read again tells nothing", async () => {
  const server = await open({ onListChanged: () => assert.fail("the server is closed") });
  while (!stub.requests.some(({ method }) => method === "GET")) await new Promise((resolve) => setTimeout(resolve, 5));
  const listing = new Promise<void>((resolve) => {
    stub.list = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  await stub.notifyListChanged();
  await listing;
  await server.close();
  await new Promise((resolve) => setTimeout(resolve));
});

test("closing ends the session and rejects what is pending", async () => {
  stub.tools = [named("slow")];
  const called = new Promise<void>((resolve) => {
    stub.calls.slow = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const server = await open();
  const pending = failure("disposed", call(server.tools, "slow"));
  await called;
  assert.equal(stub.sessions(), 1);
  await Promise.all([server.close(), server.close()]);
  await pending;
  assert.equal(stub.sessions(), 0);
  await failure("disposed", call(server.tools, "slow"));
});

test("a client of one's own is used, and left connected", async () => {
  stub.tools = [named("tool")];
  stub.calls.tool = () => ({ content: [{ type: "text", text: "here" }] });
  const client = new Client({ name: "own", version: "1" });
  await failure("bad_argument", fromMcpServer(client));
  await client.connect(new StreamableHTTPClientTransport(new URL(stub.url)));
  const errors: Error[] = [];
  const onerror = (error: Error) => void errors.push(error);
  client.onerror = onerror;
  const server = await open({}, client);
  assert.equal(await call(server.tools, "tool"), "here");
  await server.close();
  assert.equal(client.onerror, onerror);
  await client.ping();
  await client.close();
});
