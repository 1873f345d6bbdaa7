/** The package's types and its package.json, as strangers' checks see them. Needs npm's registry. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { root } from "../../xtask/serve.mjs";
import { install, packPackage } from "./packages.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const { exports } = JSON.parse(read("pkg/package.json"));
const { devDependencies: own } = JSON.parse(read("package.json"));
const entries = Object.entries(exports);
const typed = entries.flatMap(([path, { types }]) => (types ? [path.slice(1)] : []));
/** Scripts of workers and modules: nobody imports them. */
const untyped = entries.flatMap(([path, { types }]) => (types ? [] : [path.slice(2)]));
const pinned = (...names) => names.map((name) => `${name}@${own[name]}`);
/** The oldest TypeScript that the README promises. */
const [, promised] = /\*\*TypeScript\*\* \| (\d+\.\d+) or later/.exec(read("pkg/README.md"));
const OLDEST = `typescript-oldest@npm:typescript@~${promised}.0`;

let folder;
let tarball;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "toolgen-types-"));
  tarball = packPackage(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const peers = pinned("typescript", "ai", "@types/react", "@types/node", "@modelcontextprotocol/sdk", "zod");
  install(folder, tarball, ...peers, OLDEST, "publint@0.3.25", "@arethetypeswrong/cli@0.18.5");
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

const run = (name, ...args) =>
  spawnSync(join(folder, "node_modules/.bin", name), args, { cwd: folder, encoding: "utf8" });

test("publint finds nothing", () => {
  const { status, stdout, stderr } = run("publint", tarball, "--strict");
  assert.equal(status, 0, stdout + stderr);
});

test("the types of every entry resolve", () => {
  const { status, stdout, stderr } = run("attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", ...untyped);
  assert.equal(status, 0, stdout + stderr);
});

test("the pages that the README names are in the package", () => {
  const own = join(folder, "node_modules/toolgen");
  const pages = readFileSync(join(own, "README.md"), "utf8").match(/dist\/docs\/\w+\.md/g);
  assert.ok(pages.length >= 4);
  for (const page of pages) assert.ok(existsSync(join(own, page)), page);
});

for (const [name, compiler, resolution, module] of [
  ["bundler", "typescript", "bundler", "esnext"],
  ["nodenext", "typescript", "nodenext", "nodenext"],
  [`TypeScript ${promised}`, "typescript-oldest", "bundler", "esnext"],
])
  test(`all types compile strictly, and are looked into (${name})`, () => {
    const lines = typed.map((path, i) => `export * as entry${i} from "toolgen${path}";\n`);
    writeFileSync(join(folder, "all.ts"), lines.join(""));
    const options = [
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      "--module",
      module,
      "--moduleResolution",
      resolution,
    ];
    const libraries = ["--lib", "es2024,dom,dom.iterable,dom.asynciterable", "--types", "node"];
    const tsc = join(folder, "node_modules", compiler, "bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...libraries, "all.ts"], {
      cwd: folder,
      encoding: "utf8",
    });
    const ours = stdout.split("\n").filter((line) => /^(all\.ts|node_modules\/toolgen\/)/.test(line));
    assert.deepEqual(ours, []);
  });
