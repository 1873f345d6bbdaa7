/** Code of the documentation compiles as TypeScript, with strict checks. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const MODEL = `declare module "toolgen-135m" { export const checkpoint: { manifest: URL; shards: Record<string, URL> }; }`;

/** What a page imports of its own. */
const TOOLS = `import { defineTool } from "toolgen";
export const tools = [defineTool({ name: "page_title", description: "Says the page's title.", inputSchema: { type: "object" } })];`;

/** The blocks of code that begin with an import: those that stand by themselves. */
function blocksOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(?:js|tsx)\n(import [\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

test("the first steps of the README and of the adapters compile", () => {
  const blocks = ["pkg/README.md", "docs/adapters.md", "docs/importers.md"].map(blocksOf);
  assert.deepEqual(
    blocks.map(({ length }) => length > 0),
    [true, true, true],
  );
  const folder = mkdtempSync(join(tmpdir(), "docs-"));
  try {
    const [readme, adapters] = blocks as [string[], string[]];
    const names = [...readme, ...adapters].map((code, i) => {
      writeFileSync(join(folder, `${i}.tsx`), code);
      return `${i}.tsx`;
    });
    writeFileSync(join(folder, "model.d.ts"), MODEL);
    writeFileSync(join(folder, "tools.ts"), TOOLS);
    const modules = join(root, "node_modules");
    const paths = {
      "toolgen": [join(root, "pkg/index.ts")],
      "toolgen/react": [join(root, "pkg/adapters/react.ts")],
      "toolgen/ask": [join(root, "pkg/elements/ask.ts")],
      "toolgen/*": [join(root, "pkg/*.ts")],
      "react": [join(modules, "@types/react")],
      "react/jsx-runtime": [join(modules, "@types/react/jsx-runtime.d.ts")],
      "ai": [join(modules, "ai")],
    };
    const compilerOptions = {
      ...{
        target: "ES2022",
        module: "ESNext",
        moduleResolution: "bundler",
        jsx: "react-jsx",
        strict: true,
        noEmit: true,
      },
      ...{ lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"], types: [], skipLibCheck: true, paths },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [...names, "model.d.ts"] }));
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    assert.fail(String((error as { stdout?: string }).stdout ?? error));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
