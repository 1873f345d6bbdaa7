/** The catalogue, the page's functions and its examples must fit each other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import type { Arguments, Tool } from "../../pkg/core/types.ts";
import { buildRequest } from "../../pkg/http/request.ts";
import { themes } from "../../www/examples.ts";
import { functions } from "../../www/tools/index.ts";

function lines<T>(file: string): T[] {
  const text = readFileSync(new URL(`../../models/catalogue/${file}`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const tools = lines<Tool>("tools.jsonl");
const byName = new Map(tools.map((tool) => [tool.name, tool]));

test("every tool can be carried out: by a function or over http, not both", () => {
  const offline = tools.filter(({ http }) => !http).map(({ name }) => name);
  assert.deepEqual(
    offline.filter((name) => !functions[name]),
    [],
    "tools without a function",
  );
  assert.deepEqual(
    Object.keys(functions).filter((name) => !offline.includes(name)),
    [],
    "functions without a tool",
  );
});

test("every example of the page is meant for a tool of the catalogue", () => {
  for (const { question, tool, network = false } of themes.flatMap(({ examples }) => examples)) {
    assert.ok(byName.has(tool), `${question}: ${tool}`);
    assert.equal(network, byName.get(tool)!.http !== undefined, `${question}: whether it needs the network`);
  }
});

test("the calls of the catalogue's own questions make requests", () => {
  type Question = { query: string; calls: { name: string; arguments: Arguments }[]; lacks?: string[] };
  for (const { query, calls, lacks } of lines<Question>("dev.jsonl")) {
    if (lacks) continue; // no call before it is said
    for (const call of calls) {
      const tool = byName.get(call.name);
      assert.ok(tool, `${query}: ${call.name}`);
      if (tool.http) assert.match(buildRequest(tool, call.arguments).url, /^https:/, query);
    }
  }
});
