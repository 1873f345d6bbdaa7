/** `npx toolgen pack`, with a module that is faked. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { main } from "../../pkg/command/main.ts";
import { Terminal } from "../../pkg/command/terminal.ts";
import { cut } from "../../pkg/scripts/shard.mjs";
import type { WasmModule } from "../../pkg/worker/wasm.ts";
import * as fake from "./fake-wasm.ts";

const modules = { strict: new URL("file:///toolgen_bg.wasm") };
const home = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "toolgen-command-"));
  process.chdir(folder);
  writeFileSync("model.gguf", "GGUF and weights");
  fake.log.rows.length = 0;
  fake.log.taught.length = 0;
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** What the command says, and its exit status. */
async function toolgen(line: string, { isTTY = false } = {}) {
  const said = { out: "", err: "" };
  const stream = (name: keyof typeof said) => ({ isTTY, write: (text: string) => (said[name] += text) });
  const terminal = new Terminal(stream("out"), stream("err"));
  const status = await main(line.split(" "), { module: fake as unknown as WasmModule, modules, terminal });
  return { status, ...said };
}

const pack = (files: string, options = "--model model.gguf") =>
  toolgen(`pack ${files} --out site/tools.pack ${options}`);
const packed = () => JSON.parse(readFileSync("site/tools.pack", "utf8")).tools;
const namesOf = (tools: { name: string }[]) => tools.map(({ name }) => name);

const parameters = { type: "object", properties: { a: { type: "string" } } };
const json = (file: string, value: unknown) => writeFileSync(file, JSON.stringify(value));

test("tools of every kind of file become one pack", async () => {
  json("own.json", [{ name: "own", description: "A tool of ours", inputSchema: parameters }]);
  const openai = { type: "function", function: { name: "chat", description: "One of OpenAI's", parameters } };
  json("request.json", { model: "gpt", tools: [openai] });
  const line = JSON.stringify({
    name: "line",
    description: "One of a pack",
    parameters,
    annotations: { readOnlyHint: true },
  });
  writeFileSync("tools.jsonl", `${line}\n\n`);
  const document = {
    openapi: "3.1.0",
    tools: [
      { name: "pets", description: "Lists pets", parameters, http: { method: "GET", url: "https://api.example/pets" } },
    ],
  };
  json("petstore.json", document);
  writeFileSync(
    "tools.mjs",
    `export const flip = { name: "flip", description: "Flips a coin", inputSchema: { type: "object" },
       execute: () => "heads", examples: ["heads or tails?"] };
     export const tools = [flip, { name: "held", description: "Not held", inputSchema: { type: "object", not: {} } }];
     export default tools;
     export const VERSION = 2;`,
  );
  const { status, out, err } = await pack("own.json request.json tools.jsonl petstore.json tools.mjs");
  assert.equal(status, 0, err);
  assert.deepEqual(namesOf(packed()), ["own", "chat", "line", "pets", "flip"]);
  assert.deepEqual(packed()[2].annotations, { readOnlyHint: true });
  assert.deepEqual(packed()[3].http, document.tools[0]!.http);
  assert.deepEqual(fake.log.taught, [{ tool: "flip", state: "heads or tails?".length }]);
  assert.match(out, /^site\/tools\.pack: 5 tools, 1 kB; 5 rows computed, 0 kept from before\.\n$/);
  assert.match(err, /^petstore\.json: \$\.paths\.\/x\.get is left out: no server\.$/m);
  assert.match(err, /^held is left out: parameters: has the keyword not\.$/m);
  assert.match(err, /^own and line may be confused|^chat and line may be confused \(95 % alike\)/m);
  assert.deepEqual(readdirSync("site"), ["tools.pack"]);
});

test("what is unchanged is neither computed nor written again", async () => {
  const tool = (name: string, description: string) => ({ name, description, inputSchema: parameters });
  json("tools.json", [tool("a", "first"), tool("b", "second")]);
  await pack("tools.json");
  const { mtimeMs } = statSync("site/tools.pack");
  const { out } = await pack("tools.json");
  assert.match(out, /^site\/tools\.pack is up to date: 2 tools, 1 kB; 0 rows computed, 2 kept from before\.$/m);
  assert.equal(statSync("site/tools.pack").mtimeMs, mtimeMs);
  assert.deepEqual(fake.log.rows, ["a", "b"]);
  json("tools.json", [tool("a", "first"), tool("b", "another")]);
  assert.match((await pack("tools.json")).out, /^site\/tools\.pack: 2 tools, 1 kB; 1 row computed, 1 kept/m);
  assert.deepEqual(fake.log.rows, ["a", "b", "b"]);
  assert.equal(packed()[1].description, "another");
});

