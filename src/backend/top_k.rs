//! Picking the best rows under a mask.

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

    /// Whether row `id` is in the set; rows past its end are not.
    pub fn allows(&self, id: u32) -> bool {
        self.words.get(id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1)
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
    let order = |a: &Scored, b: &Scored| b.logit.total_cmp(&a.logit).then(a.id.cmp(&b.id));
    let mut best: Vec<Scored> = Vec::with_capacity(k + 1);
    for row in rows {
        let worst = best.len() == k && best.last().is_none_or(|last| order(last, row).is_lt());
        if !worst {
            best.insert(best.partition_point(|other| order(other, row).is_lt()), *row);
            best.truncate(k);
        }
    }
    let max = rows.iter().fold(f32::NEG_INFINITY, |max, row| max.max(row.logit));
    let sum: f32 = rows.iter().map(|row| libm::expf(row.logit - max)).sum();
    TopK { best, log_sum_exp: max + libm::logf(sum) }
}
