/** Stands in for wasm-bindgen's types until the module is built; `engine.ts` has the real ones. */
declare module "*/wasm/toolgen.js";
