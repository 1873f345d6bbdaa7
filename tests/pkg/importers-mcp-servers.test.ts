/** MCP servers as npm has them: over streamable HTTP, and over stdio with a client of the SDK. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

import { combineTools, fromMcpServer, type ImportedTool } from "../../pkg/importers/mcp.ts";
import { createFakeToolgen, type FakeAnswer } from "../../pkg/testing.ts";
import { collect } from "./loaded.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "toolgen-mcp-")));
after(() => rmSync(folder, { recursive: true, force: true }));
const packages = join(import.meta.dirname, "../../node_modules/@modelcontextprotocol");
const scriptOf = (name: string) => join(packages, `server-${name}/dist/index.js`);

/** A server over stdio, by a client that is connected. */
async function overStdio(t: TestContext, name: string, args: string[] = [], env: Record<string, string> = {}) {
  const client = new Client({ name: "test", version: "1" });
  const command = { command: process.execPath, args: [scriptOf(name), ...args], env, stderr: "ignore" as const };
  await client.connect(new StdioClientTransport(command));
  t.after(() => client.close());
  return fromMcpServer(client);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The server of all of MCP's features, over streamable HTTP. */
async function overHttp(t: TestContext) {
  const PORT = String(await freePort());
  const server = spawn(process.execPath, [scriptOf("everything"), "streamableHttp"], {
    env: { PORT },
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => server.kill());
  await new Promise<void>((resolve, reject) => {
    let told = "";
    server.stderr.on("data", (text) => /listening/i.test((told += text)) && resolve());
    server.once("exit", () => reject(new Error(`It ended: ${told}`)));
  });
  return fromMcpServer(`http://localhost:${PORT}/mcp`);
}

/** The run of a question that leads to these calls. */
async function run(tools: readonly ImportedTool[], answer: FakeAnswer) {
  const toolgen = createFakeToolgen({ answers: () => answer });
  const { skipped } = await toolgen.register([...tools]);
  assert.deepEqual(skipped, []);
  const last = (await collect(toolgen.run("?", { approve: () => true, maxSteps: 9 }))).at(-1);
  assert.ok(last?.type === "finish");
  assert.equal(last.reason, "done", String(last.steps.at(-1)?.error));
  return last.steps.map(({ observation }) => observation?.body);
}

test("server-everything over streamable HTTP", { timeout: 60_000 }, async (t) => {
  const everything = await overHttp(t);
  t.after(() => everything.close());
  assert.deepEqual(everything.skipped, []);
  assert.ok(everything.tools.length >= 10, everything.tools.map(({ name }) => name).join());
  const bodies = await run(everything.tools, [
    { name: "echo", arguments: { message: "hello" } },
    { name: "get-sum", arguments: { a: 2, b: 3 } },
    { name: "get-structured-content", arguments: { location: "Chicago" } },
    { name: "get-tiny-image", arguments: {} },
  ]);
  assert.equal(bodies[0], "Echo: hello");
  assert.match(String(bodies[1]), /\b5\b/);
  assert.ok(typeof bodies[2] === "object" && bodies[2] !== null && "temperature" in bodies[2]);
  assert.ok(typeof bodies[3] === "object" && bodies[3] !== null && "images" in bodies[3]);
});

test("server-filesystem over stdio", { timeout: 60_000 }, async (t) => {
  writeFileSync(join(folder, "note.txt"), "buy milk");
  const { tools, skipped } = await overStdio(t, "filesystem", [folder]);
  assert.deepEqual(skipped, []);
  assert.equal(tools.find(({ name }) => name === "list_directory")?.annotations?.readOnlyHint, true);
  const path = join(folder, "note.txt");
  const [list, text] = await run(tools, [
    { name: "list_directory", arguments: { path: folder } },
    { name: "read_text_file", arguments: { path } },
  ]);
  assert.match(JSON.stringify(list), /note\.txt/);
  assert.match(JSON.stringify(text), /buy milk/);
  const outside = tools.find(({ name }) => name === "read_text_file")!;
  await assert.rejects(outside.execute!({ path: "/etc/hostname" }, { signal: new AbortController().signal }) as never, {
    code: "function_failed",
  });
});

test("server-memory over stdio, beside another, under names that are told apart", { timeout: 60_000 }, async (t) => {
  const memory = await overStdio(t, "memory", [], { MEMORY_FILE_PATH: join(folder, "memory.jsonl") });
  const twin = await overStdio(t, "memory", [], { MEMORY_FILE_PATH: join(folder, "twin.jsonl") });
  const tools = combineTools(memory, twin);
  assert.equal(tools.length, memory.tools.length + twin.tools.length);
  assert.equal(new Set(tools.map(({ name }) => name)).size, tools.length);
  const entities = [{ name: "Anna", entityType: "person", observations: ["likes tea"] }];
  const [, found] = await run(memory.tools, [
    { name: "create_entities", arguments: { entities } },
    { name: "search_nodes", arguments: { query: "tea" } },
  ]);
  assert.match(JSON.stringify(found), /Anna/);
});
