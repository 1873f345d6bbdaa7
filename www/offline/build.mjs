// dist/service-worker.js, for the files that dist/ has by now.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const dist = join(import.meta.dirname, "../dist");
/** The package keeps the model's shards; nobody asks for the others. */
const NOT_KEPT = /\.bin$|^model\/source\.json$|^service-worker\.js$|^LICENSE|^THIRD-PARTY/;

/** It keeps all files but the modules, of which the page names the one that it needs. */
export async function buildServiceWorker() {
  const names = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .filter((name) => !NOT_KEPT.test(name))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(readFileSync(join(dist, name)));
  await build({
    entryPoints: [join(import.meta.dirname, "service-worker.mjs")],
    outfile: join(dist, "service-worker.js"),
    minify: true,
    define: {
      FILES: JSON.stringify(names.filter((name) => !name.endsWith(".wasm"))),
      VERSION: JSON.stringify(hash.digest("hex").slice(0, 12)),
    },
  });
}
