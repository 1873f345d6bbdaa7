//! Numeric indexing: the digits of a tool's number.
//!
//! Numbers are zero-padded to one width, so that none begins another; a digit is one tool token
//! wherever it stands.

use super::{Indexing, IndexingKind};

const BASE: usize = 10;

/// Tool 17 of 199 is the sequence `[0, 1, 7]`.
#[derive(Clone, Copy, Debug)]
pub struct Numeric {
    /// How many tools there are.
    pub tools: usize,
}

impl Numeric {
    /// Digits of every number: as many as the last tool's needs.
    fn width(self) -> u32 {
        self.tools.saturating_sub(1).checked_ilog10().unwrap_or(0) + 1
    }
}

impl Indexing for Numeric {
    fn kind(&self) -> IndexingKind {
        IndexingKind::Numeric
    }

    fn tool_tokens(&self) -> usize {
        BASE
    }

    fn sequences(&self) -> Vec<Vec<u32>> {
        let digit = |tool: usize, place: u32| (tool / BASE.pow(place) % BASE) as u32;
        let digits = |tool| (0..self.width()).rev().map(|place| digit(tool, place)).collect();
        (0..self.tools).map(digits).collect()
    }

    fn texts(&self) -> Vec<String> {
        (0..BASE).map(|digit| digit.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_width() {
        let sequences = Numeric { tools: 101 }.sequences();
        assert_eq!(sequences[7], [0, 0, 7]);
        assert_eq!(sequences[100], [1, 0, 0]);
        assert_eq!(Numeric { tools: 10 }.sequences()[9], [9]);
        assert_eq!(Numeric { tools: 1 }.sequences(), [[0]]);
    }
}
