//! The language model: what a checkpoint file says, and the forward pass.
//!
//! In the order of the data: [`gguf`] reads the header, [`config`] the architecture's numbers,
//! [`quantization`] names the block formats, [`loader`] takes the weights as they arrive, [`decoder`] is the
//! forward pass itself, and [`document_head`] makes tool rows of what it ends in. [`quantize`] makes blocks.

pub mod config;
pub mod decoder;
pub mod document_head;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
pub mod gguf;
pub mod loader;
pub mod quantization;
pub mod quantize;

pub use config::Config;
pub use decoder::Decoder;
pub use document_head::DocumentHead;
pub use loader::{Checkpoint, CheckpointReader};
pub use quantization::{Format, QuantizedMatrix};
