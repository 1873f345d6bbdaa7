//! The language model.
//!
//! In the order of the data: [`loader`] takes the weights as they arrive, [`decoder`] is the forward pass
//! itself, and [`document_head`] makes tool rows of what it ends in.

pub mod decoder;
pub mod document_head;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
pub mod loader;

pub use decoder::Decoder;
pub use document_head::DocumentHead;
pub use loader::{Checkpoint, CheckpointReader};
