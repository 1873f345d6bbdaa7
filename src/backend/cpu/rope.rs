//! RoPE: rotating queries and keys by their positions.

use crate::gguf::Config;

/// Cosine and sine of `position · base^(−2i / size)` for every position so far and pair `i`. They are computed once
/// in a sequence, for all layers.
#[derive(Clone, Debug)]
pub struct Angles {
    /// `base^(−2i / size)`.
    frequencies: Vec<f32>,
    /// `[positions, size / 2]`.
    pairs: Vec<[f32; 2]>,
}

impl Angles {
    /// No position yet.
    pub fn new(config: &Config) -> Self {
        let size = config.head_size as f32;
        let frequency = |i: usize| 1.0 / libm::powf(config.rope_base, 2.0 * i as f32 / size);
        let frequencies = (0..config.head_size / 2).map(frequency).collect();
        Self { frequencies, pairs: Vec::new() }
    }

    /// Has the angles of all positions below `positions`.
    pub fn grow(&mut self, positions: usize) {
        let known = self.pairs.len() / self.frequencies.len();
        for position in known..positions {
            let rotation = |frequency: &f32| {
                let angle = position as f32 * frequency;
                [libm::cosf(angle), libm::sinf(angle)]
            };
            self.pairs.extend(self.frequencies.iter().map(rotation));
        }
    }

    /// Rotates the pairs (x₀, x₁), (x₂, x₃), … of every head to `position`
    /// (<https://arxiv.org/abs/2104.09864>, equation 34; GGUF stores llama's rows in this order).
    pub fn rotate(&self, heads: &mut [f32], position: usize) {
        let half = self.frequencies.len();
        let rotations = &self.pairs[position * half..][..half];
        for head in heads.chunks_exact_mut(2 * half) {
            for ([a, b], [cos, sin]) in head.as_chunks_mut().0.iter_mut().zip(rotations) {
                (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
            }
        }
    }
}
