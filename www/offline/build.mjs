// dist/service-worker.js, for the files that dist/ has by now, and the build's name in each page.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const dist = join(import.meta.dirname, "../dist");
/** The package keeps the model's shards; nobody asks for the others. */
const NOT_KEPT = /\.bin$|^model\/source\.json$|^service-worker\.js$|^LICENSE|^THIRD-PARTY/;
const PAGE = /\.html$/;

/** The service worker has the integrity of all files but the pages, which name the build. */
export async function buildServiceWorker() {
  const names = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .filter((name) => !NOT_KEPT.test(name))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(readFileSync(join(dist, name)));
  const version = hash.digest("hex").slice(0, 12);
  for (const name of names.filter((name) => PAGE.test(name))) writeFileSync(join(dist, name), named(name, version));
  await build({
    entryPoints: [join(import.meta.dirname, "service-worker.mjs")],
    outfile: join(dist, "service-worker.js"),
    minify: true,
    define: {
      FILES: JSON.stringify(Object.fromEntries(names.map((name) => [name, PAGE.test(name) ? "" : integrityOf(name)]))),
      VERSION: JSON.stringify(version),
    },
  });
}

function named(page, version) {
  return readFileSync(join(dist, page), "utf8").replace(
    "</head>",
    `  <meta name="build" content="${version}" />\n  </head>`,
  );
}

function integrityOf(name) {
  return `sha256-${createHash("sha256")
    .update(readFileSync(join(dist, name)))
    .digest("base64")}`;
}
