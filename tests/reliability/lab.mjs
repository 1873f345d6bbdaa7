/** A site with the tiny model in shards, whose server and whose pages can be made to fail, and what that costs a person. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cut } from "../../pkg/scripts/shard.mjs";
import { rangeOf, root, startSite, typeOf } from "../../xtask/serve.mjs";
import { read, TINY_CHECKPOINT, TINY_PACK } from "../browser/files.mjs";
import { firstBuild, nextBuild } from "./builds.mjs";

const SIZES = { shardBytes: 16 << 10, chunkBytes: 4 << 10 };
const QUESTION = "what is the weather in Bergen tomorrow?";
/** Paths on the lab's site. */
export const MANIFEST = "/model/manifest.json";
export const FILE = "/single/model.gguf";
export const PACK = "/single/pack.safetensors";
export const MODULE = "/pkg/toolgen_relaxed_bg.wasm";
export const isShard = (path) => /^\/model\/\d+-/.test(path);
const MODEL_BYTES = read(TINY_CHECKPOINT).length;

/** Runs `work` with a lab that is gone afterwards. */
export async function withLab(browser, work, options) {
  const lab = await open(browser, options);
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

/**
 * `before` is run in the worker before the package is, `init` in the page. With `demo` the site is the demo, in two builds
 * of which the server has `lab.build`.
 */
async function open(browser, { before = "", init, demo = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "toolgen-lab-"));
  cut({ file: join(root, TINY_CHECKPOINT), folder, ...SIZES });
  const contents = new Map([
    ...readdirSync(folder).map((name) => [`/model/${name}`, () => readFileSync(join(folder, name))]),
    [FILE, () => read(TINY_CHECKPOINT)],
    [PACK, () => read(TINY_PACK)],
    [MODULE, () => read("pkg/dist/toolgen_relaxed_bg.wasm")],
    ["/pkg/toolgen_bg.wasm", () => read("pkg/dist/toolgen_bg.wasm")],
    ["/pkg/worker.js", () => Buffer.concat([Buffer.from(before), read("pkg/dist/worker.js")])],
  ]);
  /** What came over the wire, by path. */
  const sent = new Map();
  const lab = { contents, sent, fail: undefined, builds: demo ? buildsOf(folder) : {} };
  lab.build = lab.builds.first;
  for (const build of Object.values(lab.builds))
    for (const name of Object.keys(build)) contents.set(`/${name}`, () => lab.build[name]);
  if (demo) contents.set("/", () => lab.build["index.html"]);
  const serve = (path) => (response) => {
    const content = contents.get(path)();
    if (!content) return response.writeHead(404).end();
    // `fail` may answer, as badly as it likes.
    if (lab.fail?.(path, response, content)) return;
    const range = rangeOf(response.req.headers.range, content.length);
    const part = range ? content.subarray(range.start, range.end + 1) : content;
    sent.set(path, (sent.get(path) ?? 0) + part.length);
    response.writeHead(range ? 206 : 200, {
      "content-length": part.length,
      "content-type": path === "/" ? typeOf("index.html") : typeOf(path),
      ...(range && { "content-range": `bytes ${range.start}-${range.end}/${content.length}` }),
    });
    response.end(part);
  };
  const files = Object.fromEntries([...contents.keys()].map((path) => [path, serve(path)]));
  // What the server's build hasn't isn't there.
  const site = await startSite({ files, folders: demo ? { "/": folder } : {} });
  const context = await browser.newContext();
  if (init) await context.addInitScript(init);
  return Object.assign(lab, {
    url: site.url,
    context,
    page: async (path = "blank.html") => {
      const page = await context.newPage();
      await page.goto(`${site.url}${path}`);
      await page.evaluate(helpers, { checkpoint: MANIFEST, pack: PACK, question: QUESTION });
      return page;
    },
    async close() {
      await context.close();
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

function buildsOf(folder) {
  const model = readdirSync(folder).map((name) => [`model/${name}`, readFileSync(join(folder, name))]);
  const first = firstBuild(Object.fromEntries(model));
  return { first, next: nextBuild(first) };
}

/** Runs in the page. */
async function helpers({ checkpoint, pack, question }) {
  const { load } = await import("/pkg/index.js");
  window.load = (change = {}) => load({ checkpoint, pack, stallMs: 2000, ...change });
  /** More tools than are read in a moment. */
  window.TOOLS = 300;
  window.register = (toolgen, onProgress) => {
    const inputSchema = { type: "object", properties: { room: { type: "string" } }, additionalProperties: false };
    const tool = (_, i) => ({ name: `switch_${i}`, description: `Switches lamp number ${i} of a house.`, inputSchema });
    return toolgen.register(Array.from({ length: TOOLS }, tool), { onProgress });
  };
  window.ask = async (toolgen) => (await toolgen.retrieve(question, { topK: 1 })).length === 1;
  /** What a promise comes to, and after how long; "silence" is the worst that there is. */
  window.outcome = async (promise, patience = 30_000) => {
    const started = performance.now();
    const late = new Promise((_, reject) => setTimeout(() => reject({ code: "silence" }), patience));
    const end = await Promise.race([promise, late]).then(
      () => ({ code: "well" }),
      ({ code, name, message }) => ({ code: typeof code === "string" ? code : name, message }),
    );
    return { ...end, seconds: (performance.now() - started) / 1000 };
  };
  /** A visit: loads, asks, and keeps the model as `window.toolgen`. */
  window.visit = (change) =>
    window.outcome(
      (async () => {
        window.toolgen = await window.load(change);
        if (!(await window.ask(window.toolgen))) throw { code: "no answer" };
      })(),
    );
  /** The next question, by the same model or by one that is loaded anew. */
  window.next = (change) =>
    window.outcome(
      (async () => {
        const isThere = window.toolgen && (await window.ask(window.toolgen).catch(() => false));
        if (!isThere) await window.ask(await window.load(change));
      })(),
    );
}

/** How much of the model came over the wire that had come before, as a part of it. */
export function fetchedAgain({ sent }) {
  const ofModel = [...sent].filter(([path]) => isShard(path) || path === FILE);
  return Math.max(0, ofModel.reduce((sum, [, bytes]) => sum + bytes, 0) / MODEL_BYTES - 1);
}
