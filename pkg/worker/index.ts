import type { FromWorker, Port, ToWorker } from "../protocol.js";
import initialise, { CheckpointReader, Device, import_openapi, memory_bytes } from "../wasm/toolgen.js";
import { serve } from "./serve.js";
import type { WasmModule } from "./wasm.js";

// Named one by one, so that the bundler leaves out what is not used.
const module = { default: initialise, CheckpointReader, Device, import_openapi, memory_bytes } as unknown as WasmModule;
serve(globalThis as unknown as Port<ToWorker, FromWorker>, module, new URL("./toolgen_bg.wasm", import.meta.url));
