//! What an indexing is: the sequence of tool tokens that stands for each tool.

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
