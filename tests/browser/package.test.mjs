/** The package as it would be published: what is in it, and its reference. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { before, test } from "node:test";

import { reference } from "../../pkg/scripts/reference.mjs";
import { requireBuilt } from "./files.mjs";
import { root } from "../../xtask/serve.mjs";

const dist = join(root, "pkg/dist");
const manifest = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));

before(() => requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm"));

/** A script and all that it imports, by paths from dist. */
function closure(script, seen = new Set()) {
  seen.add(script);
  const text = readFileSync(join(dist, script), "utf8");
  for (const [, path] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
    const next = relative(dist, join(dirname(join(dist, script)), path));
    if (!seen.has(next)) closure(next, seen);
  }
  return seen;
}

test("every export is in the package, with its types, and nothing else than it needs", () => {
  const [{ files }] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json"], {
      cwd: join(root, "pkg"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const paths = files.map(({ path }) => path);
  for (const entry of Object.values(manifest.exports)) {
    for (const file of typeof entry === "string" ? [entry] : Object.values(entry))
      assert.ok(paths.includes(file.slice(2)), file);
  }
  for (const file of Object.values(manifest.bin)) assert.ok(paths.includes(file.slice(2)), file);
  for (const file of ["README.md", "llms.txt", "dist/LICENSE-MIT", "dist/LICENSE-APACHE", "dist/worker.js.map"])
    assert.ok(paths.includes(file), file);
  assert.deepEqual(
    paths.filter((path) => !/^(dist\/|README\.md$|llms\.txt$|package\.json$)/.test(path)),
    [],
  );
});

test("no eval, and no worker from text", () => {
  for (const script of [...closure("index.js"), "worker.js"]) {
    const text = readFileSync(join(dist, script), "utf8");
    assert.doesNotMatch(text, /\beval\(|new Function\(|createObjectURL/, script);
  }
});

test("importing runs nothing that a server lacks", () => {
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    entry.default && !/mcp|react/.test(entry.default) ? [entry.default] : [],
  );
  const code = `${entries.map((entry) => `await import(${JSON.stringify(join(root, "pkg", entry))})`).join(";")};console.log(Object.keys(globalThis).length)`;
  const bare = execFileSync(
    process.execPath,
    ["--input-type=module", "-e", "console.log(Object.keys(globalThis).length)"],
    { encoding: "utf8" },
  );
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }), bare);
});

test("the reference is that of these types", () => {
  const page = join(root, "docs/api.md");
  assert.ok(
    existsSync(page) && readFileSync(page, "utf8") === reference(),
    "docs/api.md is out of date: node pkg/scripts/reference.mjs",
  );
});
