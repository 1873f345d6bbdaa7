import * as wasm from "./wasm/toolgen.js";
import type { WasmModule } from "./engine.js";
import type { FromWorker, Port, ToWorker } from "./protocol.js";
import { serve } from "./serve.js";

const scope = globalThis as unknown as Port<ToWorker, FromWorker>;
serve(scope, wasm as unknown as WasmModule, new URL("./toolgen_bg.wasm", import.meta.url));
