/** A site with the tiny model in the real one's place, and a pack that was taught what a test asks. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { cut } from "../../pkg/scripts/shard.mjs";
import { root, startSite } from "../../xtask/serve.mjs";
import { read, readLines, TINY_ADAPTER, TINY_CHECKPOINT } from "./files.mjs";
import { openEngine, packOf } from "./module.mjs";
import { withServiceWorker } from "./signed.mjs";

/** `meant` has a tool for each question; with it come some of the catalogue's others. */
export async function startTaughtSite(meant, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "toolgen-taught-"));
  cut({ file: join(root, TINY_CHECKPOINT), adapter: join(root, TINY_ADAPTER), folder });
  const wasm = await import(pathToFileURL(join(root, "pkg/wasm/toolgen.js")));
  const engine = await openEngine(wasm, read("pkg/wasm/toolgen_bg.wasm"), read(TINY_CHECKPOINT), read(TINY_ADAPTER));
  const wanted = new Set(Object.values(meant));
  const tools = readLines("models/catalogue/tools.jsonl").filter(
    ({ name }, index) => index % 20 === 0 || wanted.has(name),
  );
  const pack = await packOf(engine, tools, meant);
  const site = await startSite({
    ...options,
    folders: { "/model/": folder },
    files: withServiceWorker({
      "/model/catalogue.safetensors": pack,
      "/model/manifest.json": readFileSync(join(folder, "manifest.json")),
      "/model/sizes.json": "{}",
    }),
  });
  return {
    ...site,
    tools,
    async close() {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
