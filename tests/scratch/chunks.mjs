import { gzipSync } from "node:zlib";
const { bundlePage } = await import("/work/wt/core/pkg/scripts/bundle.mjs");
const r = await bundlePage({ write: false });
const outs = r.metafile.outputs;
const key = Object.keys(outs).find((k) => k.endsWith("/index.js") );
const seen = new Set([key]); const list = [key];
for (let i = 0; i < list.length; i++) for (const im of outs[list[i]].imports) if (im.kind === "import-statement" && !seen.has(im.path)) { seen.add(im.path); list.push(im.path); }
for (const k of list) { const f = r.outputFiles.find((f) => f.path.endsWith(k.replace(/^.*dist/, "dist"))); console.log(k, outs[k].bytes, gzipSync(f.contents, { level: 9 }).length, Object.entries(outs[k].inputs).map(([n, v]) => `${n}:${v.bytesInOutput}`).join(" ")); }
console.log(outs[key].imports.map(x=>x.kind+x.path).join("\n"));
