/** The package's folders: who imports whom, and how long files are. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

const MAX_LINES = 400;
const BUILT = /^(dist|node_modules|wasm)\//;

const pkg = join(import.meta.dirname, "../../pkg");
const paths = readdirSync(pkg, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
const files = paths.filter((path) => path.endsWith(".ts") && !BUILT.test(path));

type Graph = Map<string, Set<string>>;

/** Types count too: a reader follows them as well. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(pkg, file), "utf8");
  const found = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)\.js"/g)];
  const imported = found.map(([, path]) => normalize(join(dirname(file), `${path}.ts`)).replaceAll("\\", "/"));
  return imported.filter((path) => !BUILT.test(path));
}

function graphOf(nameOf: (file: string) => string): Graph {
  const graph: Graph = new Map();
  for (const file of files) {
    const name = nameOf(file);
    const targets = graph.get(name) ?? new Set();
    graph.set(name, targets);
    for (const target of importsOf(file).map(nameOf)) if (target !== name) targets.add(target);
  }
  return graph;
}

/** A circle as a path that ends where it begins; undefined when there is none. */
function circleIn(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const target of graph.get(name) ?? []) {
      const circle = visit(target, [...path, name]);
      if (circle) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const circle = visit(name, []);
    if (circle) return circle;
  }
  return undefined;
}

test("every import leads to a file of the package", () => {
  const known = new Set(files);
  for (const file of files)
    for (const target of importsOf(file)) assert.ok(known.has(target), `${file} imports ${target}`);
});

test("no files import each other in a circle", () => {
  assert.equal(circleIn(graphOf((file) => file)), undefined);
});

test("no folders import each other in a circle; the root is one of them", () => {
  const folders = graphOf((file) => dirname(file));
  assert.ok(folders.get(".")!.has("http"), "the graph has edges");
  assert.equal(circleIn(folders), undefined);
});

test("a circle is found", () => {
  const graph = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c"])],
    ["c", new Set(["b"])],
  ]);
  assert.deepEqual(circleIn(graph), ["b", "c", "b"]);
});

test(`no file has more than ${MAX_LINES} lines`, () => {
  const root = join(pkg, "..");
  const isSource = (path: string) =>
    /\.(ts|mjs|js|css)$/.test(path) && !/(^|\/)(dist|node_modules|wasm|golden)\//.test(path);
  for (const folder of ["pkg", "www", "tests", "bench", "examples", "xtask"]) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter(isSource)) {
      const lines = readFileSync(join(root, folder, path), "utf8").split("\n").length - 1;
      assert.ok(lines <= MAX_LINES, `${folder}/${path} has ${lines} lines`);
    }
  }
});
