//! Picking the best rows under a mask.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use wide::f32x4;

use super::exp::exp;

/// A row and its logit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The row: a token of the vocabulary, or a tool token.
    pub id: u32,
    /// Its logit.
    pub logit: f32,
}

/// The best rows, and what turns their logits into probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct TopK {
    /// By falling logit; equal logits by rising id.
    pub best: Vec<Scored>,
    /// `ln Σ exp(logit)` over *all* allowed rows.
    pub log_sum_exp: f32,
}

impl TopK {
    /// Probability of one of [`TopK::best`] among all allowed rows (softmax).
    pub fn probability(&self, scored: &Scored) -> f32 {
        libm::expf(scored.logit - self.log_sum_exp)
    }
}

/// A set of rows, one bit each; bit `i` of word `w` is row `32 w + i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitMask {
    words: Vec<u32>,
}

impl BitMask {
    /// A set from its words.
    pub fn from_words(words: Vec<u32>) -> Self {
        Self { words }
    }

    /// The set of `ids`, all below `rows`.
    pub fn of(rows: usize, ids: impl IntoIterator<Item = u32>) -> Self {
        let mut words = vec![0; rows.div_ceil(32)];
        for id in ids {
            words[id as usize / 32] |= 1 << (id % 32);
        }
        Self { words }
    }

    /// Adds row `id`, which must be below the set's size.
    pub fn insert(&mut self, id: u32) {
        self.words[id as usize / 32] |= 1 << (id % 32);
    }

    /// How many rows are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether row `id` is in the set; rows past its end are not.
    pub fn allows(&self, id: u32) -> bool {
        self.words.get(id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1)
    }

    /// The bits of rows below `rows`, in words.
    pub fn words(&self, rows: usize) -> Vec<u32> {
        let mut words = self.words.clone();
        words.resize(rows.div_ceil(32), 0);
        words
    }

    /// The rows of the set, rising.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let ids = |(index, &word): (usize, &u32)| {
            (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index as u32 * 32 + bit)
        };
        self.words.iter().enumerate().flat_map(ids)
    }
}

/// The `k` best of all scored rows.
///
/// ```
/// use toolgen::backend::{Scored, select_top_k};
/// let rows = [(0, 1.0), (1, 3.0), (2, 3.0), (3, -1.0)].map(|(id, logit)| Scored { id, logit });
/// let top = select_top_k(&rows, 2);
/// assert_eq!(top.best.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
/// assert!((top.probability(&top.best[0]) - 0.464).abs() < 1e-3);
/// ```
pub fn select_top_k(rows: &[Scored], k: usize) -> TopK {
    let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(k.min(rows.len()));
    for &row in rows {
        if best.len() < k {
            best.push(Ranked(row));
        } else if let Some(mut worst) = best.peek_mut()
            && Ranked(row) < *worst
        {
            *worst = Ranked(row);
        }
    }
    let best = best.into_sorted_vec().into_iter().map(|Ranked(row)| row).collect();
    let max = rows.iter().fold(f32::NEG_INFINITY, |max, row| max.max(row.logit));
    TopK { best, log_sum_exp: max + libm::logf(sum_of_exponentials(rows, max)) }
}

/// `Σ exp(logit − max)`, in four lanes.
fn sum_of_exponentials(rows: &[Scored], max: f32) -> f32 {
    let (fours, rest) = rows.as_chunks::<4>();
    let max = f32x4::splat(max);
    let exponentials = |rows: [Scored; 4]| exp(f32x4::new(rows.map(|row| row.logit)) - max);
    let sum = fours.iter().fold(f32x4::ZERO, |sum, &rows| sum + exponentials(rows));
    let rest = rest.iter().map(|&row| exponentials([row; 4]).to_array()[0]);
    sum.to_array().into_iter().chain(rest).sum()
}

/// A row in the order of [`TopK::best`]: the worst of a heap stands at its top.
struct Ranked(Scored);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.logit.total_cmp(&self.0.logit).then(self.0.id.cmp(&other.0.id))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}
