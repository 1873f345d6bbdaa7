import type { FromWorker, Port, ToWorker } from "../protocol.js";
import { initSync } from "../wasm/toolgen.js";
import type { Patience } from "../download/exchange.js";
import { holdLife, type Alive } from "../util/life.js";
import { bindings } from "./bindings.js";
import { compile } from "./compile.js";
import { serve } from "./serve.js";
import type { WasmModule } from "./wasm.js";

const module = {
  start: async (url: URL, patience?: Patience) => initSync({ module: await compile(url, patience) }),
  ...bindings,
} as unknown as WasmModule;
// Written out, so that bundlers find the files.
const modules = {
  strict: new URL("./toolgen_bg.wasm", import.meta.url),
  relaxed: new URL("./toolgen_relaxed_bg.wasm", import.meta.url),
};
const port = globalThis as unknown as Port<ToWorker, FromWorker | Alive>;
serve(port, module, modules);
holdLife((alive) => port.postMessage({ alive }));
