/** Old browsers, private windows, small devices: what they lack is taken away before the package is loaded. */
import { FILE } from "./lab.mjs";

/** Two visits; whether the second one found the model stored, and where it computed. */
const twice = (change) => async (lab) => {
  const page = await lab.page();
  const first = await page.evaluate((change) => visit(change), change);
  if (first.code !== "well") return { ...first, next: await page.evaluate(() => outcome(Promise.resolve())) };
  const { kind, simd } = await page.evaluate(() => toolgen.device());
  await page.evaluate(() => toolgen.dispose());
  lab.sent.clear();
  const second = await page.evaluate((change) => visit(change), change);
  const again = [...lab.sent].filter(([path]) => /^\/(model|single\/model)/.test(path));
  return { ...second, kind, simd: simd.kind, isStored: again.length === 0, next: await page.evaluate(() => next()) };
};

/** In page and worker. */
const without = (script) => ({ before: `${script}\n`, init: script });

const REFUSE = `const refuse = () => Promise.reject(new DOMException("denied", "SecurityError"));`;
/** Younger than Safari 16.4, Chrome 100 and Firefox 114. */
const YOUNG = {
  "AbortSignal": ["any"],
  "URL": ["canParse", "parse"],
  "Promise": ["withResolvers", "try"],
  "Array": ["fromAsync"],
  "Object": ["groupBy"],
  "Map": ["groupBy"],
  "Intl": ["Segmenter"],
  "Array.prototype": ["toSorted", "toReversed", "toSpliced", "with"],
  "String.prototype": ["isWellFormed", "toWellFormed"],
  "Set.prototype": ["union", "intersection", "difference", "isSubsetOf"],
  "Iterator.prototype": ["map", "filter", "toArray", "some"],
  "Uint8Array.prototype": ["toHex", "toBase64"],
  "Response": ["json"],
  "globalThis": ["scheduler", "navigation", "trustedTypes"],
};
export const YOUNG_SCRIPT = Object.entries(YOUNG)
  .flatMap(([owner, names]) => names.map((name) => `try { delete ${owner}.${name}; } catch {}`))
  .join("\n");

/** The module's memory can't grow: its memory section gets the size that it begins with as its limit. */
function capped(wasm) {
  const bytes = [...wasm];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const id = bytes[at++];
    const size = number();
    if (id !== 5) {
      at += size;
      continue;
    }
    const body = bytes.slice(at, at + size);
    const pages = body.slice(2); // one memory, no limit: its size alone
    const section = [1, 1, ...pages, ...pages];
    return Buffer.concat([
      wasm.subarray(0, start),
      Buffer.from([5, section.length, ...section]),
      wasm.subarray(at + size),
    ]);
  }
}

export const devices = [
  {
    name: "A current browser",
    lost: "nothing",
    expected: "well",
    run: twice(),
  },
  {
    name: "Without relaxed SIMD (Safari)",
    lost: "some of the speed on the processor; threads",
    expected: "well",
    options: without(
      `{ const { validate } = WebAssembly; WebAssembly.validate = (bytes) => !String(bytes).includes("253,147,2") && validate(bytes); }`,
    ),
    run: twice(),
  },
  {
    name: "Without SIMD",
    lost: "the model",
    expected: "unsupported",
    options: without("WebAssembly.validate = () => false;"),
    run: twice(),
  },
  {
    name: "Without module workers (Firefox before 114)",
    lost: "the model",
    expected: "unsupported",
    options: {
      init: "{ const Old = Worker; globalThis.Worker = class extends Old { constructor(url) { super(url); } }; }",
    },
    run: twice(),
  },
  {
    name: "Without the origin private file system",
    lost: "nothing: the Cache API keeps the model",
    expected: "well",
    options: without("delete StorageManager.prototype.getDirectory;"),
    run: twice(),
  },
  {
    name: "Without all that is younger than 2023",
    lost: "nothing but colours and frames of the page and the elements (`light-dark()`)",
    expected: "well",
    options: without(YOUNG_SCRIPT),
    run: twice(),
  },
  {
    name: "Without WebGPU",
    lost: "the speed of the GPU, and `device()` says so",
    expected: "well",
    options: without("delete Object.getPrototypeOf(navigator).gpu;"),
    run: twice(),
  },
  {
    name: "Without WebGPU, which was asked for",
    lost: "the model, until `device` is `auto` or `cpu`",
    expected: "gpu",
    options: without("delete Object.getPrototypeOf(navigator).gpu;"),
    run: twice({ device: "webgpu" }),
  },
  {
    name: "Memory that can't grow, as on 32-bit Android",
    lost: "the model",
    expected: "crashed",
    async run(lab) {
      for (const path of ["/pkg/toolgen_bg.wasm", "/pkg/toolgen_relaxed_bg.wasm"]) {
        const whole = lab.contents.get(path);
        lab.contents.set(path, () => capped(whole()));
      }
      return twice()(lab);
    },
  },
  {
    name: "A private window that forbids all storage",
    lost: "what was fetched: each visit fetches the model again",
    expected: "well",
    options: without(`{ ${REFUSE}
      StorageManager.prototype.getDirectory = refuse;
      StorageManager.prototype.estimate = refuse;
      CacheStorage.prototype.open = refuse;
      LockManager.prototype.request = refuse;
      IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };
    }`),
    run: twice(),
  },
  {
    name: "The same, with a single file",
    lost: "the same",
    expected: "well",
    options: without(`{ ${REFUSE} CacheStorage.prototype.open = refuse; }`),
    run: twice({ checkpoint: FILE }),
  },
  {
    name: "Without Web Locks",
    lost: "the notice of a worker that the browser ended; two tabs may fetch the same bytes",
    expected: "well",
    options: without("delete Object.getPrototypeOf(navigator).locks;"),
    run: twice(),
  },
];
