// Builds dist/: index.js, the importers and the adapters with their types, worker.js, the command, and the wasm module beside them.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundleCommand, bundlePage, bundleWorkers } from "./bundle.mjs";

const pkg = join(import.meta.dirname, "..");
const modules = ["toolgen_bg.wasm", "toolgen_relaxed_bg.wasm"];
for (const module of modules)
  if (!existsSync(join(pkg, "wasm", module))) {
    console.error(`pkg/wasm/${module} is missing. \`cargo xtask build\` makes it.`);
    process.exit(1);
  }
// `cargo xtask demo` makes none: its page is not isolated.
const threads = "toolgen_threads_bg.wasm";
const hasThreads = existsSync(join(pkg, "wasm", threads));
if (hasThreads) modules.push(threads);
rmSync(join(pkg, "dist"), { recursive: true, force: true });
await bundlePage();
await bundleWorkers(hasThreads);
await bundleCommand();
chmodSync(join(pkg, "dist/command.js"), 0o755);
for (const module of modules) copyFileSync(join(pkg, "wasm", module), join(pkg, "dist", module));
for (const text of ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"])
  copyFileSync(join(pkg, "..", text), join(pkg, "dist", text));
mkdirSync(join(pkg, "dist/docs"));
for (const page of ["adapters", "api", "importers", "reliability"])
  copyFileSync(join(pkg, `../docs/${page}.md`), join(pkg, `dist/docs/${page}.md`));

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", pkg], { stdio: "inherit" });
