//! The language model.
//!
//! In the order of the data: [`loader`] takes the weights as they arrive, [`adapter`] what training added to them;
//! [`decoder`] is the forward pass itself, and [`document_head`] makes tool rows of what it ends in.

pub mod adapter;
pub mod checkpoint;
pub mod decoder;
pub mod document_head;
#[cfg(not(target_arch = "wasm32"))]
pub mod file;
pub mod id;
pub mod loader;
pub(crate) mod tensor_file;

pub use adapter::{Adapter, LayerMatrix};
pub use checkpoint::Checkpoint;
pub use decoder::Decoder;
pub use document_head::DocumentHead;
pub use id::ModelId;
pub use loader::CheckpointReader;
