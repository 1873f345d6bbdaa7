//! The CPU backend: integer products, everywhere the same bits.
//!
//! Weights are packed when they are uploaded (`packed`). Activations are quantized to eight bits for a product
//! (`activations`), so that a product is integer arithmetic, by the widest vectors that the processor has
//! (`kernels`); everything else is 32-bit float on 128-bit vectors of `wide` (SSE2, NEON, wasm SIMD), with an `exp` of
//! our own. Every sum has one fixed order: a browser computes exactly what the native binary computes.
//! Natively the tiles of a product are spread over threads (`parallel`); that changes no sum.

mod activations;
mod attention;
mod elementwise;
mod kernels;
mod matmul;
mod matrix;
mod packed;
mod parallel;
mod rope;
mod tensor;

use super::{Backend, BitMask, LowRank, Scored, TopK, select_top_k};
use crate::Result;
use crate::gguf::{Config, QuantizedMatrix};
use activations::Activations;
pub use attention::KeyValues;
pub use kernels::{Kernel, fastest, kernels};
use matmul::Product;
pub use matrix::Matrix;
use matrix::Update;
pub use packed::PackedMatrix;
use packed::TILE;
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub use parallel::POOL;
pub use tensor::Tensor;

/// The backend that runs everywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

/// `x · Wᵀ` by a kernel of choice, for tests and benchmarks: rows of `x` become rows of outputs.
pub fn product(kernel: &dyn Kernel, x: &[f32], weights: &PackedMatrix) -> Vec<f32> {
    Product::new(kernel, &Tensor::from_rows(weights.columns, x.to_vec()), weights)
        .store()
        .into_rows()
}

impl Backend for Cpu {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Vector = Vec<f32>;
    type Sequence = KeyValues;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Matrix> {
        Ok(Matrix { weights: PackedMatrix::new(matrix)?, update: None })
    }

    fn adapt(
        &self,
        weights: &mut Matrix,
        _norm: Option<&mut Vec<f32>>,
        LowRank { a, b }: LowRank,
    ) -> Result<()> {
        weights.update = Some(Update { a: PackedMatrix::new(a)?, b: PackedMatrix::new(b)? });
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
        Tensor::from_rows(table.columns, values)
    }

    fn rms_norm(&self, x: &Tensor, gain: &Vec<f32>, epsilon: f32) -> Tensor {
        elementwise::rms_norm(x, gain, epsilon)
    }

    fn linear(&self, x: &Tensor, weights: &Matrix) -> Tensor {
        Product::updated(fastest(), x, weights).store()
    }

    fn linear_add(&self, mut residual: Tensor, x: &Tensor, weights: &Matrix) -> Tensor {
        Product::updated(fastest(), x, weights).add_to(&mut residual);
        residual
    }

    fn swiglu(&self, x: &Tensor, gate_up: &Matrix) -> Tensor {
        Product::updated(fastest(), x, gate_up).gated(elementwise::gate)
    }

    fn attention(
        &self,
        qkv: Tensor,
        layer: usize,
        sequence: &mut KeyValues,
        config: &Config,
    ) -> Tensor {
        let heads = sequence.attend(qkv.into_rows(), layer, config);
        Tensor::from_rows(config.hidden, heads)
    }

    fn last_row(&self, x: Tensor) -> Tensor {
        x.last_row()
    }

    async fn top_k(
        &self,
        x: &Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let head = &head.weights;
        let activations = Activations::quantize(x, head.format);
        // A mask may leave few rows, often one: only their tiles are computed.
        let tiles: Vec<usize> = match mask {
            None => (0..head.tiles()).collect(),
            Some(mask) => {
                let allowed = mask.iter().map(|id| id as usize).take_while(|&id| id < head.rows);
                let mut tiles: Vec<usize> = allowed.map(|id| id / TILE).collect();
                tiles.dedup();
                tiles
            }
        };
        let logits = matmul::products_of_tiles(fastest(), &activations, head, &tiles);
        let ids = tiles.iter().flat_map(|tile| tile * TILE..(tile + 1) * TILE);
        let rows: Vec<Scored> = ids
            .zip(logits)
            .map(|(id, logit)| Scored { id: id as u32, logit })
            .filter(|row| {
                (row.id as usize) < head.rows && mask.is_none_or(|mask| mask.allows(row.id))
            })
            .collect();
        Ok(select_top_k(&rows, k))
    }

    async fn read(&self, x: &Tensor) -> Result<Vec<f32>> {
        Ok(x.clone().into_rows())
    }
}
