import { gzipSync } from "node:zlib"; import { readFileSync, readdirSync, rmSync } from "node:fs"; import { createRequire } from "node:module";
const root = process.argv[2]; const { bundlePage, bundleWorkers } = await import(`${root}/pkg/scripts/bundle.mjs`);
const out = "/tmp/atk/out-" + root.replaceAll("/", "_"); rmSync(out, { recursive: true, force: true });
await bundlePage({ outdir: out, metafile: true });
const { build } = createRequire(`${root}/package.json`)("esbuild");
await build({ entryPoints: { worker: `${root}/pkg/worker/index.ts` }, bundle: true, format: "esm", target: "es2022", minify: true, outdir: out, external: ["*/wasm/toolgen.js"] });
const scripts = ["index.js", "worker.js"]; const chunks = readdirSync(out + "/chunks");
for (let i = 0; i < scripts.length; i++) { const t = readFileSync(`${out}/${scripts[i]}`, "utf8"); for (const c of chunks) if (c.endsWith(".js") && t.includes(`/${c}"`) && !scripts.includes("chunks/" + c)) scripts.push("chunks/" + c); }
let sum = 0; for (const s of scripts) { const n = gzipSync(readFileSync(`${out}/${s}`), { level: 9 }).length; sum += n; if (process.argv[3]) console.log(s, n); }
console.log(root, "sum without bindings", sum, "scripts", scripts.length);
