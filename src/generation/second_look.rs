//! When a tool is looked at again, and what of it.
//!
//! The tool token is chosen by what the question and the tool's row say. Where that leaves doubt the model reads
//! the tool's document, as it would anyway before it writes arguments, and says how likely this is the tool; then the
//! next likeliest's, until one is likely enough. Ranking and looks are weighed against each other.

/// Most tools that are looked at.
pub const MAX_LOOKS: usize = 3;
/// The probability from which on nothing is in doubt.
const CLEAR: f32 = 0.95;

/// What a ranking and the looks so far come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Belief {
    /// The probability of each tool of the ranking, in its order.
    pub tools: Vec<f32>,
    /// The probability that none fits.
    pub none: f32,
}

impl Belief {
    /// Of a ranking's `probabilities`, by falling size, beside that of `none`, and of what looks at each of the first
    /// said. A look counts as if it knew nothing of the ranking (Bayes' rule): it multiplies its tool's odds.
    pub fn of(probabilities: &[f32], mut none: f32, looks: &[f32]) -> Self {
        let rest = (1.0 - probabilities.iter().sum::<f32>() - none).max(0.0);
        let odds = |look: f32| look.max(1e-4) / (1.0 - look).max(1e-4);
        let factors = looks.iter().map(|&look| odds(look)).chain(std::iter::repeat(1.0));
        let mut tools: Vec<f32> =
            probabilities.iter().zip(factors).map(|(p, odds)| p * odds).collect();
        let sum = (tools.iter().sum::<f32>() + none + rest).max(f32::MIN_POSITIVE);
        tools.iter_mut().chain([&mut none]).for_each(|weight| *weight /= sum);
        Self { tools, none }
    }

    /// The place in the ranking of the likeliest tool, unless that none fits is likelier.
    pub fn choice(&self) -> Option<usize> {
        let best =
            (0..self.tools.len()).rev().max_by(|&a, &b| self.tools[a].total_cmp(&self.tools[b]))?;
        (self.tools[best] >= self.none).then_some(best)
    }

    /// The probability of the choice.
    pub fn probability(&self) -> f32 {
        self.choice().map_or(self.none, |choice| self.tools[choice])
    }

    /// Whether another look might change the choice.
    pub fn is_in_doubt(&self) -> bool {
        self.probability() < CLEAR
    }
}

/// What all of it comes to, where `looks` has what a look at each of the first tools would say: looks are taken, at
/// most [`MAX_LOOKS`], until nothing is in doubt.
///
/// ```
/// use toolgen::generation::second_look::weigh;
/// assert_eq!(weigh(&[0.6, 0.3], 0.0, &[0.2, 0.9]).choice(), Some(1));
/// assert_eq!(weigh(&[0.99, 0.01], 0.0, &[0.2, 0.9]).choice(), Some(0), "there is no doubt");
/// assert_eq!(weigh(&[0.5, 0.3], 0.2, &[0.1, 0.1]).choice(), None);
/// ```
pub fn weigh(probabilities: &[f32], none: f32, looks: &[f32]) -> Belief {
    let most = looks.len().min(MAX_LOOKS);
    let after = |count: usize| Belief::of(probabilities, none, &looks[..count]);
    (0..most).map(after).find(|belief| !belief.is_in_doubt()).unwrap_or_else(|| after(most))
}
