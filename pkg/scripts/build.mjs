// Builds dist/: index.js, the importers and the adapters with their types, worker.js, and the wasm module beside them.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundlePage, bundleWorker } from "./bundle.mjs";

const pkg = join(import.meta.dirname, "..");
const module = join(pkg, "wasm/toolgen_bg.wasm");
if (!existsSync(module)) {
  console.error("pkg/wasm/toolgen_bg.wasm is missing. `cargo xtask build` makes it.");
  process.exit(1);
}
rmSync(join(pkg, "dist"), { recursive: true, force: true });
await bundlePage();
await bundleWorker();
copyFileSync(module, join(pkg, "dist/toolgen_bg.wasm"));
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"])
  copyFileSync(join(pkg, "..", licence), join(pkg, "dist", licence));

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", pkg], { stdio: "inherit" });
