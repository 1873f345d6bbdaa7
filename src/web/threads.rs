//! A page's threads: workers that run this same module over the same memory.

use wasm_bindgen::prelude::*;

use crate::backend::cpu::POOL;

/// Helps the engine, for ever: the worker that calls this hears no message any more.
#[wasm_bindgen]
pub fn help() {
    POOL.help()
}

/// Says that a worker that helped has failed.
#[wasm_bindgen]
pub fn help_failed() {
    POOL.fail();
}
