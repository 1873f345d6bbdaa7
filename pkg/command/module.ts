/** The module in Node.js, as `worker/index.ts` has it in a page. */
import { readFile } from "node:fs/promises";
import { bindings } from "../worker/bindings.js";
import type { Modules } from "../worker/modules.js";
import type { WasmModule } from "../worker/wasm.js";
import { initSync } from "../wasm/toolgen.js";

export const module = {
  start: async (url: URL) => initSync({ module: await WebAssembly.compile(await readFile(url)) }),
  ...bindings,
} as unknown as WasmModule;

/** They lie beside the bundled command, as they do beside the worker. */
export const modules: Modules = {
  strict: new URL("./toolgen_bg.wasm", import.meta.url),
  relaxed: new URL("./toolgen_relaxed_bg.wasm", import.meta.url),
};
