//! Which tool a ranking leads to, with [second looks](crate::generation::second_look) where it leaves doubt.

use super::event::Event;
use super::loaded::{Core, LoadedPack};
use super::reader::Position;
use super::sure::is_sure;
use crate::backend::{Backend, BitMask};
use crate::generation::second_look::{Belief, MAX_LOOKS};
use crate::prompt;
use crate::retrieval::{RankedTool, Ranking};
use crate::{Error, Result};

/// The tools that may be meant, and what looks at them have said.
#[derive(Clone)]
pub(super) struct Choice {
    ranking: Ranking,
    looks: Vec<f32>,
    /// Most looks that may be taken; none by a model that wasn't trained to.
    most: usize,
    /// Whether a tool is taken even where none fits.
    required: bool,
}

impl Choice {
    /// What a ranking leaves to choose.
    pub fn of<B: Backend>(core: &Core<B>, ranking: Ranking) -> Self {
        let most = if core.is_trained_to_ask() { MAX_LOOKS.min(ranking.tools.len()) } else { 0 };
        Self { most, ..Self::at_once(ranking) }
    }

    /// The same, of which a tool must come.
    pub fn required(self) -> Self {
        // A look at the only one would change nothing.
        let most = if self.ranking.tools.len() > 1 { self.most } else { 0 };
        Self { most, required: true, ..self }
    }

    /// As [`Self::of`], of a ranking that no look is to change.
    pub fn at_once(ranking: Ranking) -> Self {
        Self { ranking, looks: Vec::new(), most: 0, required: false }
    }

    /// Nothing to choose.
    pub fn none() -> Self {
        Self::at_once(Ranking { tools: Vec::new(), special: 1.0 })
    }

    /// One tool that a person has chosen.
    pub fn only(tool: usize) -> Self {
        Self::at_once(Ranking { tools: vec![(tool, 1.0)], special: 0.0 })
    }

    /// The tool to look at next; none where nothing is in doubt, or enough was looked at.
    pub fn in_doubt(&self) -> Option<usize> {
        let place = self.looks.len();
        (place < self.most && self.belief().is_in_doubt()).then(|| self.ranking.tools[place].0)
    }

    /// Takes what a look at the tool in doubt said.
    pub fn looked(&mut self, probability: f32) {
        self.looks.push(probability);
    }

    /// Whether looks have changed the ranking.
    pub fn has_looked(&self) -> bool {
        !self.looks.is_empty()
    }

    /// The ranking, as looks have left it.
    pub fn ranking(&self) -> Ranking {
        if self.most == 0 {
            return self.ranking.clone();
        }
        let Belief { tools, none } = self.belief();
        let mut tools: Vec<(usize, f32)> =
            self.ranking.tools.iter().zip(tools).map(|((tool, _), p)| (*tool, p)).collect();
        tools.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ranking { tools, special: none }
    }

    /// The tool to take, unless none fits.
    pub fn taken(&self) -> Option<usize> {
        let ranking = self.ranking();
        match self.required {
            true => ranking.tools.first().map(|&(tool, _)| tool),
            false => ranking.choice(),
        }
    }

    /// Whether the tool to take is likely enough to act on without asking.
    pub fn is_sure(&self) -> bool {
        self.in_doubt().is_none() && is_sure(&self.ranking())
    }

    /// The likeliest `count` tools, by name.
    pub fn candidates<B: Backend>(&self, pack: &LoadedPack<B>, count: usize) -> Vec<RankedTool> {
        let named = |(tool, probability): (usize, f32)| RankedTool {
            name: pack.tools[tool].name.clone(),
            probability,
        };
        self.ranking().tools.into_iter().take(count).map(named).collect()
    }

    /// What is told of it, the likeliest `count` tools.
    pub fn event<B: Backend>(&self, pack: &LoadedPack<B>, count: usize) -> Event {
        let (tools, abstain) = (self.candidates(pack, count), self.ranking().special);
        Event::Ranking { tools, abstain, sure: self.is_sure() }
    }

    fn belief(&self) -> Belief {
        let probabilities: Vec<f32> = self.ranking.tools.iter().map(|(_, p)| *p).collect();
        Belief::of(&probabilities, self.ranking.special, &self.looks)
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
