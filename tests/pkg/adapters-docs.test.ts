import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { IGNORED, REFUSED } from "../../pkg/adapters/openai-types.ts";

const text = readFileSync(new URL("../../docs/adapters.md", import.meta.url), "utf8");
const section = text.slice(text.indexOf("## Chat completions"), text.indexOf("## AI SDK"));

test("the page lists every parameter that is ignored or refused", () => {
  const [ignored, refused] = section.slice(section.indexOf("**Ignored**")).split("**Refused**");
  for (const name of IGNORED) assert.ok(ignored!.includes(`\`${name}\``), name);
  for (const name of Object.keys(REFUSED)) assert.ok(refused!.includes(`\`${name}\``), name);
});
