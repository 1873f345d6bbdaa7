//! The CPU backend: integer dot products on 128-bit vectors, everywhere the same bits.
//!
//! Weights stay in the file's blocks. Activations are quantized to sixteen bits for a product
//! (`activations`), so that a product is integer arithmetic (`matmul`); everything else is
//! 32-bit float. Vectors come from `wide` (SSE2, NEON, wasm SIMD), `exp` and the like from `libm`,
//! and sums have one fixed order: a browser computes exactly what the native binary computes.
//! Natively the rows of a product are spread over threads; that changes no sum.

mod activations;
mod attention;
mod matmul;
mod parallel;

use super::{Backend, BitMask, LowRank, Scored, TopK, select_top_k};
use crate::gguf::Format;
use crate::gguf::{Config, QuantizedMatrix};
use crate::{Error, Result};
use activations::Activations;
pub use attention::KeyValues;

/// A mask that allows one row in so many, or more, is applied after the product with all rows: that one
/// is spread over threads, and both give the same bits.
const DENSE: usize = 4;

/// The backend that runs everywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

/// Activations `[n, width]`, row-major.
#[derive(Clone, Debug)]
pub struct Tensor {
    width: usize,
    values: Vec<f32>,
}

impl Tensor {
    /// A tensor from its rows.
    pub fn from_rows(width: usize, values: Vec<f32>) -> Self {
        Self { width, values }
    }

    fn rows(&self) -> usize {
        self.values.len() / self.width
    }
}

/// Weights, and their update.
#[derive(Clone, Debug)]
pub struct Matrix {
    weights: QuantizedMatrix,
    update: Option<LowRank>,
}

impl Backend for Cpu {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Vector = Vec<f32>;
    type Sequence = KeyValues;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Matrix> {
        if matrix.format == Format::F32 {
            return Err(Error::Backend("matrices in F32 have no kernel; quantize to Q8_0".into()));
        }
        Ok(Matrix { weights: matrix, update: None })
    }

    fn adapt(
        &self,
        weights: &mut Matrix,
        _norm: Option<&mut Vec<f32>>,
        update: LowRank,
    ) -> Result<()> {
        weights.update = Some(update);
        Ok(())
    }

    fn upload_vector(&self, vector: Vec<f32>) -> Result<Vec<f32>> {
        Ok(vector)
    }

    fn sequence(&self, config: &Config, capacity: usize) -> KeyValues {
        KeyValues::new(config, capacity)
    }

    fn embed(&self, table: &Matrix, tokens: &[u32]) -> Tensor {
        let table = &table.weights;
        let mut values = vec![0.0; tokens.len() * table.columns];
        for (&token, row) in tokens.iter().zip(values.chunks_exact_mut(table.columns)) {
            table.dequantize_row(token as usize, row);
        }
        Tensor { width: table.columns, values }
    }

    fn rms_norm(&self, x: &Tensor, gain: &Vec<f32>, epsilon: f32) -> Tensor {
        let mut values = x.values.clone();
        for row in values.chunks_exact_mut(x.width) {
            let mean_square = row.iter().map(|x| x * x).sum::<f32>() / x.width as f32;
            let scale = (mean_square + epsilon).sqrt();
            for (x, gain) in row.iter_mut().zip(gain) {
                *x = *x / scale * gain;
            }
        }
        Tensor { width: x.width, values }
    }

    fn linear(&self, x: &Tensor, Matrix { weights, update }: &Matrix) -> Tensor {
        let activations = Activations::quantize(&x.values, x.width);
        let mut values = matmul::matmul(&activations, weights); // [n, rows]
        if let Some(LowRank { a, b }) = update {
            let z = matmul::matmul(&activations, a); // [n, r]
            let thin = matmul::matmul(&Activations::quantize(&z, a.rows), b); // [n, rows]
            values.iter_mut().zip(thin).for_each(|(y, thin)| *y += thin);
        }
        Tensor { width: weights.rows, values }
    }

    fn linear_add(&self, mut residual: Tensor, x: &Tensor, weights: &Matrix) -> Tensor {
        let y = self.linear(x, weights);
        residual.values.iter_mut().zip(&y.values).for_each(|(r, y)| *r += y);
        residual
    }

    fn swiglu(&self, x: &Tensor, gate_up: &Matrix) -> Tensor {
        let both = self.linear(x, gate_up);
        let width = both.width / 2;
        let mut values = Vec::with_capacity(x.rows() * width);
        for row in both.values.chunks_exact(both.width) {
            let (gate, up) = row.split_at(width);
            values.extend(gate.iter().zip(up).map(|(g, u)| g / (1.0 + libm::expf(-g)) * u));
        }
        Tensor { width, values }
    }

    fn attention(
        &self,
        qkv: Tensor,
        layer: usize,
        sequence: &mut KeyValues,
        config: &Config,
    ) -> Tensor {
        let values = sequence.attend(qkv.values, layer, config);
        Tensor { width: config.hidden, values }
    }

    fn last_row(&self, mut x: Tensor) -> Tensor {
        x.values.drain(..x.values.len() - x.width);
        x
    }

    async fn top_k(
        &self,
        x: &Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let head = &head.weights;
        let activations = Activations::quantize(&x.values, x.width);
        let rows: Vec<Scored> = match mask {
            // A mask that leaves few rows, often one: only those are computed.
            Some(mask) if mask.count() < head.rows / DENSE => mask
                .iter()
                .take_while(|&id| (id as usize) < head.rows)
                .map(|id| Scored {
                    id,
                    logit: matmul::row_product(&activations, head, id as usize),
                })
                .collect(),
            _ => (0..)
                .zip(matmul::matmul(&activations, head))
                .filter(|&(id, _)| mask.is_none_or(|mask| mask.allows(id)))
                .map(|(id, logit)| Scored { id, logit })
                .collect(),
        };
        Ok(select_top_k(&rows, k))
    }

    async fn read(&self, x: &Tensor) -> Result<Vec<f32>> {
        Ok(x.values.clone())
    }
}
