// Builds dist/: index.js with its types, worker.js, and the wasm module beside them.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const module = join(here, "wasm/toolgen_bg.wasm");
if (!existsSync(module)) {
  console.error("pkg/wasm/toolgen_bg.wasm is missing. `cargo xtask build` makes it.");
  process.exit(1);
}
rmSync(join(here, "dist"), { recursive: true, force: true });
const common = { bundle: true, format: "esm", target: "es2022", outdir: join(here, "dist"), absWorkingDir: here };
await build({ ...common, entryPoints: ["index.ts"] });
// Bundlers take the worker as it is, so it is minified here.
await build({ ...common, entryPoints: ["worker.ts"], minify: true, legalComments: "none" });
copyFileSync(module, join(here, "dist/toolgen_bg.wasm"));

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", here], { stdio: "inherit" });
