//! Activations quantized for integer products, block by block as ggml's Q8_1.

use half::f16;

use crate::model::quantization::BLOCK;

/// `[n, width]` activations as integers with a scale for each block of 32.
pub struct Activations {
    /// Numbers in a row.
    pub width: usize,
    /// `[n, width]`, from −127 to 127, already widened for the 16-bit dot product.
    pub quants: Vec<i16>,
    /// `[n, width / 32]`: `d = max|x| / 127`.
    pub scales: Vec<f32>,
    /// `[n, width / 32]`: `d · Σ q`, the factor of a block's minimum in Q4_1.
    pub sums: Vec<f32>,
}

impl Activations {
    /// Quantizes rows of `width` numbers. Scales and sums are rounded to half precision, as ggml
    /// stores them, so that results agree with other readers of the format to the last few bits.
    pub fn quantize(x: &[f32], width: usize) -> Self {
        let blocks = x.len() / BLOCK;
        let mut quants = Vec::with_capacity(x.len());
        let (mut scales, mut sums) = (Vec::with_capacity(blocks), Vec::with_capacity(blocks));
        for block in x.chunks_exact(BLOCK) {
            let max = block.iter().fold(0f32, |max, x| max.max(x.abs()));
            let d = max / 127.0;
            let inverse = if d == 0.0 { 0.0 } else { 1.0 / d };
            let d = f16::from_f32(d).to_f32();
            let start = quants.len();
            quants.extend(block.iter().map(|x| round(x * inverse)));
            let sum: i16 = quants[start..].iter().sum();
            scales.push(d);
            sums.push(f16::from_f32(f32::from(sum) * d).to_f32());
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

/// To the nearest integer, halves away from zero; `|x|` is at most 127.
fn round(x: f32) -> i16 {
    (x + 0.5f32.copysign(x)) as i16
}
