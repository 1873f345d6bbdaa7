/** What a visit loads before module and model, and what it shows without scripts. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { launch } from "./browser.mjs";
import { requireBuilt } from "./files.mjs";
import { root, startSite } from "../../xtask/serve.mjs";

const MOST = 150_000;
const dist = join(root, "www/dist");

before(() => requireBuilt("www/dist/index.html"));

/** The page, its styles and scripts, and what these import at once. */
function shell() {
  const files = new Set(["index.html", "worker.js", "samples.json"]);
  const html = readFileSync(join(dist, "index.html"), "utf8");
  for (const [, file] of html.matchAll(/(?:href|src)="([\w./-]+\.(?:css|js))"/g)) files.add(file);
  // A set goes on to what is added to it.
  for (const file of files) {
    if (!file.endsWith(".js")) continue;
    const script = readFileSync(join(dist, file), "utf8");
    for (const [, path] of script.matchAll(/(?:^|[;}\n])(?:import|export)[^"'()]*["'](\.[^"']+)["']/g))
      files.add(join(dirname(file), path));
  }
  return [...files];
}

test("page, styles, scripts and worker take at most 150 kB, compressed", () => {
  const sizes = shell().map((file) => [file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length]);
  assert.ok(sizes.some(([file]) => file === "main.js"));
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(total <= MOST, `${total} bytes: ${JSON.stringify(sizes)}`);
});

test("without JavaScript the page says what it is, with a picture", async () => {
  const site = await startSite();
  const browser = await launch();
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(site.url);
  assert.match(await page.locator("body").innerText(), /This page needs JavaScript.*calls tools inside a browser tab/s);
  assert.ok(await page.locator("noscript img").evaluate((image) => image.naturalWidth === 1200));
  assert.equal(await page.locator("#form").isVisible(), false);
  assert.ok(await page.locator("footer").isVisible());
  await browser.close();
  await site.close();
});
