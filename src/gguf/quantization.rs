//! Quantized matrices in ggml's block formats.
//!
//! A row is cut into blocks of 32 weights; each block has one half-precision scale `d` (and, in
//! Q4_1, a minimum `m`) beside its integers `q`:
//!
//! | format | weight | bytes a block |
//! |---|---|---|
//! | F32  | `w` | 128 |
//! | Q4_0 | `d · (q − 8)`, q in 0..16 | 18 |
//! | Q4_1 | `d · q + m`, q in 0..16 | 20 |
//! | Q8_0 | `d · q`, q in −127..=127 | 34 |
//!
//! In the 4-bit formats byte *j* of a block holds weight *j* in its low and weight *j* + 16 in its
//! high half. Source: ggml's `ggml-quants`, and <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use half::f16;

use std::fmt;

use crate::{Error, Result};

/// Weights in a block.
pub const BLOCK: usize = 32;

/// How a matrix is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 32-bit floats; used for the norms' gains.
    F32,
    /// Four bits and a scale.
    Q4_0,
    /// Four bits, a scale and a minimum.
    Q4_1,
    /// Eight bits and a scale.
    Q8_0,
}

impl Format {
    /// The format of a ggml type by its number, where this crate has kernels for it.
    pub const fn from_ggml(kind: u32) -> Option<Self> {
        match kind {
            0 => Some(Self::F32),
            2 => Some(Self::Q4_0),
            3 => Some(Self::Q4_1),
            8 => Some(Self::Q8_0),
            _ => None,
        }
    }

    /// Bytes of one block of 32 weights.
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 128,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q8_0 => 34,
        }
    }
}

/// A matrix `[rows, columns]` of weights, as stored in the file. `y = W·x` has one output a row.
#[derive(Clone)]
pub struct QuantizedMatrix {
    /// Storage of the weights.
    pub format: Format,
    /// Outputs.
    pub rows: usize,
    /// Inputs; a multiple of [`BLOCK`].
    pub columns: usize,
    /// `rows · columns / 32` blocks, row by row.
    pub bytes: Vec<u8>,
}

/// Without the weights: a failing test would print thousands of them.
impl fmt::Debug for QuantizedMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, rows, columns, .. } = self;
        write!(f, "QuantizedMatrix {{ {format:?}, [{rows}, {columns}] }}")
    }
}

impl QuantizedMatrix {
    /// Checks that the bytes are as many as the shape needs.
    pub fn new(format: Format, rows: usize, columns: usize, bytes: Vec<u8>) -> Result<Self> {
        let expected = (columns.is_multiple_of(BLOCK))
            .then(|| (columns / BLOCK).checked_mul(format.block_bytes())?.checked_mul(rows))
            .flatten();
        if expected != Some(bytes.len()) {
            let reason =
                format!("{} bytes do not make [{rows}, {columns}] of {format:?}", bytes.len());
            return Err(Error::tensor("matrix", reason));
        }
        Ok(Self { format, rows, columns, bytes })
    }

    /// Quantizes `[rows, columns]` floats to [`Format::Q8_0`]: `d = max|w| / 127`, `q = round(w / d)`.
    pub fn quantize_q8_0(rows: usize, columns: usize, weights: &[f32]) -> Result<Self> {
        assert_eq!(weights.len(), rows * columns, "weights are not [rows, columns]");
        let mut bytes = Vec::with_capacity(weights.len() / BLOCK * Format::Q8_0.block_bytes());
        for block in weights.chunks(BLOCK) {
            let max = block.iter().fold(0f32, |max, w| max.max(w.abs()));
            let d = f16::from_f32(max / 127.0);
            let inverse = if d == f16::ZERO { 0.0 } else { 1.0 / d.to_f32() };
            bytes.extend(d.to_le_bytes());
            bytes.extend(
                block.iter().map(|w| (w * inverse).round().clamp(-127.0, 127.0) as i8 as u8),
            );
        }
        Self::new(Format::Q8_0, rows, columns, bytes)
    }

