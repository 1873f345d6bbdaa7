/**
 * New projects from frameworks' own scaffolds, and hosts of other kinds, with the package's tarball and a tiny model: each is
 * built and asked in Chromium. TOOLGEN_HOSTS=react,esbuild runs some of them. Needs npm's registry.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { build } from "esbuild";

import { root, startSite } from "../../xtask/serve.mjs";
import { launch } from "../browser/browser.mjs";
import { requireBuilt, TINY_ADAPTER, TINY_CHECKPOINT } from "../browser/files.mjs";
import { install, npm, packPackage, packWeights } from "./packages.mjs";

const CREATE_VITE = "create-vite@9.3.0";
/** What each framework's root component is, with the assistant in it. */
const COMPONENTS = {
  react: [
    "src/App.jsx",
    `import { useEffect, useRef } from "react";
import { start } from "./assistant.js";
export default function App() {
  const output = useRef(null);
  useEffect(() => void start(output.current).then(({ ask }) => ask("wake me in 20 minutes")), []);
  return <output ref={output} />;
}`,
  ],
  vue: [
    "src/App.vue",
    `<script setup>
import { onMounted, ref } from "vue";
import { start } from "./assistant.js";
const output = ref(null);
onMounted(async () => (await start(output.value)).ask("wake me in 20 minutes"));
</script>
<template><output ref="output"></output></template>`,
  ],
  "svelte-ts": [
    "src/App.svelte",
    `<script lang="ts">
import { onMount } from "svelte";
import { start } from "./assistant.js";
let output: HTMLOutputElement;
onMount(async () => (await start(output)).ask("wake me in 20 minutes"));
</script>
<output bind:this={output}></output>`,
  ],
};
const PAGE = (script) => `<!doctype html><meta charset="utf-8"><title>toolgen</title><output></output>${script}`;
const MAIN = (options) => `import { start } from "./assistant.js";
start(document.querySelector("output"), ${options}).then(({ ask }) => ask("wake me in 20 minutes"));`;

const hosts = process.env.TOOLGEN_HOSTS?.split(",");
const wanted = (host) => ({ skip: hosts && !hosts.includes(host) });

let folder;
let tarball;
let model;
let browser;

before(async () => {
  requireBuilt("pkg/dist/index.js");
  folder = mkdtempSync(join(tmpdir(), "toolgen-hosts-"));
  tarball = packPackage(folder);
  model = packWeights(folder, { checkpoint: TINY_CHECKPOINT, adapter: TINY_ADAPTER });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Waits for a run to its end; random weights may choose or decline whatever they like. */
async function answered(page, url) {
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => dialog.accept("1"));
  await page.goto(url);
  const output = page.locator("output");
  await output.filter({ hasText: /\(\w+\)\s*$/ }).waitFor({ timeout: 60_000 });
  assert.match(await output.innerText(), /^Ready\.\s/);
  assert.deepEqual(problems, []);
}

async function answeredAt(folders) {
  const site = await startSite({ folders });
  const page = await browser.newPage();
  try {
    await answered(page, site.url);
  } finally {
    await page.close();
    await site.close();
  }
}

for (const [framework, [file, component]] of Object.entries(COMPONENTS))
  test(`Vite with ${framework}`, wanted(framework), async () => {
    const project = join(folder, framework);
    npm(["--yes", CREATE_VITE, framework, "--template", framework, "--no-interactive"], folder, "npx");
    writeFileSync(join(project, file), component);
    cpSync(join(root, "examples/assistant.js"), join(project, "src/assistant.js"));
    install(project, tarball, model);
    npm(["run", "build"], project);
    await answeredAt({ "/": join(project, "dist") });
    rmSync(project, { recursive: true, force: true });
  });

/** Bundlers that move no workers. */
const bundlers = {
  esbuild: (project, outdir) =>
    build({ entryPoints: [join(project, "main.js")], bundle: true, format: "esm", splitting: true, outdir }),
  rollup: (project, outdir) => {
    const resolve = "@rollup/plugin-node-resolve";
    install(project, "rollup@4.68.8", `${resolve}@16.0.3`);
    npm(["--no-install", "rollup", "main.js", "--dir", outdir, "--format", "es", "--plugin", resolve], project, "npx");
  },
};

/** A site as one of them makes it, with the workers served from the package beside it. */
async function bundled(name, bundle = bundlers.esbuild) {
  const project = join(folder, name);
  const dist = join(project, "dist");
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  install(project, tarball, model);
  cpSync(join(root, "examples/assistant.js"), join(project, "assistant.js"));
  writeFileSync(join(project, "main.js"), MAIN('{ worker: "/toolgen/worker.js", checkpoint: "/model/manifest.json" }'));
  await bundle(project, dist);
  cpSync(join(project, "node_modules/toolgen/dist"), join(dist, "toolgen"), { recursive: true });
  cpSync(model, join(dist, "model"), { recursive: true });
  writeFileSync(join(dist, "index.html"), PAGE('<script type="module" src="/main.js"></script>'));
  return dist;
}

for (const [name, bundle] of Object.entries(bundlers))
  test(`${name}, with the worker named`, wanted(name), async () => {
    await answeredAt({ "/": await bundled(name, bundle) });
  });

test("a page of a Chrome extension", wanted("extension"), async () => {
  const dist = await bundled("extension");
  const policy = { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" };
  const manifest = { manifest_version: 3, name: "toolgen", version: "1", content_security_policy: policy };
  writeFileSync(
    join(dist, "manifest.json"),
    JSON.stringify({ ...manifest, background: { service_worker: "background.js" } }),
  );
  writeFileSync(join(dist, "background.js"), "");
  const context = await chromium.launchPersistentContext("", {
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: false,
    args: ["--headless=new", "--no-sandbox", `--disable-extensions-except=${dist}`, `--load-extension=${dist}`],
  });
  try {
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: 30_000 }));
    await answered(await context.newPage(), new URL("/index.html", worker.url()).href);
  } finally {
    await context.close();
  }
});

test("a page on one origin, the package and the model on another", wanted("origins"), async () => {
  const files = (path, type) => (response) =>
    response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" }).end(readFileSync(path));
  const dist = join(root, "pkg/dist");
  const scripts = filesIn(dist).filter((file) => file.endsWith(".js"));
  const other = await startSite({
    files: {
      ...Object.fromEntries(scripts.map((file) => [`/toolgen/${file}`, files(join(dist, file), "text/javascript")])),
      ...Object.fromEntries(
        filesIn(model).map((file) => [
          `/model/${file}`,
          files(join(model, file), file.endsWith(".js") ? "text/javascript" : "application/octet-stream"),
        ]),
      ),
    },
  });
  const map = { imports: { "toolgen": `${other.url}toolgen/index.js`, "toolgen-135m": `${other.url}model/index.js` } };
  const page = join(folder, "origins");
  mkdirSync(page);
  cpSync(join(root, "examples/assistant.js"), join(page, "assistant.js"));
  writeFileSync(join(page, "main.js"), MAIN('{ worker: "/pkg/worker.js" }'));
  const scriptsOfPage = `<script type="importmap">${JSON.stringify(map)}</script><script type="module" src="/main.js"></script>`;
  writeFileSync(join(page, "index.html"), PAGE(scriptsOfPage));
  try {
    await answeredAt({ "/": page });
  } finally {
    await other.close();
  }
});

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []));
}
