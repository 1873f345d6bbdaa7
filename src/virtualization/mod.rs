//! Tool virtualization: a tool becomes a sequence of tool tokens (ToolGen, section 3.2).
//!
//! An [`Indexing`] says which sequence: [`atomic`] one token a tool, [`numeric`] its digits,
//! `hierarchical` (feature `train`) labels of clusters within clusters, [`semantic`] the words of its
//! name. The [`Trie`] of all sequences is what decoding can't leave, so that no tool is ever
//! hallucinated; [`rows`] gives new tokens their first rows, and [`document_rows`] the rows that a trained
//! model makes of their documents; [`tool_rows`] changes rows while a page runs.

pub mod atomic;
pub mod document_rows;
#[cfg(feature = "train")]
pub mod hierarchical;
#[cfg(feature = "train")]
pub mod k_means;
pub mod numeric;
pub mod rows;
pub mod semantic;
mod special;
mod table;
pub mod tool_rows;
mod trie;

pub use atomic::Atomic;
#[cfg(feature = "train")]
pub use hierarchical::Hierarchical;
pub use numeric::Numeric;
pub use semantic::Semantic;
pub use special::Special;
pub use table::TokenTable;
pub use trie::Trie;

#[cfg(feature = "train")]
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// How tools become sequences of tool tokens. Tool tokens count from 0 and are no tokens of the
/// vocabulary.
pub trait Indexing {
    /// Which indexing it is.
    fn kind(&self) -> IndexingKind;

    /// Tool tokens, and so rows, that the indexing uses.
    fn tool_tokens(&self) -> usize;

    /// The sequence of each tool, in the tools' order; no two are equal and none begins another.
    fn sequences(&self) -> Vec<Vec<u32>>;

    /// For each tool token the text whose mean embedding it starts from (ToolGen, section 4.1).
    fn texts(&self) -> Vec<String>;
}

/// The indexings that a tool pack can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexingKind {
    /// One new token a tool.
    Atomic,
    /// The digits of the tool's number.
    Numeric,
    /// Labels of clusters within clusters.
    Hierarchical,
    /// The words of the tool's name.
    Semantic,
}

impl IndexingKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Atomic, Self::Numeric, Self::Hierarchical, Self::Semantic];

    /// Its name in a tool pack.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atomic => "atomic",
            Self::Numeric => "numeric",
            Self::Hierarchical => "hierarchical",
            Self::Semantic => "semantic",
        }
    }

    /// This indexing of tools with these names. Hierarchical alone asks for the states of the tools'
    /// documents, `[tools, d]` row by row, and alone depends on the seed.
    #[cfg(feature = "train")]
    pub fn of(
        self,
        tokenizer: &Tokenizer,
        names: &[&str],
        document_states: impl FnOnce() -> Result<Vec<Vec<f32>>>,
        seed: u64,
    ) -> Result<Box<dyn Indexing>> {
        Ok(match self {
            Self::Atomic => Box::new(Atomic::new(names)),
            Self::Numeric => Box::new(Numeric { tools: names.len() }),
            Self::Hierarchical => Box::new(Hierarchical::new(&document_states()?, seed)),
            Self::Semantic => Box::new(Semantic::new(tokenizer, names)?),
        })
    }

    /// The indexing with this name.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join("`, `");
            Error::pack("metadata `indexing`", format!("`{name}` is not one of `{known}`"))
        })
    }
}

/// Fails unless every sequence has a token, uses tool tokens below `tool_tokens` alone, and neither
/// equals nor begins another.
pub fn check_sequences(tool_tokens: usize, sequences: &[Vec<u32>]) -> Result<()> {
    let wrong = |tool: usize, reason: &str| {
        Err(Error::pack("sequences", format!("of tool {tool}: {reason}")))
    };
    for (tool, sequence) in sequences.iter().enumerate() {
        if sequence.is_empty() {
            return wrong(tool, "has no token");
        }
        if let Some(token) = sequence.iter().find(|&&token| token as usize >= tool_tokens) {
            return wrong(tool, &format!("token {token} is not one of {tool_tokens} tool tokens"));
        }
    }
    let mut order: Vec<usize> = (0..sequences.len()).collect();
    order.sort_by_key(|&tool| &sequences[tool]);
    // What begins with a sequence sorts right behind it.
    match order.windows(2).find(|pair| sequences[pair[1]].starts_with(&sequences[pair[0]])) {
        Some(pair) => wrong(pair[0], &format!("begins that of tool {}", pair[1])),
        None => Ok(()),
    }
}
