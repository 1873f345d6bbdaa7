/** Nothing on the pages needs a script or a style of its own in the markup, and the policy forbids them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const www = join(import.meta.dirname, "../../www");
const paths = readdirSync(www, { recursive: true, encoding: "utf8" });
const pages = paths.filter((path) => path.endsWith(".html") && !/(^|[\\/])(dist|node_modules)[\\/]/.test(path));
const policyOf = (html: string) => /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? "";

for (const path of pages) {
  const html = readFileSync(join(www, path), "utf8");

  test(`${path}: a policy that starts from nothing`, () => {
    const policy = policyOf(html);
    assert.match(policy, /^default-src 'none'; script-src 'self'( 'wasm-unsafe-eval')?; style-src 'self';/);
    assert.match(policy, /base-uri 'none'; form-action 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|[ /.]\*/); // but any port of this machine
    assert.ok(html.indexOf(policy) < html.search(/<(link|script)/), "it comes before all that it governs");
  });

  test(`${path}: no script, style or handler in the markup, and nothing from elsewhere`, () => {
    for (const [, attributes = "", text] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g))
      assert.ok(/application\/json/.test(attributes) || text === "", attributes);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=/);
    assert.doesNotMatch(html, /<(script|link|img)[^>]*(src|href)="(https?:)?\/\//);
  });
}

test("the documented header says what the page says, and what a meta can't", () => {
  const policy = policyOf(readFileSync(join(www, "index.html"), "utf8"));
  const documented = readFileSync(join(www, "../SECURITY.md"), "utf8");
  assert.ok(documented.includes(`Content-Security-Policy: ${policy}; frame-ancestors 'none'\n`));
});

test("drawings have no styles or scripts of their own", () => {
  const drawings = paths.filter((path) => path.endsWith(".svg") && !path.includes("node_modules"));
  assert.ok(drawings.length > 0);
  for (const path of drawings)
    assert.doesNotMatch(readFileSync(join(www, path), "utf8"), /<style|<script|\sstyle=|\son[a-z]+=/, path);
});
