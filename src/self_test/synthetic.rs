//! Weights and shapes for checks of a backend, and how far its results are off.

use crate::Result;
use crate::backend::LowRank;
use crate::gguf::{BLOCK, Format};
use crate::gguf::{Config, QuantizedMatrix};

/// SmolLM2-135M's shape, but for the number of layers and the vocabulary.
pub(super) const MODEL: Config = Config {
    layers: 1,
    hidden: 576,
    feed_forward: 1536,
    heads: 9,
    kv_heads: 3,
    head_size: 64,
    vocabulary: 4096,
    context: 128,
    rope_base: 100_000.0,
    rms_epsilon: 1e-5,
};

/// Weights between −`largest` and `largest`, in no order, the same ones for the same shape. Blocks have scales of
/// their own, so that a kernel that mistakes one for another is found.
pub(super) fn matrix(
    format: Format,
    rows: usize,
    columns: usize,
    largest: f32,
) -> Result<QuantizedMatrix> {
    let mut state = (rows * columns) as u32;
    let mut random = || {
        // Numerical Recipes' generator; its high bits are the random ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let half = |x: f32| half::f16::from_f32(x).to_le_bytes();
    let mut bytes = Vec::with_capacity(rows * columns / BLOCK * format.block_bytes());
    for _ in 0..rows * columns / BLOCK {
        let block_end = bytes.len() + format.block_bytes();
        let largest = largest * f32::from(128 + random() / 2) / 256.0;
        match format {
            Format::Q8_0 => bytes.extend(half(largest / 128.0)),
            Format::Q4_1 => bytes.extend([half(largest / 8.0), half(-largest)].concat()),
            _ => bytes.extend(half(largest / 8.0)),
        }
        bytes.extend((bytes.len()..block_end).map(|_| random()));
        if format == Format::Q8_0 {
            // As activations, quantized to eight bits again, these are the same numbers: the largest is 127 steps.
            let quants = &mut bytes[block_end - BLOCK..];
            quants.iter_mut().for_each(|q| *q = (*q as i8).max(-127) as u8);
            quants[usize::from(random()) % BLOCK] = 127;
        }
    }
    QuantizedMatrix::new(format, rows, columns, bytes)
}

/// An update of a matrix `[rows, columns]`, about as large as the matrix is when both are made with `largest`.
pub(super) fn update(rows: usize, columns: usize, rank: usize, largest: f32) -> Result<LowRank> {
    let a = matrix(Format::Q8_0, rank, columns, largest)?;
    let b = matrix(Format::Q8_0, rows, rank, 1.0 / (rank as f32).sqrt())?;
    Ok(LowRank { a, b })
}

/// A norm's gain.
pub(super) fn gain(width: usize) -> Vec<f32> {
    (0..width).map(|i| 1.0 + (i % 7) as f32 * 0.05).collect()
}

/// The largest difference; infinite if there are numbers too many, too few, or not finite.
pub(super) fn largest_difference(found: &[f32], expected: &[f32]) -> f32 {
    if found.len() != expected.len() {
        return f32::INFINITY;
    }
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    // `f32::max` would pass a NaN over.
    differences.fold(0.0, |max, off| if off.is_finite() { max.max(off) } else { f32::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_infinitely_far() {
        assert_eq!(largest_difference(&[1.0, 2.5], &[1.0, 2.0]), 0.5);
        assert_eq!(largest_difference(&[], &[]), 0.0);
        for found in [&[1.0][..], &[1.0, f32::NAN], &[f32::INFINITY, 2.0], &[1.0, 2.0, 3.0]] {
            assert_eq!(largest_difference(found, &[1.0, 2.0]), f32::INFINITY, "{found:?}");
        }
    }

    #[test]
    fn weights_fill_their_range() {
        for format in [Format::Q4_0, Format::Q4_1, Format::Q8_0] {
            let weights = matrix(format, 8, 64, 0.5).unwrap().dequantize();
            let [least, most] =
                [f32::min, f32::max].map(|pick| weights.iter().copied().reduce(pick).unwrap());
            assert!((-0.5..=-0.4).contains(&least) && (0.4..=0.5).contains(&most), "{format:?}");
        }
    }
}
