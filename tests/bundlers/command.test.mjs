/** The command of the package as npm installs it, with the model's package beside it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT } from "../browser/files.mjs";
import { install, npm, packPackage, packWeights } from "./packages.mjs";

const TOOLS = `import { defineTool } from "toolgen";
export const timer = defineTool({
  name: "set_timer",
  description: "Starts a timer that rings after some minutes.",
  inputSchema: { type: "object", properties: { minutes: { type: "number" } }, required: ["minutes"] },
  execute: ({ minutes }) => setTimeout(() => alert("It rings."), 60_000 * minutes),
});
setInterval(() => {}, 1000);
`;

let folder;

before(() => {
  requireBuilt("pkg/dist/command.js", "pkg/dist/toolgen_bg.wasm");
  folder = mkdtempSync(join(tmpdir(), "toolgen-command-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("npx toolgen pack, with the tools' module and the model that are installed", () => {
  const tarball = packPackage(folder);
  const model = packWeights(folder, { checkpoint: TINY_CHECKPOINT, adapter: TINY_ADAPTER });
  const project = join(folder, "app");
  mkdirSync(join(project, "src"), { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
  writeFileSync(join(project, "src/tools.js"), TOOLS);
  install(project, tarball, model);
  const pack = () => npm(["toolgen", "pack", "src/tools.js", "--out", "public/tools.safetensors"], project, "npx");
  assert.match(pack(), /^public\/tools\.safetensors: 1 tool, \d+ kB; 1 row computed, 0 kept from before\.$/m);
  assert.match(readFileSync(join(project, "public/tools.safetensors"), "latin1"), /set_timer/);
  assert.match(pack(), /is up to date: .* 0 rows computed/);
});
