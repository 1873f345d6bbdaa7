//! A second look: the model reads a tool's document before it writes arguments, and may find that it isn't the
//! tool.
//!
//! The tool token is chosen by what the question and the tool's row say. Where that leaves doubt, reading the
//! document settles it: on "it isn't" the token is taken back and the next likeliest tool is looked at.

use super::reader::Position;
use crate::backend::{Backend, BitMask};
use crate::prompt;
use crate::retrieval::Ranking;
use crate::{Error, Result};

/// Most tools that are looked at.
const MAX_LOOKS: usize = 3;
/// The probability from which on a tool is taken without a second look.
const CLEAR: f32 = 0.95;

/// Whether a look with this outcome keeps the tool.
pub(super) fn fits(probability: f32) -> bool {
    probability >= 0.5
}

/// The tools that may be meant, and whether they need a look.
#[derive(Clone)]
pub(super) struct Choice {
    /// The likeliest last.
    left: Vec<usize>,
    /// Whether the ranking leaves doubt.
    pub needs_look: bool,
}

impl Choice {
    /// What a ranking leaves to choose; nothing where it says that no tool fits. A model that is not `trained` to
    /// look twice does not.
    pub fn of(ranking: &Ranking, trained: bool) -> Self {
        let left: Vec<usize> = match ranking.choice() {
            Some(_) => ranking.tools.iter().take(MAX_LOOKS).map(|(tool, _)| *tool).rev().collect(),
            None => Vec::new(),
        };
        let needs_look =
            trained && ranking.tools.first().is_some_and(|(_, probability)| *probability < CLEAR);
        Self { left, needs_look }
    }
    /// Takes the likeliest tool that is left.
    pub fn next(&mut self) -> Option<usize> {
        self.left.pop()
    }
}

/// The probability that the tool whose document was read last is the one that is asked for.
pub(super) async fn look<B: Backend>(position: &Position<'_, B>) -> Result<f32> {
    let tokenizer = &position.core.checkpoint.tokenizer;
    let [fits, does_not] = prompt::look(tokenizer)?;
    let mask = BitMask::of(tokenizer.len(), [fits, does_not]);
    let top = position.likeliest(&mask, 2).await?;
    let fitting = top.best.iter().find(|next| next.id == fits);
    fitting
        .map(|next| top.probability(next))
        .ok_or(Error::OutOfTurn("the vocabulary has no token that begins arguments"))
}
