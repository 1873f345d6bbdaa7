//! ToolGen in a web page: a language model in whose vocabulary every tool is one token.
//!
//! Retrieval and calling are ordinary next-token generation (ToolGen, <https://arxiv.org/abs/2410.03439>):
//! no retriever, no tool documents in the prompt. The modules, in the order of the data; each knows only
//! those above it:
//!
//! 1. [`gguf`], [`tokenizer`]: what a checkpoint file says.
//! 2. [`backend`]: where the arithmetic happens; one contract, a room for each implementation.
//! 3. [`virtualization`]: a tool becomes tokens, and a trie of them that decoding can't leave.
//! 4. [`model`]: the decoder's forward pass; [`self_test`] holds a backend's kernels to the reference.
//! 5. [`time`], [`language`], [`tool`], [`conversation`]: what a tool is, the *tool pack* file, and what is asked of
//!    it, when and in which language.
//! 6. [`schema`], [`openapi`]: JSON Schemas restricted to what can be generated; API documents as tools.
//!    [`prompt`]: how the model reads tools and questions.
//! 7. [`generation`]: which tokens may come next, and choosing among them.
//! 8. [`rows`], [`retrieval`]: tools' rows from their documents; question → ranked tools.
//! 9. [`agent`]: question → tool token → arguments → call, one unit of work at a time.
//!
//! Beside them: `training` runs the three stages (feature `train`), `evaluation` computes the paper's
//! metrics (feature `cli`), and `web` is the surface that JavaScript sees (feature `web`).
//!
//! # In ten lines
//!
//! ```
//! use toolgen::agent::{Engine, Event};
//! use toolgen::backend::cpu::Cpu;
//! use toolgen::model::file;
//! use toolgen::tool::ToolPack;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut engine = Engine::new(file::load("models/tiny/toolgen-tiny.gguf".as_ref(), Cpu)?)?;
//! engine.load_pack(ToolPack::from_bytes(&std::fs::read("models/tiny/tools.safetensors")?)?)?;
//! let mut events = engine.call("what's the weather in Oslo?", 3)?;
//! while let Some(event) = pollster::block_on(events.next())? {
//!     match event {
//!         Event::Ranking { tools, .. } => println!("{tools:?}"),
//!         Event::Call { call } => println!("{} {:?}", call.name, call.arguments),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! `models/tiny` holds random weights, so its answers are arbitrary; `cargo xtask fetch` brings the real checkpoint,
//! whose pack is `models/packs/catalogue.safetensors`.

pub mod agent;
pub mod backend;
pub mod conversation;
mod error;
#[cfg(feature = "cli")]
pub mod evaluation;
pub mod generation;
pub mod gguf;
pub mod language;
pub mod model;
pub mod openapi;
pub mod prompt;
pub mod retrieval;
pub mod rows;
pub mod schema;
pub mod self_test;
pub mod time;
pub mod tokenizer;
pub mod tool;
#[cfg(feature = "train")]
pub mod training;
pub mod virtualization;
#[cfg(feature = "web")]
mod web;

pub use error::{Error, Result};
