//! Training, native only: the three stages of ToolGen on the decoder that the browser runs.
//!
//! In the order of the data: [`data`] is read; [`autograd`] is the training backend, on which the [`trainer`] runs
//! the [`stages`]; then [`rows`] of known tools are fitted. What was trained leaves through [`peft`], as adapters
//! that PyTorch reads, or merged into a checkpoint.

pub mod autograd;
pub mod data;
pub mod peft;
pub mod rows;
pub mod stages;
pub mod trainer;
