//! From floats to ggml's 4-bit blocks, with the scale that loses least.
//!
//! Spreading a block's sixteen levels evenly from its smallest to its largest weight, as ggml's reference
//! does, spends them on two outliers. Here several spreads are tried, each is improved by least squares
//! (scale and offset for the levels that the weights were rounded to), and the one with the smallest sum of
//! squared errors is kept.

use half::f16;

use super::{BLOCK, Format, QuantizedMatrix};
use crate::{Error, Result};

/// How a 4-bit block's scale is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// From the extremes of the block, as ggml's reference does.
    Extremes,
    /// By the search that this module describes.
    LeastSquares,
}

/// Quantizes `[rows, columns]` floats.
pub fn quantize(
    format: Format,
    rounding: Rounding,
    rows: usize,
    columns: usize,
    weights: &[f32],
) -> Result<QuantizedMatrix> {
    if weights.iter().any(|weight| !weight.is_finite()) {
        return Err(Error::tensor("matrix", "holds a weight that is not finite"));
    }
    if format == Format::Q8_0 {
        return QuantizedMatrix::quantize_q8_0(rows, columns, weights);
    }
    let mut bytes = Vec::with_capacity(weights.len() / BLOCK * format.block_bytes());
    for block in weights.as_chunks().0 {
        match format {
            Format::F32 => bytes.extend(block.iter().flat_map(|weight| weight.to_le_bytes())),
            _ => Fit::best(block, format, rounding).write(format, &mut bytes),
        }
    }
    QuantizedMatrix::new(format, rows, columns, bytes)
}

/// A block as `scale · level + offset`. Levels are whole numbers, from −8 to 7 without offset in Q4_0 and
/// from 0 to 15 in Q4_1.
struct Fit {
    scale: f16,
    offset: f16,
    levels: [f32; BLOCK],
    /// Sum of squared errors.
    error: f32,
}

/// Adding and taking away 1.5 · 2²³ rounds to a whole number.
const ROUND: f32 = 12_582_912.0;

impl Fit {
    fn best(weights: &[f32; BLOCK], format: Format, rounding: Rounding) -> Self {
        let low = weights.iter().copied().fold(f32::INFINITY, f32::min);
        let high = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let extreme = if -low > high { low } else { high };
        // A spread over `range` levels more or less than there are.
        let spread = |levels: f32| match format {
            Format::Q4_1 => Self::new(weights, format, (high - low) / levels, low),
            _ => Self::new(weights, format, extreme / (7.0 - levels), 0.0),
        };
        let mut best = spread(15.0);
        if rounding == Rounding::LeastSquares {
            for step in -8..=8 {
                let mut fit = spread(15.0 + step as f32 * 0.15);
                for _ in 0..2 {
                    let (scale, offset) = least_squares(weights, &fit.levels, format);
                    let better = Self::new(weights, format, scale, offset);
                    if better.error >= fit.error {
                        break;
                    }
                    fit = better;
                }
                if fit.error < best.error {
                    best = fit;
                }
            }
        }
        best
    }

    fn new(weights: &[f32; BLOCK], format: Format, scale: f32, offset: f32) -> Self {
        let (scale, offset) = (f16::from_f32(scale), f16::from_f32(offset));
        let (d, m) = (scale.to_f32(), offset.to_f32());
        let inverse = if d == 0.0 { 0.0 } else { 1.0 / d };
        let (lowest, highest) = if format == Format::Q4_1 { (0.0, 15.0) } else { (-8.0, 7.0) };
        let mut levels = [0.0; BLOCK];
        let mut error = 0.0;
        for (level, weight) in levels.iter_mut().zip(weights) {
            *level = ((weight - m) * inverse).clamp(lowest, highest) + ROUND - ROUND;
            error += (d * *level + m - weight).powi(2);
        }
        if !error.is_finite() {
            error = f32::INFINITY;
        }
        Self { scale, offset, levels, error }
    }

    fn write(&self, format: Format, bytes: &mut Vec<u8>) {
        bytes.extend(self.scale.to_le_bytes());
        let mut first = 8.0;
        if format == Format::Q4_1 {
            bytes.extend(self.offset.to_le_bytes());
            first = 0.0;
        }
        let (low, high) = self.levels.split_at(BLOCK / 2);
        let code = |level: f32| (level + first) as u8;
        bytes.extend(low.iter().zip(high).map(|(&low, &high)| code(low) | code(high) << 4));
    }
}

/// Scale and offset with the smallest squared error for these levels.
fn least_squares(weights: &[f32; BLOCK], levels: &[f32; BLOCK], format: Format) -> (f32, f32) {
    let n = BLOCK as f32;
    let (mut l, mut ll, mut w, mut lw) = (0.0, 0.0, 0.0, 0.0);
    for (level, weight) in levels.iter().zip(weights) {
        l += level;
        ll += level * level;
        w += weight;
        lw += level * weight;
    }
    if format != Format::Q4_1 {
        return (if ll > 0.0 { lw / ll } else { 0.0 }, 0.0);
    }
    let determinant = n * ll - l * l;
    let scale = if determinant > 0.0 { (n * lw - l * w) / determinant } else { 0.0 };
    (scale, (w - scale * l) / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    fn weights(count: usize) -> Vec<f32> {
        let uniform = |i: usize| (i * 2_654_435_761 % 10_007) as f32 / 10_007.0 - 0.5;
        (0..count).map(|i| uniform(4 * i) + uniform(4 * i + 1) + uniform(4 * i + 2)).collect()
    }

    fn error(weights: &[f32], matrix: &QuantizedMatrix) -> f32 {
        matrix
            .dequantize()
            .iter()
            .zip(weights)
            .map(|(found, weight)| (found - weight).powi(2))
            .sum()
    }

    #[test]
    fn extremes_are_what_candle_gives() {
        let weights = weights(64 * 96);
        let tensor = Tensor::from_slice(&weights, (64, 96), &Device::Cpu).unwrap();
        for (format, dtype) in [(Format::Q4_0, GgmlDType::Q4_0), (Format::Q4_1, GgmlDType::Q4_1)] {
            let ours = quantize(format, Rounding::Extremes, 64, 96, &weights).unwrap();
            let theirs = QTensor::quantize(&tensor, dtype).unwrap().data().unwrap().to_vec();
            let theirs = QuantizedMatrix::new(format, 64, 96, theirs).unwrap();
            let ratio = error(&weights, &ours) / error(&weights, &theirs);
            assert!((ratio - 1.0).abs() < 0.01, "{format:?}: {ratio}");
        }
    }

    #[test]
    fn least_squares_lose_less() {
        let weights = weights(64 * 96);
        for (format, most) in [(Format::Q4_0, 0.95), (Format::Q4_1, 0.95)] {
            let [before, after] = [Rounding::Extremes, Rounding::LeastSquares].map(|rounding| {
                error(&weights, &quantize(format, rounding, 64, 96, &weights).unwrap())
            });
            assert!(after < most * before, "{format:?}: {after} after {before}");
        }
    }

    #[test]
    fn blocks_without_spread_come_back() {
        for value in [0.0, 0.25, -3.0] {
            for format in [Format::Q4_0, Format::Q4_1] {
                let matrix = quantize(format, Rounding::LeastSquares, 1, 32, &[value; 32]).unwrap();
                let found = matrix.dequantize();
                assert!(found.iter().all(|x| (x - value).abs() < 2e-3), "{format:?}: {found:?}");
            }
        }
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        assert!(quantize(Format::Q4_1, Rounding::Extremes, 1, 32, &[f32::NAN; 32]).is_err());
    }
}
