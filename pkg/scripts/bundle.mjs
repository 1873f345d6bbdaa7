// What esbuild makes of the package's scripts: build.mjs writes it, and a test looks into it.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
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

const importers = ["openai", "mcp", "webmcp"].map((name) => `importers/${name}.ts`);
const adapters = ["openai", "ai-sdk", "react"].map((name) => `adapters/${name}.ts`);
const elements = ["ask", "devtools"].map((name) => `elements/${name}.ts`);
/** Entries that a page may use where there is no model: they load what they need. */
const alone = ["http.ts", "models.ts", ...adapters];
/** Entries that stand beside a model, so that what `index.ts` loads is there already. */
const beside = ["conversation", "shared", "testing", "trace", "warm-up"].map((name) => `${name}.ts`);
beside.push(...importers, ...elements);

/** index.js, the importers, the adapters and the elements. What they share, such as the error class, is a chunk: there must be one of it. */
export function bundlePage(options = {}) {
  return build({
    ...common,
    entryPoints: ["index.ts", ...alone, ...beside],
    splitting: true,
    chunkNames: "chunks/[hash]",
    external: ["react", "@modelcontextprotocol/sdk"],
    plugins: [withCore],
    logOverride: { "ignored-bare-import": "silent" },
    ...options,
  });
}

/** What `index.ts` imports of ours. */
const CORE = ["client.ts", "toolgen.ts", "download/quota.ts", "util/absolute.ts"];

/**
 * A chunk is what the same entries import. Entries beside a model are said to import the whole core, of which they use what
 * they use: in a few large chunks it is a kilobyte smaller than in many small ones.
 */
const withCore = {
  name: "with the core",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!beside.includes(relative(pkg, path).replaceAll("\\", "/"))) return undefined;
      const imports = CORE.map((module) => `import ${JSON.stringify(join(pkg, module))};\n`).join("");
      return { contents: readFileSync(path, "utf8") + imports, loader: "ts" };
    });
  },
};

/** The worker, and the shared one; and that of isolated pages, where its module is built. */
export function bundleWorkers(threads, options = {}) {
  const entryPoints = { "worker": "worker/index.ts", "shared-worker": "worker/shared.ts" };
  if (threads) entryPoints["worker-threads"] = "worker/threads.ts";
  return build({ ...common, entryPoints, plugins: [withoutUnused], ...options });
}

/** The command, for Node.js: it finds the modules beside it. */
export function bundleCommand(options = {}) {
  const entryPoints = { command: "command/index.ts" };
  return build({ ...common, entryPoints, platform: "node", target: "node20", plugins: [withoutUnused], ...options });
}

/** What the bindings have for others than us. */
const UNUSED = [
  // Every format and kind of texture and sampler that WebGPU has: the module computes in buffers alone.
  [/^(const __wbindgen_enum_Gpu\w*(?:Texture|Sampler)\w* = )\[.*\];$/gm, "$1[];"],
  // Browsers that have the module's SIMD have this.
  [/\(typeof FinalizationRegistry === 'undefined'\)\s*\? \{.*\}\s*: (?=new FinalizationRegistry)/g, ""],
  // What is wrong with arguments that we don't give.
  [/console\.warn\('using deprecated .*'\)/g, ""],
  // `using`: the worker frees by name.
  [/^if \(Symbol\.dispose\) .*$/gm, ""],
];

const withoutUnused = {
  name: "without what is unused",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]wasm[\\/]toolgen\w*\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [pattern, rest] of UNUSED) {
        if (contents.search(pattern) < 0) throw new Error(`${path} has no ${pattern}: look how it is written now.`);
        contents = contents.replaceAll(pattern, rest);
      }
      return { contents };
    });
  },
};
