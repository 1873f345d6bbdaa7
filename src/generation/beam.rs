//! Beam search and greedy search over tool tokens.
//!
//! A tool's probability is the product of its tokens' probabilities, each among the tokens that the
//! trie of tools allows there (ToolGen, section 3.4): over all tools these sum to one. Where, after
//! the first, the trie leaves one token only, its probability is one and the model is not asked.

use crate::Result;
use crate::backend::{BitMask, TopK};
use crate::virtualization::Trie;

/// Beams that the paper decodes with.
pub const WIDTH: usize = 5;

/// A model after a question, asked for tool tokens.
#[allow(async_fn_in_trait)] // every caller is single-threaded or blocks on the spot
pub trait NextToolTokens {
    /// The `k` likeliest tool tokens after each prefix, all beginning at the question, among those that
    /// its mask allows (all without a mask).
    async fn next(&mut self, asked: &[(&[u32], Option<BitMask>)], k: usize) -> Result<Vec<TopK>>;
}

/// A sequence of tool tokens on its way to name a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beam {
    /// The tool tokens.
    pub tokens: Vec<u32>,
    /// The sum of their log-probabilities.
    pub log_probability: f32,
}

impl Beam {
    /// From 0 to 1.
    pub fn probability(&self) -> f32 {
        libm::expf(self.log_probability)
    }

    /// Goes on as far as there is no choice.
    fn follow(mut self, trie: &Trie) -> Self {
        while let Some(token) = trie.only_next(&self.tokens) {
            self.tokens.push(token);
        }
        self
    }
}

/// The likeliest tools' sequences, at most `width` of them, by falling probability. Finished beams keep
/// their place among those that go on; with as many beams as tools the search is exhaustive.
pub async fn beam_search(
    model: &mut impl NextToolTokens,
    trie: &Trie,
    width: usize,
) -> Result<Vec<Beam>> {
    let mut beams = vec![Beam::default()];
    loop {
        let is_finished = |beam: &Beam| trie.tool(&beam.tokens).is_some();
        let (mut candidates, live): (Vec<Beam>, Vec<Beam>) =
            beams.into_iter().partition(is_finished);
        if live.is_empty() {
            return Ok(candidates);
        }
        let asked: Vec<(&[u32], Option<BitMask>)> =
            live.iter().map(|beam| (beam.tokens.as_slice(), trie.allowed(&beam.tokens))).collect();
        let answers = model.next(&asked, width).await?;
        for (beam, top) in live.iter().zip(&answers) {
            candidates.extend(top.best.iter().map(|scored| {
                let mut tokens = beam.tokens.clone();
                tokens.push(scored.id);
                let log_probability = beam.log_probability + scored.logit - top.log_sum_exp;
                Beam { tokens, log_probability }.follow(trie)
            }));
        }
        candidates.sort_by(|a, b| {
            b.log_probability.total_cmp(&a.log_probability).then_with(|| a.tokens.cmp(&b.tokens))
        });
        candidates.truncate(width);
        beams = candidates;
    }
}

/// The sequence of the likeliest token at every step, *not* held to the trie: it ends where it names a
/// tool, or where no tool's sequence begins so. Then it is a hallucination.
pub async fn unconstrained(model: &mut impl NextToolTokens, trie: &Trie) -> Result<Vec<u32>> {
    let mut tokens = Vec::new();
    while trie.contains(&tokens) && trie.tool(&tokens).is_none() {
        let answers = model.next(&[(&tokens, None)], 1).await?;
        match answers.first().and_then(|top| top.best.first()) {
            Some(scored) => tokens.push(scored.id),
            None => break,
        }
    }
    Ok(tokens)
}
