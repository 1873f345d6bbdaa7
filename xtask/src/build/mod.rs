//! What is built here: the WebAssembly module, the npm package, the page.

pub mod module;
pub mod npm;
pub mod size;
mod toolchain;

pub use toolchain::Profile;
