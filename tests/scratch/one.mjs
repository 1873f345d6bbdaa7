import { gzipSync } from "node:zlib"; import { build } from "esbuild";
const r = await build({ bundle: true, format: "esm", target: "es2022", absWorkingDir: "/work/wt/core/pkg", outdir: "/tmp/x", minify: true, write: false, entryPoints: ["index.ts"], external: ["./http.js", "./conversation.js"], legalComments: "none" });
console.log(r.outputFiles.map((f) => [f.path, f.contents.length, gzipSync(f.contents, { level: 9 }).length]));
