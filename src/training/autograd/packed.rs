//! Texts side by side in one batch, without padding.

use std::sync::Arc;

use crate::backend::Sequence;

/// Texts side by side in one batch. As a [`Sequence`] it is filled by one forward pass.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Where each text begins, and the total: `texts + 1` offsets.
    pub offsets: Arc<[usize]>,
    len: usize,
}

impl Packed {
    /// Texts of these lengths in tokens.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        lengths.into_iter().for_each(|len| offsets.push(offsets[offsets.len() - 1] + len));
        Self { offsets: offsets.into(), len: 0 }
    }

    /// Index of the last token of each text.
    pub fn last_tokens(&self) -> Vec<u32> {
        self.offsets[1..].iter().map(|&end| end as u32 - 1).collect()
    }
}

impl Sequence for Packed {
    fn len(&self) -> usize {
        self.len
    }

    fn capacity(&self) -> usize {
        *self.offsets.last().expect("at least the start")
    }

    fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}
