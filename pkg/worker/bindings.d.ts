/** Stands in for wasm-bindgen's types until the module is built; `wasm.ts` has the ones that are used. */
declare module "*/wasm/toolgen.js";
declare module "*/wasm/toolgen_threads.js";
