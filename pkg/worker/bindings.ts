/** What workers and the command need of the module, named one by one, so that the bundler leaves out the rest. */
import { CheckpointReader, Device, import_openapi, memory_bytes, simd } from "../wasm/toolgen.js";

export const bindings = { CheckpointReader, Device, import_openapi, memory_bytes, simd };
