// What esbuild makes of the package's scripts: build.mjs writes it, and a test looks into it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const pkg = join(import.meta.dirname, "..");
// Minified, since bundlers take the worker as it is and a plain page takes all; source maps lie beside.
const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  absWorkingDir: pkg,
  outbase: pkg,
  outdir: join(pkg, "dist"),
  metafile: true,
  minify: true,
  sourcemap: true,
  legalComments: "none",
};

/** index.js, the importers, the adapters and the elements. What they share, such as the error class, is a chunk: there must be one of it. */
export function bundlePage(options = {}) {
  const importers = ["openai", "mcp", "webmcp"].map((name) => `importers/${name}.ts`);
  const adapters = ["openai", "ai-sdk", "react"].map((name) => `adapters/${name}.ts`);
  const elements = ["ask", "devtools"].map((name) => `elements/${name}.ts`);
  const root = ["index", "http", "models", "conversation", "shared", "testing", "trace", "warm-up"];
  const entryPoints = [...root.map((name) => `${name}.ts`), ...importers, ...adapters, ...elements];
  return build({
    ...common,
    entryPoints,
    splitting: true,
    chunkNames: "chunks/[hash]",
    external: ["react", "@modelcontextprotocol/sdk"],
    ...options,
  });
}

/** The worker, and the shared one; and that of isolated pages, where its module is built. */
export function bundleWorkers(threads, options = {}) {
  const entryPoints = { "worker": "worker/index.ts", "shared-worker": "worker/shared.ts" };
  if (threads) entryPoints["worker-threads"] = "worker/threads.ts";
  return build({ ...common, entryPoints, plugins: [withoutTextures], ...options });
}

/** The bindings list every format and kind of texture that WebGPU has. The module computes in buffers and makes none. */
const withoutTextures = {
  name: "without textures",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]wasm[\\/]toolgen\w*\.js$/ }, ({ path }) => {
      const bindings = readFileSync(path, "utf8");
      const contents = bindings.replaceAll(/^(const __wbindgen_enum_Gpu\w*Texture\w* = )\[.*\];$/gm, "$1[];");
      if (contents === bindings) throw new Error(`${path} has no lists of textures: look how they are written now.`);
      return { contents };
    });
  },
};
