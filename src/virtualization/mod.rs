//! Tool virtualization: a tool becomes a sequence of tool tokens (ToolGen, section 3.2).
//!
//! An [`Indexing`] says which sequence: [`atomic`] one token a tool, [`numeric`] its digits,
//! `hierarchical` (feature `train`) labels of clusters within clusters, [`semantic`] the words of its
//! name. The [`Trie`] of all sequences is what decoding can't leave, so that no tool is ever
//! hallucinated.

pub mod atomic;
#[cfg(feature = "train")]
pub mod hierarchical;
mod indexing;
#[cfg(feature = "train")]
pub mod k_means;
pub mod numeric;
pub mod semantic;
mod special;
mod table;
mod trie;

pub use atomic::Atomic;
#[cfg(feature = "train")]
pub use hierarchical::Hierarchical;
pub use indexing::{Indexing, IndexingKind, check_sequences};
pub use numeric::Numeric;
pub use semantic::Semantic;
pub use special::Special;
pub use table::TokenTable;
pub use trie::Trie;

#[cfg(feature = "train")]
use crate::{Result, tokenizer::Tokenizer};

/// The indexing of this kind of tools with these names. Hierarchical alone asks for the hidden states of the
/// tools' documents, `[tools, d]` row by row, and alone depends on the seed.
#[cfg(feature = "train")]
pub fn indexing_of(
    kind: IndexingKind,
    tokenizer: &Tokenizer,
    names: &[&str],
    document_states: impl FnOnce() -> Result<Vec<Vec<f32>>>,
    seed: u64,
) -> Result<Box<dyn Indexing>> {
    Ok(match kind {
        IndexingKind::Atomic => Box::new(Atomic::new(names)),
        IndexingKind::Numeric => Box::new(Numeric { tools: names.len() }),
        IndexingKind::Hierarchical => Box::new(Hierarchical::new(&document_states()?, seed)),
        IndexingKind::Semantic => Box::new(Semantic::new(tokenizer, names)?),
    })
}
