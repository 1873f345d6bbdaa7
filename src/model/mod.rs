//! The language model: what a checkpoint file says, and the forward pass.
//!
//! In the order of the data: [`gguf`] reads the header, [`config`] the architecture's numbers,
//! [`quantization`] names the block formats, [`loader`] takes the weights as they arrive, and
//! [`decoder`] is the forward pass itself.

pub mod config;
pub mod decoder;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
pub mod gguf;
pub mod loader;
pub mod quantization;

pub use config::Config;
pub use decoder::Decoder;
pub use loader::{Checkpoint, CheckpointReader};
pub use quantization::{Format, QuantizedMatrix};