test("what is wrong with files of tools is told with its place, and nothing is written", async () => {
  const good = { name: "a", description: "A tool", inputSchema: parameters };
  json("good.json", [good]);
  json("other.json", good);
  writeFileSync("broken.json", "[{]");
  writeFileSync("lines.jsonl", `${JSON.stringify(good)}\n{"name"`);
  json("nothing.json", { hello: 1 });
  json("deep.json", [{ ...good, inputSchema: { type: "object", properties: { a: 7 } } }]);
  json("chat.json", { tools: [{ type: "function", function: { name: "a b", description: "A tool" } }] });
  json("held.json", [{ ...good, inputSchema: { type: "object", not: {} } }]);
  json("swagger.json", { swagger: "2.0" });
  writeFileSync("api.yaml", "openapi: 3.1.0");
  writeFileSync("page.mjs", "document.title");
  writeFileSync("empty.mjs", "export const version = 1;");
  for (const [files, told] of [
    ["none.json", /^none\.json can't be read: ENOENT/],
    ["broken.json", /^broken\.json is no JSON: .*position 2/],
    ["lines.jsonl", /^lines\.jsonl, line 2 is no JSON/],
    ["nothing.json", /^nothing\.json is neither a list of tools nor an OpenAPI document/],
    ["deep.json", /^deep\.json: The tool "a" can't be imported: \/inputSchema\/properties\/a must be a JSON Schema/],
    ["chat.json", /^chat\.json: The tool "a b" can't be imported: \/0\/function\/name must be/],
    ["held.json", /^a is left out: .*\nNo tool is left, so site\/tools\.pack is not written\.$/m],
    ["swagger.json", /^swagger\.json: OpenAPI document: \$ has neither/],
    ["api.yaml", /^api\.yaml is YAML\. Write it as JSON first: npx js-yaml api\.yaml > api\.json\.$/m],
    ["page.mjs", /^page\.mjs can't be imported by Node\.js: document is not defined\.$/m],
    ["empty.mjs", /^empty\.mjs exports no definitions of tools\.$/m],
    ["good.json other.json", /^other\.json: good\.json has a tool a, too\. Rename one of them\.$/m],
  ] as const) {
    const { status, out, err } = await pack(files);
    assert.match(err.replace(/^Reading the model.*\n/, ""), told);
    assert.deepEqual([status, out], [1, ""], files);
  }
  assert.ok(!readdirSync(".").includes("site"));
});

test("a model is a package, its folder, or a file with its adapter; a damaged one is refused", async () => {
  json("tools.json", [{ name: "a", description: "A tool", inputSchema: parameters }]);
  const missing = await pack("tools.json", "--model my-model");
  assert.deepEqual([missing.status, /There is no model my-model here\. Install it/.test(missing.err)], [1, true]);
  writeFileSync("adapter.safetensors", "adapter shipped");
  await mkdir("node_modules");
  const [file, adapter, installed] = ["model.gguf", "adapter.safetensors", "node_modules/my-model"];
  const { shards } = cut({ file, adapter, folder: installed, shardBytes: 10 });
  json(`${installed}/package.json`, { name: "my-model", exports: { "./manifest.json": "./manifest.json" } });
  fake.log.adapters.length = 0;
  for (const options of ["--model my-model", `--model ${installed}`, `--model ${file} --adapter ${adapter}`])
    assert.equal((await pack("tools.json", options)).status, 0);
  assert.deepEqual(fake.log.adapters, Array(3).fill(["shipped", 0]));
  assert.equal(packed().length, 1);
  writeFileSync(`${installed}/${shards[1]!.file}`, "weighty");
  const damaged = await pack("tools.json", "--model my-model");
  assert.match(damaged.err, /001-.*\.bin is not what its manifest says\. Install the model again\.$/m);
  assert.equal(damaged.status, 1);
});

test("arguments that can't be meant are named, and help is at hand", async () => {
  for (const [line, told] of [
    ["bake tools.json", /^There is no command bake, only pack\. `npx toolgen --help`/],
    ["pack", /^Name files of tools after `pack`\./],
    ["pack tools.json", /^Name the pack's file with --out/],
    ["pack tools.json --out a --fixed tenant", /^--fixed is NAME=VALUE, not tenant\./],
    ["pack tools.json --out a --base-url api.example", /^--base-url is a server's URL, .* not api\.example\./],
    ["pack tools.json --output a", /^Unknown option '--output'\. `npx/],
  ] as const) {
    const { status, err } = await toolgen(line);
    assert.match(err, told);
    assert.equal(status, 2, line);
  }
  const { status, out } = await toolgen("pack --help");
  assert.deepEqual([status, /^npx toolgen pack TOOLS… --out FILE\n/.test(out)], [0, true]);
});

test("a terminal shows how many tools are done and what time is left", async () => {
  json(
    "tools.json",
    ["a", "b", "c"].map((name) => ({ name, description: name, inputSchema: parameters })),
  );
  fake.log.millisecondsPerStep = 5;
  const { err } = await toolgen("pack tools.json --out a --model model.gguf", { isTTY: true });
  fake.log.millisecondsPerStep = 0;
  const shown = err.split("\r\x1b[K").filter(Boolean);
  assert.deepEqual(shown, [
    "Reading the model model.gguf…",
    "1 of 3 tools, 1 s left",
    "2 of 3 tools, 1 s left",
    "3 of 3 tools",
  ]);
  assert.ok(err.endsWith("\r\x1b[K"), "nothing of it stays");
});
