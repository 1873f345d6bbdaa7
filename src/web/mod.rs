//! What JavaScript sees: thin classes over [`agent`](crate::agent), and nothing else.
//!
//! Runs in a worker. A [`Device`](device::Device) is opened; a [`CheckpointReader`](engine::CheckpointReader)
//! takes the download to it chunk by chunk; an [`Engine`](engine::Engine) is asked; a
//! [`Stream`](engine::Stream) does one unit of work a `next()`.

mod device;
mod engine;
mod error;
mod registry;
mod self_test;
#[cfg(target_feature = "atomics")]
mod threads;
mod value;

use wasm_bindgen::prelude::*;

/// Bytes of the wasm memory.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    f64::from(memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length())
}

/// The crate's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