    /// Bytes of one row.
    pub const fn row_bytes(&self) -> usize {
        self.columns / BLOCK * self.format.block_bytes()
    }

    /// The stored bytes of row `index`.
    pub fn row(&self, index: usize) -> &[u8] {
        &self.bytes[index * self.row_bytes()..][..self.row_bytes()]
    }

    /// Row `index` as floats into `out`, `[columns]`.
    pub fn dequantize_row(&self, index: usize, out: &mut [f32]) {
        let blocks = self.row(index).chunks_exact(self.format.block_bytes());
        for (block, out) in blocks.zip(out.chunks_exact_mut(BLOCK)) {
            dequantize_block(self.format, block, out);
        }
    }

    /// All weights as floats, `[rows, columns]`.
    pub fn dequantize(&self) -> Vec<f32> {
        let mut weights = vec![0.0; self.rows * self.columns];
        for (index, row) in weights.chunks_exact_mut(self.columns.max(1)).enumerate() {
            self.dequantize_row(index, row);
        }
        weights
    }

    /// Fails when a scale is not finite: such a file computes nothing but NaN.
    pub fn check_scales(&self, name: &str) -> Result<()> {
        let finite = |at: usize| {
            self.bytes
                .chunks_exact(self.format.block_bytes())
                .all(|block| f16::from_le_bytes([block[at], block[at + 1]]).is_finite())
        };
        let sound = match self.format {
            Format::F32 => {
                self.bytes.as_chunks().0.iter().all(|&w| f32::from_le_bytes(w).is_finite())
            }
            Format::Q4_0 | Format::Q8_0 => finite(0),
            Format::Q4_1 => finite(0) && finite(2),
        };
        if sound { Ok(()) } else { Err(Error::tensor(name, "holds a weight that is not finite")) }
    }
}

/// One block of 32 weights as floats.
pub fn dequantize_block(format: Format, block: &[u8], out: &mut [f32]) {
    let half_at = |at: usize| f16::from_le_bytes([block[at], block[at + 1]]).to_f32();
    match format {
        Format::F32 => {
            for (out, &w) in out.iter_mut().zip(block.as_chunks().0) {
                *out = f32::from_le_bytes(w);
            }
        }
        Format::Q8_0 => {
            let d = half_at(0);
            for (out, &q) in out.iter_mut().zip(&block[2..]) {
                *out = d * f32::from(q as i8);
            }
        }
        Format::Q4_0 | Format::Q4_1 => {
            let (d, m, quants) = match format {
                Format::Q4_1 => (half_at(0), half_at(2), &block[4..]),
                _ => (half_at(0), -8.0 * half_at(0), &block[2..]),
            };
            for (j, &q) in quants.iter().enumerate() {
                out[j] = d * f32::from(q & 15) + m;
                out[j + BLOCK / 2] = d * f32::from(q >> 4) + m;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q8_0_comes_back_within_half_a_step() {
        let weights: Vec<f32> = (0..64).map(|i| (i as f32 * 0.37).sin()).collect();
        let matrix = QuantizedMatrix::quantize_q8_0(1, 64, &weights).unwrap();
        let mut back = vec![0.0; 64];
        matrix.dequantize_row(0, &mut back);
        for (w, b) in weights.iter().zip(&back) {
            assert!((w - b).abs() <= 0.51 / 127.0, "{w} came back as {b}");
        }
    }

    #[test]
    fn wrong_sizes_are_refused() {
        assert!(QuantizedMatrix::new(Format::Q4_1, 2, 33, vec![0; 40]).is_err());
        assert!(QuantizedMatrix::new(Format::Q4_1, 2, 32, vec![0; 39]).is_err());
        assert!(QuantizedMatrix::new(Format::Q4_1, usize::MAX, 64, vec![0; 40]).is_err());
    }
}
