//! A [second look](second_look) at the tools that a ranking leaves.

use super::reader::Position;
use crate::backend::{Backend, BitMask};
use crate::generation::second_look::{self, MAX_LOOKS};
use crate::prompt;
use crate::retrieval::Ranking;
use crate::{Error, Result};

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
        let likeliest = ranking.tools.first().map(|(_, probability)| *probability);
        Self { left, needs_look: trained && likeliest.is_some_and(second_look::is_needed) }
    }

    /// Nothing to choose.
    pub fn none() -> Self {
        Self { left: Vec::new(), needs_look: false }
    }

    /// One tool that a person has chosen.
    pub fn only(tool: usize) -> Self {
        Self { left: vec![tool], needs_look: false }
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
