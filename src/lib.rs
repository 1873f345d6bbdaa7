//! ToolGen in a web page: a language model in whose vocabulary every tool is one token.
//!
//! Retrieval and calling are ordinary next-token generation (ToolGen, <https://arxiv.org/abs/2410.03439>):
//! no retriever, no tool documents in the prompt. The modules, in the order of the data:
//!
//! 1. [`tool`]: what a tool is, and the *tool pack* file that carries tools beside a checkpoint.
//! 2. [`virtualization`]: a tool becomes tokens, and a trie of them that decoding can't leave.
//! 3. [`tokenizer`], [`model`]: the checkpoint (GGUF) and the decoder's forward pass.
//! 4. [`backend`]: where the arithmetic happens; one contract, a room for each implementation.
//! 5. [`generation`]: which tokens may come next, and choosing among them.
//! 6. [`retrieval`]: question → ranked tools.
//! 7. [`agent`]: question → tool token → arguments → call, one unit of work at a time.
//!
//! Beside them: `training` fits tool rows (feature `train`), `evaluation` judges as the paper
//! does (feature `cli`), and `web` is the surface that JavaScript sees (feature `web`).

pub mod agent;
pub mod backend;
mod error;
#[cfg(feature = "cli")]
pub mod evaluation;
pub mod generation;
pub mod model;
pub mod retrieval;
pub mod tokenizer;
pub mod tool;
#[cfg(feature = "train")]
pub mod training;
pub mod virtualization;
#[cfg(feature = "web")]
mod web;

pub use error::{Error, Result};
