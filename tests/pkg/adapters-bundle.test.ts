import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";

import { bundlePage } from "../../pkg/scripts/bundle.mjs";
import manifest from "../../pkg/package.json" with { type: "json" };

const { metafile, outputFiles } = await bundlePage({ write: false });
const outputs = Object.entries(metafile!.outputs);

/** The sources of an entry point, its chunks' included, and the packages that it imports. */
function contents(entry: string): { sources: string[]; packages: string[] } {
  const [path] = outputs.find(([, { entryPoint }]) => entryPoint === entry)!;
  const files = new Set([path]);
  const packages: string[] = [];
  for (const file of files) {
    for (const { path, external } of metafile!.outputs[file]!.imports) {
      if (external) packages.push(path);
      else files.add(path);
    }
  }
  return { sources: [...files].flatMap((file) => Object.keys(metafile!.outputs[file]!.inputs)), packages };
}

test("nothing of the adapters is in the main bundle, and nothing of it in theirs", () => {
  const { sources, packages } = contents("index.ts");
  assert.deepEqual(
    sources.filter((source) => source.startsWith("adapters/")),
    [],
  );
  assert.deepEqual(packages, []);
  const utilities = ["is-record", "kind-of", "options", "signals"].map((name) => `util/${name}.ts`);
  const chat = ["core/errors.ts", "turns.ts", ...utilities];
  const shared = {
    "openai": chat,
    "ai-sdk": chat,
    react: ["core/errors.ts", "util/signals.ts"],
  };
  for (const [entry, expected] of Object.entries(shared)) {
    const { sources, packages } = contents(`adapters/${entry}.ts`);
    assert.deepEqual(sources.filter((source) => !source.startsWith("adapters/")).sort(), expected, entry);
    assert.deepEqual(packages, entry === "react" ? ["react"] : [], entry);
  }
});

test("there is one error class, so instanceof holds everywhere", () => {
  assert.equal(outputs.filter(([, { inputs }]) => "core/errors.ts" in inputs).length, 1);
});

test("React's server components take the hooks as client code", () => {
  const react = outputFiles!.find(({ path }) => basename(path) === "react.js")!;
  assert.match(react.text, /^"use client";/);
});

test("every export is built, and every peer is optional", () => {
  const built = outputs.map(([path]) => path.replace(/^.*?dist\//, "./dist/"));
  for (const name of ["./adapters/openai", "./adapters/ai-sdk", "./react"] as const) {
    const { types, default: script } = manifest.exports[name];
    assert.ok(built.includes(script), script);
    assert.equal(types, script.replace(/\.js$/, ".d.ts"));
  }
  assert.deepEqual(Object.keys(manifest.peerDependencies), Object.keys(manifest.peerDependenciesMeta));
  assert.ok(Object.values(manifest.peerDependenciesMeta).every(({ optional }) => optional));
});
