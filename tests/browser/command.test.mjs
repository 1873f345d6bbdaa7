/** The built command in Node.js on the tiny checkpoint, and its pack in Chromium. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./browser.mjs";
import { requireBuilt, TINY_CHECKPOINT } from "./files.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

let folder;
let site;
let browser;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/command.js", "pkg/dist/toolgen_bg.wasm");
  folder = mkdtempSync(join(tmpdir(), "toolgen-pack-"));
  site = await startSite({ folders: { "/tests/": "tests/browser", "/packs/": join(folder, "packs") } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

function argumentsOf(tools, out) {
  const [command, model] = ["pkg/dist/command.js", TINY_CHECKPOINT].map((file) => join(root, file));
  return [command, "pack", join(root, tools), "--out", out, "--model", model];
}

function pack(tools, out) {
  const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
  return execFileSync(process.execPath, argumentsOf(tools, out), options);
}

test("the module that a page has its tools from makes their pack, and the page computes no row", async () => {
  const said = pack("tests/browser/definitions.mjs", "packs/tools.safetensors");
  assert.match(said, /^packs\/tools\.safetensors: 3 tools, \d+ kB; 3 rows computed, 0 kept from before\.$/m);
  const page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  const seen = await page.evaluate(async (checkpoint) => {
    const { load } = await import("/pkg/index.js");
    const { definitions } = await import("/tests/definitions.mjs");
    const registered = async (pack) => {
      const toolgen = await load({ checkpoint, pack });
      const loaded = toolgen.tools.map(({ name }) => name);
      const reports = [];
      const { added } = await toolgen.register(definitions, { onProgress: (progress) => reports.push(progress) });
      const calls = [];
      const call = { name: "lights", arguments: { room: "hall", on: true } };
      for await (const event of toolgen.carryOut(call)) if (event.type === "observation") calls.push(event.observation);
      const bytes = await toolgen.exportPack();
      toolgen.dispose();
      return { loaded, added, last: reports.at(-1), calls, bytes: Array.from(bytes) };
    };
    // Without the pack last: its rows are stored.
    return [await registered("/packs/tools.safetensors"), await registered()];
  }, `/${TINY_CHECKPOINT}`);
  await page.close();
  const [packed, computed] = seen;
  const names = ["lights", "book_table", "play_song"];
  assert.deepEqual([packed.loaded, packed.added, computed.loaded], [names, names, []]);
  assert.deepEqual(packed.last, { done: 4, total: 4, cached: 3 });
  assert.equal(computed.last.cached, 0);
  assert.deepEqual(packed.calls[0].result, { room: "hall", done: true });
  assert.ok(readFileSync(join(folder, "packs/tools.safetensors")).equals(Buffer.from(computed.bytes)), "a page's pack");
});

test("the same again is computed by nobody, with the same bytes", () => {
  const first = readFileSync(join(folder, "packs/tools.safetensors"));
  assert.match(pack("tests/browser/definitions.mjs", "packs/tools.safetensors"), /is up to date: .* 0 rows computed/);
  pack("tests/browser/definitions.mjs", "packs/again.safetensors");
  assert.ok(readFileSync(join(folder, "packs/again.safetensors")).equals(first));
});

test("an interrupted command leaves no half file", async () => {
  const command = spawn(process.execPath, argumentsOf("models/catalogue/tools.jsonl", "packs/half.safetensors"), {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  command.stderr.once("data", () => command.kill("SIGINT"));
  const status = await new Promise((resolve) => command.once("exit", resolve));
  assert.equal(status, 130);
  assert.deepEqual(
    readdirSync(join(folder, "packs")).filter((file) => file.startsWith("half")),
    [],
  );
});
