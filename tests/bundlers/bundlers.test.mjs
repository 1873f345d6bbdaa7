/**
 * The examples with the packages as npm gives them: each is built and answers a question in Chromium.
 * TOOLGEN_APPS=vite,next runs some of them. Packages of the bundlers come from npm.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "../browser/browser.mjs";
import { MODEL, requireBuilt } from "../browser/files.mjs";
import { root, startSite } from "../../xtask/serve.mjs";
import { install, npm, packPackage, packWeights } from "./packages.mjs";

/** Where each app's site lies once it is built. */
const APPS = { plain: ".", vite: "dist", webpack: "dist", parcel: "dist", next: "out" };
const EXPECTED = 'Ready.\nset_timer {"minutes":20}\ntimer: rings in 20 minutes\n(done)';
const apps = process.env.TOOLGEN_APPS?.split(",") ?? Object.keys(APPS);

let folder;
let tarball;
let model;
let browser;

before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm", MODEL.checkpoint, MODEL.adapter);
  folder = mkdtempSync(join(tmpdir(), "toolgen-apps-"));
  tarball = packPackage(folder);
  model = packWeights(folder, MODEL);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

for (const app of apps) {
  test(app, async () => {
    const project = join(folder, app);
    cpSync(join(root, "examples", app), project, { recursive: true });
    cpSync(join(root, "examples/assistant.js"), join(project, "assistant.js"));
    install(project, tarball, model);
    if (app !== "plain") npm(["run", "build"], project);
    const dist = join(project, APPS[app]);
    // webpack leaves the page to its user.
    if (!existsSync(join(dist, "index.html"))) cpSync(join(project, "index.html"), join(dist, "index.html"));
    const site = await startSite({ folders: { "/": dist } });
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("requestfailed", (request) => problems.push(request.url()));
    try {
      page.on("dialog", (dialog) => dialog.accept());
      await page.goto(site.url);
      const says = (text) => page.locator("output", { hasText: text }).waitFor({ timeout: 180_000 });
      await says("Ready.");
      await page.locator("button").click();
      await says("(");
      assert.equal(
        await page
          .locator("output")
          .innerText()
          .then((text) => text.trim()),
        EXPECTED,
      );
      if (app === "next") assert.equal(await page.locator("#server").textContent(), "imported on the server");
      assert.deepEqual(problems, []);
    } finally {
      await page.close();
      await site.close();
      rmSync(project, { recursive: true, force: true });
    }
  });
}
