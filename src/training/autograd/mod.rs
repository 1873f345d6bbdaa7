//! The training backend: the decoder's verbs on candle tensors, so that gradients flow.
//!
//! [`Autograd`] implements the same [`Backend`] contract as the backends that the browser runs, so
//! training runs the very forward pass that is shipped. Base matrices are frozen in bfloat16 and carry
//! an optional low-rank [`adapter`](Matrix::adapter); a [`Packed`] sequence holds many texts in one
//! batch, each of which attends to itself alone, so that no token is spent on padding.

/// Defines a function that runs `$work`, which must be `#[inline(always)]`, compiled for vectors of 256 bits
/// where the processor has them.
macro_rules! wide_vectors {
    ($name:ident => $work:ident($($argument:ident: $type:ty),*)) => {
        fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn wide($($argument: $type),*) {
                    $work($($argument),*);
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: the processor has the instructions.
                    return unsafe { wide($($argument),*) };
                }
            }
            $work($($argument),*);
        }
    };
}

mod attention;
mod gemm;
mod linear;
mod matrix;
mod operands;
mod packed;
mod rms_norm;
mod swiglu;

pub use self::matrix::{LowRank, Matrix};
pub use self::packed::Packed;

use candle_core::{DType, Device, Tensor};

use self::attention::PackedAttention;
use self::gemm::Panels;
use self::linear::{FrozenLinear, LowRankLinear};
use self::matrix::Frozen;
use self::rms_norm::RmsNorm;
use self::swiglu::SwiGlu;
use crate::backend::{Backend, BitMask, Scored, TopK, select_top_k};
use crate::gguf::{Config, QuantizedMatrix};
use crate::{Error, Result};

/// The training backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Autograd;

/// A shape that does not fit is a mistake in this crate, and the contract's verbs can't fail.
const SHAPES: &str = "the decoder's shapes were checked when it was loaded";

impl Backend for Autograd {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Vector = Tensor;
    type Sequence = Packed;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Matrix> {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let weights = matrix.dequantize();
        let frozen = Frozen {
            forward: Panels::from_columns(&weights, rows, columns),
            backward: Panels::from_rows(&weights, rows, columns),
        };
        Ok(Matrix { stored: matrix, frozen: frozen.into(), adapter: None })
    }

    fn adapt(
        &self,
        weights: &mut Matrix,
        _norm: Option<&mut Tensor>,
        update: crate::backend::LowRank,
    ) -> Result<()> {
        let floats = |m: &QuantizedMatrix| {
            Tensor::from_vec(m.dequantize(), (m.rows, m.columns), &Device::Cpu).map_err(failed)
        };
        let (a, b) = (floats(&update.a)?, floats(&update.b)?);
        weights.adapter = Some(LowRank { a, b, scale: 1.0 });
        Ok(())
    }

    fn upload_vector(&self, vector: Vec<f32>) -> Result<Tensor> {
        let len = vector.len();
        Tensor::from_vec(vector, len, &Device::Cpu).map_err(failed)
    }

    fn sequence(&self, _config: &Config, capacity: usize) -> Packed {
        Packed::new([capacity])
    }

    fn embed(&self, table: &Matrix, tokens: &[u32]) -> Tensor {
        let width = table.stored.columns;
        let mut values = vec![0.0; tokens.len() * width];
        for (&token, row) in tokens.iter().zip(values.chunks_exact_mut(width)) {
            table.stored.dequantize_row(token as usize, row);
        }
        Tensor::from_vec(values, (tokens.len(), width), &Device::Cpu).expect(SHAPES)
    }

    fn rms_norm(&self, x: &Tensor, gain: &Tensor, epsilon: f32) -> Tensor {
        x.apply_op2(gain, RmsNorm { epsilon }).expect(SHAPES)
    }

    fn linear(&self, x: &Tensor, weights: &Matrix) -> Tensor {
        let frozen = weights.frozen.clone();
        match &weights.adapter {
            None => x.apply_op1(FrozenLinear { frozen }),
            Some(LowRank { a, b, scale }) => {
                x.apply_op3(a, b, LowRankLinear { frozen, scale: *scale })
            }
        }
        .expect(SHAPES)
    }

    fn linear_add(&self, residual: Tensor, x: &Tensor, weights: &Matrix) -> Tensor {
        (residual + self.linear(x, weights)).expect(SHAPES)
    }

    fn swiglu(&self, x: &Tensor, gate_up: &Matrix) -> Tensor {
        self.linear(x, gate_up).apply_op1(SwiGlu).expect(SHAPES)
    }

    fn attention(
        &self,
        qkv: Tensor,
        _layer: usize,
        sequence: &mut Packed,
        config: &Config,
    ) -> Tensor {
        let attention =
            PackedAttention { offsets: sequence.offsets.clone(), config: config.clone() };
        qkv.apply_op1(attention).expect(SHAPES)
    }

    fn last_row(&self, x: Tensor) -> Tensor {
        let rows = x.dims()[0];
        x.narrow(0, rows - 1, 1).expect(SHAPES)
    }

    async fn top_k(
        &self,
        x: &Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let logits: Vec<f32> = self.read(&self.linear(x, head)).await?;
        let rows: Vec<Scored> = (0..)
            .zip(logits)
            .filter(|&(id, _)| mask.is_none_or(|mask| mask.allows(id)))
            .map(|(id, logit)| Scored { id, logit })
            .collect();
        Ok(select_top_k(&rows, k))
    }

    async fn read(&self, x: &Tensor) -> Result<Vec<f32>> {
        x.flatten_all().and_then(|x| x.to_dtype(DType::F32)?.to_vec1()).map_err(failed)
    }
}

pub(crate) fn failed(error: candle_core::Error) -> Error {
    Error::Training(error.to_string())
}
