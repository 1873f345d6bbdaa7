/** Recipes of the package's README, as they stand there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSite } from "../../xtask/serve.mjs";
import { launch } from "./browser.mjs";
import { read, requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT } from "./files.mjs";

/** The block of code that begins with this text. */
function recipe(start) {
  const readme = read("pkg/README.md").toString();
  const [, code] = readme.match(new RegExp(`^\`\`\`js\\n(${start}[\\s\\S]*?)^\`\`\``, "m"));
  return code;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>offline</title><output></output>
<script type="module">
  import { load } from "/pkg/index.js";
  const output = document.querySelector("output");
  await navigator.serviceWorker.register("/service-worker.js");
  await navigator.serviceWorker.ready;
  const toolgen = await load({ checkpoint: "/${TINY_CHECKPOINT}", adapter: "/${TINY_ADAPTER}" });
  await toolgen.register([{ name: "flip_coin", description: "Flips a coin.", inputSchema: { type: "object" } }]);
  const { ranking } = await toolgen.call("heads or tails?");
  output.textContent = ranking.map(({ name }) => name).join();
</script>`;

let browser;
before(async () => {
  requireBuilt("pkg/dist/index.js", "pkg/dist/toolgen_bg.wasm");
  browser = await launch();
});
after(() => browser?.close());

test("offline: from the second visit on the page needs no server", async (t) => {
  const script = (response) =>
    response.writeHead(200, { "content-type": "text/javascript" }).end(recipe("// service-worker.js"));
  const site = await startSite({ files: { "/app.html": PAGE, "/service-worker.js": script } });
  t.after(() => site.close());
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const works = () => page.locator("output", { hasText: "flip_coin" }).waitFor({ timeout: 30_000 });
  await page.goto(`${site.url}app.html`);
  await works();
  await page.reload();
  await works();
  await site.close();
  await page.reload();
  await works();
  const kept = await page.evaluate(async () => (await (await caches.open("my-app")).keys()).map(({ url }) => url));
  assert.ok(kept.some((url) => url.endsWith(".wasm")));
  assert.ok(!kept.some((url) => url.endsWith(".gguf")), "the model is kept once");
});
