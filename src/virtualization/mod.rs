//! Tool virtualization: a tool becomes a sequence of tool tokens (ToolGen, section 3.2).
//!
//! An indexing says which sequence; the [`Trie`] of all sequences is what decoding can't leave, so
//! that no tool is ever hallucinated; [`rows`] gives new tokens their first rows, and [`document_rows`] the
//! rows that a trained model makes of their documents.

pub mod atomic;
pub mod document_rows;
pub mod rows;
mod special;
mod trie;

pub use atomic::Atomic;
pub use special::Special;
pub use trie::Trie;

use crate::{Error, Result};

/// How tools become sequences of tool tokens.
pub trait Indexing {
    /// Tool tokens, and so rows, that the indexing uses.
    fn tool_tokens(&self) -> usize;

    /// The sequence of each tool, in the tools' order; no two are equal and none begins another.
    fn sequences(&self) -> Vec<Vec<u32>>;
}

/// The indexings that a tool pack can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexingKind {
    /// One new token a tool.
    Atomic,
}

impl IndexingKind {
    /// Its name in a tool pack.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atomic => "atomic",
        }
    }

    /// The indexing with this name.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "atomic" => Ok(Self::Atomic),
            _ => Err(Error::pack(
                "metadata `indexing`",
                format!("`{name}` is not supported; only `atomic` is"),
            )),
        }
    }

    /// The indexing of `tools` tools.
    pub fn of(self, tools: usize) -> impl Indexing {
        match self {
            Self::Atomic => Atomic { tools },
        }
    }

    /// Rows that a pack of `tools` tools has: its tool tokens' and the special tokens'.
    pub fn rows(self, tools: usize) -> usize {
        self.of(tools).tool_tokens() + Special::COUNT
    }
}
