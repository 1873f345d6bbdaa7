//! Atomic indexing: one new token for each tool.

use super::{Indexing, IndexingKind};

/// Tool *i* is the sequence `[i]`; its token starts from the tool's name.
#[derive(Clone, Debug)]
pub struct Atomic {
    names: Vec<String>,
}

impl Atomic {
    /// The indexing of tools with these names.
    pub fn new(names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect() }
    }
}

/// The sequences of `tools` tools.
pub fn sequences(tools: usize) -> Vec<Vec<u32>> {
    (0..tools as u32).map(|tool| vec![tool]).collect()
}

impl Indexing for Atomic {
    fn kind(&self) -> IndexingKind {
        IndexingKind::Atomic
    }

    fn tool_tokens(&self) -> usize {
        self.names.len()
    }

    fn sequences(&self) -> Vec<Vec<u32>> {
        sequences(self.names.len())
    }

    fn texts(&self) -> Vec<String> {
        self.names.clone()
    }
}
