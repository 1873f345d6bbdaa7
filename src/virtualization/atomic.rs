//! Atomic indexing: one new token for each tool.

use super::Indexing;

/// Tool *i* is the sequence `[i]`.
#[derive(Clone, Copy, Debug)]
pub struct Atomic {
    /// How many tools there are.
    pub tools: usize,
}

impl Indexing for Atomic {
    fn tool_tokens(&self) -> usize {
        self.tools
    }

    fn sequences(&self) -> Vec<Vec<u32>> {
        (0..self.tools as u32).map(|tool| vec![tool]).collect()
    }
}
