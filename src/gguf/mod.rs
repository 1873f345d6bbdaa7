//! What a checkpoint file (GGUF) says, before any arithmetic.
//!
//! [`header`] reads metadata and the list of tensors, [`config`] the architecture's numbers, [`quantization`]
//! names the block formats, and [`quantize`] makes blocks.

pub mod config;
pub mod header;
mod mistaken;
pub mod quantization;
pub mod quantize;

pub use config::Config;
pub use header::{Header, Metadata, TensorInfo};
pub use mistaken::mistaken_for;
pub use quantization::{BLOCK, Format, QuantizedMatrix};
