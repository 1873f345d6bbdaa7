/**
 * Stands in for wasm-bindgen's types until the module is built; `wasm.ts` has the ones that are used. No name of
 * another file here fits: beside `bindings.ts` the compiler would take a `bindings.d.ts` for that file's output.
 */
declare module "*/wasm/toolgen.js";
declare module "*/wasm/toolgen_threads.js";
