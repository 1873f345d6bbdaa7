/** How the page's model comes: in shards that resume, over plain http as whole files, and what is shown meanwhile. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { cut } from "../../pkg/scripts/shard.mjs";
import { answerExternal, launch, waitForState } from "./browser.mjs";
import { fakeWorker } from "./fake-worker.mjs";
import { read, readLines, requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT } from "./files.mjs";
import { openEngine, packOf } from "./module.mjs";
import { root, startSite } from "../../xtask/serve.mjs";
import { pathToFileURL } from "node:url";

/** A name that is no secure context, as an address of a classroom's network. */
const CLASSROOM = "classroom.test";
let folder;
let pack;
let browser;

before(async () => {
  requireBuilt("www/dist/index.html", "pkg/wasm/toolgen_bg.wasm");
  folder = mkdtempSync(join(tmpdir(), "toolgen-loading-"));
  const sizes = { shardBytes: 16 << 10, chunkBytes: 4 << 10 };
  cut({ file: join(root, TINY_CHECKPOINT), adapter: join(root, TINY_ADAPTER), folder, ...sizes });
  const wasm = await import(pathToFileURL(join(root, "pkg/wasm/toolgen.js")));
  const engine = await openEngine(wasm, read("pkg/wasm/toolgen_bg.wasm"), read(TINY_CHECKPOINT), read(TINY_ADAPTER));
  pack = await packOf(engine, readLines("models/catalogue/tools.jsonl").slice(0, 3), {});
  browser = await launch({ args: [`--host-resolver-rules=MAP ${CLASSROOM} 127.0.0.1`] });
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A site whose shards `serve` may hold back, and how often each was asked for. */
async function siteOf(serve) {
  const counts = {};
  const files = readdirSync(folder).map((name) => [
    `/model/${name}`,
    (response) => {
      counts[name] = (counts[name] ?? 0) + 1;
      const bytes = readFileSync(join(folder, name));
      const type = name.endsWith(".json") ? "application/json" : "application/octet-stream";
      response.writeHead(200, { "content-length": bytes.length, "content-type": type });
      if (serve(name)) response.end(bytes);
      else response.write(bytes.subarray(0, 100));
    },
  ]);
  const site = await startSite({ files: { ...Object.fromEntries(files), "/model/catalogue.safetensors": pack } });
  return { ...site, counts };
}

/** What has come is written, however busy the machine is: the number of chunks doesn't change any more. */
async function allStored(page) {
  const chunks = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folders = await Array.fromAsync((await root.getDirectoryHandle("toolgen")).values());
      const files = await Promise.all(folders.map((folder) => Array.fromAsync(folder.keys())));
      return files.flat().filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    });
  for (let before = -1, now = await chunks(); now !== before; ) {
    await page.waitForTimeout(500);
    [before, now] = [now, await chunks()];
  }
}

test("a reload in mid-download goes on where it was, and two tabs fetch once", async () => {
  let open = false;
  const site = await siteOf((name) => open || !/^00[34]/.test(name));
  const context = await browser.newContext();
  const [one, two] = [await context.newPage(), await context.newPage()];
  await one.goto(site.url);
  await one.waitForFunction(() => / of [0-9.]+ MB/.test(document.querySelector("#progress-text").textContent));
  await allStored(one);
  open = true;
  await one.reload();
  await two.goto(site.url);
  await Promise.all([waitForState(one, ["ready"]), waitForState(two, ["ready"])]);
  const first = Object.entries(site.counts).filter(([name]) => /^(adapter|00[0-2])-/.test(name));
  assert.deepEqual(
    first.map(([, count]) => count),
    [1, 1, 1, 1],
    JSON.stringify(site.counts),
  );
  const rest = Object.entries(site.counts).filter(([name]) => /^00[34]-/.test(name));
  assert.ok(
    rest.every(([, count]) => count === 2),
    JSON.stringify(site.counts),
  );
  await context.close();
  await site.close();
});

test("a silent server leaves no old speed standing", async () => {
  const site = await siteOf((name) => !name.startsWith("003"));
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.locator("#progress-text").getByText("waiting for data").waitFor({ timeout: 15_000 });
  await page.close();
  await site.close();
});

test("a recorded answer plays while the model is on its way, and goes with the first question", async () => {
  const tools = readLines("models/catalogue/tools.jsonl");
  const site = await startSite({ files: { "/worker.js": fakeWorker({ tools, answers: {}, hold: true }) } });
  const page = await browser.newPage({ reducedMotion: "reduce" });
  await page.goto(site.url);
  await page.locator("#recorded .sentence").waitFor();
  assert.match(
    await page.locator("#recorded").textContent(),
    /recorded.*Weather now, Oslo: Light rain, temperature 7 °C/s,
  );
  assert.equal(await page.locator("#recorded a[href^='https://wttr.in']").count(), 1);
  await page.locator("#question").fill("Who wins?");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#recorded .turn").count(), 0);
  await page.close();
  await site.close();
});

test("over plain http the page puts the shards together and says what doesn't work there", async () => {
  const tools = readLines("models/catalogue/tools.jsonl");
  const answers = { "Hash it": [{ name: "text_hash", arguments: { text: "abc" } }] };
  const files = { "/model/catalogue.safetensors": pack };
  const site = await startSite({ host: "127.0.0.1", folders: { "/model/": folder }, files });
  const url = `http://${CLASSROOM}:${new URL(site.url).port}/`;
  const page = await browser.newPage();
  await page.goto(url);
  await waitForState(page, ["ready"]);
  assert.equal(await page.evaluate(() => isSecureContext), false);
  assert.match(await page.locator("#progress-text").textContent(), /no room to keep it for the next visit/);
  assert.match(await page.locator("#insecure").innerText(), /plain http/);
  await page.close();
  await site.close();

  const fake = await startSite({ host: "127.0.0.1", files: { "/worker.js": fakeWorker({ tools, answers }) } });
  const other = await browser.newPage();
  await answerExternal(other.context(), `http://${CLASSROOM}:${new URL(fake.url).port}/`);
  await other.goto(`http://${CLASSROOM}:${new URL(fake.url).port}/`);
  await waitForState(other, ["ready"]);
  await other.locator("#question").fill("Hash it");
  await other.keyboard.press("Enter");
  await waitForState(other, ["error"]);
  assert.match(await other.locator(".failure .sentence").textContent(), /only for pages that came over https/);
  await other.close();
  await fake.close();
});
