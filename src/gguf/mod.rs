//! What a checkpoint file (GGUF) says, before any arithmetic.
//!
//! [`header`] reads [`metadata`] and the list of tensors off the file's beginning ([`reader`]), [`config`] the
//! architecture's numbers, [`quantization`] names the block formats, and [`quantize`] makes blocks.

pub mod config;
pub mod header;
pub mod metadata;
mod mistaken;
pub mod quantization;
pub mod quantize;
pub mod reader;

pub use config::Config;
pub use header::{Header, TensorInfo};
pub use metadata::{Metadata, Value};
pub use mistaken::mistaken_for;
pub use quantization::{BLOCK, Format, QuantizedMatrix};
