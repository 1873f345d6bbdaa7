//! Activations quantized for integer products, with a scale for each block of 32.

use std::sync::OnceLock;

use wide::{f32x4, i8x16, i16x16, i32x4, i32x8};

use super::elementwise::largest;
use super::packed::TILE;
use super::tensor::Tensor;
use crate::gguf::{BLOCK, Format};

/// The largest integer: eight bits, as in llama.cpp and candle.
const MAX: f32 = 127.0;

/// `[n, width]` activations as integers. Blocks of the same columns follow one another, `[width / 32, n]`, since they
/// meet the same weights.
pub struct Activations {
    /// Numbers in a row.
    pub width: usize,
    /// `[width / 32, n, 32]`.
    pub quants: Vec<i8>,
    /// `[width / 32, n]`: `d = max|x| / 127`.
    pub scales: Vec<f32>,
    /// `[width / 32, n]`: what a block adds for all that its weights share. For unsigned weights that stand `z` too
    /// high it is `−z Σ q`, an integer; for those of [`Format::Q4_1`] `d Σ q`, the factor of their minimum.
    pub shared: Vec<f32>,
    /// `[width / 32, n]`: `Σ q`.
    sums: Vec<i32>,
    words: OnceLock<Vec<[i32; 2]>>,
}

impl Activations {
    /// Quantizes `x` for a product with weights of `format`.
    pub fn quantize(x: &Tensor, format: Format) -> Self {
        let &Tensor { rows, width, ref tiles } = x;
        assert!(width.is_multiple_of(BLOCK), "activations are no whole blocks");
        let mut quants = vec![0; rows * width];
        let count = rows * width / BLOCK;
        let (mut scales, mut sums) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (halves, _) = tiles.as_chunks::<TILE>();
        let mut places = quants.as_chunks_mut().0.iter_mut();
        for block in halves.chunks_exact(2 * rows) {
            let (left, right) = block.split_at(rows);
            for ((left, right), place) in left.iter().zip(right).zip(&mut places) {
                let (scale, sum) = quantize_block(bytemuck::cast([*left, *right]), place);
                scales.push(scale);
                sums.push(sum);
            }
        }
        let (shared, words) = (Vec::new(), OnceLock::new());
        Self { width, quants, scales, shared, sums, words }.for_weights(format)
    }

    /// The same integers for a product with weights of another format.
    pub fn for_weights(mut self, format: Format) -> Self {
        let blocks = self.sums.iter().zip(&self.scales);
        self.shared = match format {
            Format::Q4_1 => blocks.map(|(&sum, d)| d * sum as f32).collect(),
            Format::Q4_0 => blocks.map(|(sum, _)| (-8 * sum) as f32).collect(),
            _ => blocks.map(|(sum, _)| (-128 * sum) as f32).collect(),
        };
        self
    }

    /// The integers as pairs of sixteen bits, made when first asked for: of each four, 0 and 2, then 1 and 3.
    pub fn words(&self) -> &[[i32; 2]] {
        self.words.get_or_init(|| {
            let words = |&[a, b, c, d]: &[i8; 4]| bytemuck::cast([a, c, b, d].map(i16::from));
            self.quants.as_chunks().0.iter().map(words).collect()
        })
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.quants.len() / self.width
    }
}

/// The integers of one block, their scale and their sum.
fn quantize_block(x: [f32x4; BLOCK / 4], quants: &mut [i8; BLOCK]) -> (f32, i32) {
    let d = largest(x.iter().fold(f32x4::ZERO, |max, x| max.fast_max(x.abs()))) / MAX;
    let inverse = f32x4::splat(if d.is_normal() { 1.0 / d } else { 0.0 });
    // To the nearest integer, ties to even.
    let q = x.map(|x| (x * inverse).round_int());
    let sum = q.iter().fold(i32x4::ZERO, |sum, &q| sum + q).to_array();
    let words: [i32x8; 4] = bytemuck::cast(q);
    let words = words.map(wide::i16x8::from_i32x8_saturate);
    let words: [i16x16; 2] = bytemuck::cast(words);
    *quants = bytemuck::cast(words.map(i8x16::from_i16x16_saturate));
    (d, sum.iter().sum())
}
