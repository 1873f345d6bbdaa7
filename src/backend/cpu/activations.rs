//! Activations quantized for integer products, with a scale for each block of 32.

use crate::gguf::BLOCK;

/// The largest integer. Weights have at most 8 bits, so a sum over a block stays far within 32.
const MAX: f32 = 32767.0;

/// `[n, width]` activations as integers.
///
/// Sixteen bits, where llama.cpp and candle take eight: the 16-bit dot product of 128-bit vectors needs
/// the wide form anyway, and eight bits cost accuracy. With eight, an RMSNorm epsilon of 1.002e-5 in
/// place of 1e-5 moves this model's logits by up to 0.36; with sixteen the results are those of 32-bit
/// floats but for the last bits.
pub struct Activations {
    /// Numbers in a row.
    pub width: usize,
    /// `[n, width]`. Within a block, in the order in which weights are unpacked: 0, 2, …, 14,
    /// 16, 18, …, 30, 1, 3, …, 15, 17, …, 31.
    pub quants: Vec<i16>,
    /// `[n, width / 32]`: `d = max|x| / 32767`.
    pub scales: Vec<f32>,
    /// `[n, width / 32]`: `d · Σ q`, the factor of a block's minimum in Q4_1.
    pub sums: Vec<f32>,
}

impl Activations {
    /// Quantizes rows of `width` numbers.
    pub fn quantize(x: &[f32], width: usize) -> Self {
        let blocks = x.len() / BLOCK;
        let mut quants = Vec::with_capacity(x.len());
        let (mut scales, mut sums) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        for block in x.chunks_exact(BLOCK) {
            let max = block.iter().fold(0f32, |max, x| max.max(x.abs()));
            let d = max / MAX;
            let inverse = if d.is_normal() { 1.0 / d } else { 0.0 };
            let start = quants.len();
            for first in [0, 16, 1, 17] {
                quants.extend((first..first + 16).step_by(2).map(|i| round(block[i] * inverse)));
            }
            let sum: i32 = quants[start..].iter().map(|&q| i32::from(q)).sum();
            scales.push(d);
            sums.push(sum as f32 * d);
        }
        Self { width, quants, scales, sums }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.quants.len() / self.width
    }

    /// Blocks in a row.
    pub fn blocks(&self) -> usize {
        self.width / BLOCK
    }
}

/// To the nearest integer; out of range, to the range's end.
fn round(x: f32) -> i16 {
    (x + 0.5f32.copysign(x)) as i16
}
