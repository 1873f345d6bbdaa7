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
mod linear;
mod rms_norm;
mod swiglu;

use candle_core::{DType, Device, Tensor};

use self::attention::PackedAttention;
use self::linear::{FrozenLinear, LowRankLinear};
use self::rms_norm::RmsNorm;
use self::swiglu::SwiGlu;
use super::gemm::Panels;
use crate::backend::{Backend, BitMask, Scored, Sequence, TopK, select_top_k};
use crate::model::{Config, QuantizedMatrix};
use crate::{Error, Result};
use std::sync::Arc;

/// The training backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Autograd;

/// Frozen weights, and what is learned on top of them.
pub struct Matrix {
    /// The weights as the checkpoint stores them.
    pub stored: QuantizedMatrix,
    frozen: Arc<Frozen>,
    /// What training adds: `W + s · B A`.
    pub adapter: Option<LowRank>,
}

/// A frozen `[rows, columns]` matrix, packed for both directions of a product.
struct Frozen {
    /// For `x · Wᵀ`.
    forward: Panels,
    /// For the gradient, `g · W`.
    backward: Panels,
}

/// A low-rank update (LoRA, <https://arxiv.org/abs/2106.09685>): `ΔW = s · B A`.
#[derive(Clone, Debug)]
pub struct LowRank {
    /// `[r, columns]`.
    pub a: Tensor,
    /// `[rows, r]`.
    pub b: Tensor,
    /// `s = α / r`.
    pub scale: f32,
}

/// Texts side by side in one batch. As a [`Sequence`] it is filled by one forward pass.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Where each text begins, and the total: `texts + 1` offsets.
    pub offsets: Arc<[usize]>,
    len: usize,
}

impl Packed {
    /// Texts of these lengths in tokens.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        lengths.into_iter().for_each(|len| offsets.push(offsets[offsets.len() - 1] + len));
        Self { offsets: offsets.into(), len: 0 }
    }

    /// Index of the last token of each text.
    pub fn last_tokens(&self) -> Vec<u32> {
        self.offsets[1..].iter().map(|&end| end as u32 - 1).collect()
    }
}

impl Sequence for Packed {
    fn len(&self) -> usize {
        self.len
    }

    fn capacity(&self) -> usize {
        *self.offsets.last().expect("at least the start")
    }

    fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

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

pub(super) fn failed(error: candle_core::Error) -> Error {
    Error::Backend(error.to_string())
}

/// A contiguous tensor's numbers, for a kernel.
fn with_floats<T>(
    tensor: &Tensor,
    read: impl FnOnce(&[f32]) -> candle_core::Result<T>,
) -> candle_core::Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        candle_core::Storage::Cpu(storage) => read(floats(storage, layout)?),
        _ => candle_core::bail!("training runs on the CPU"),
    }
}

/// The numbers of a contiguous operand.
fn floats<'a>(
    storage: &'a candle_core::CpuStorage,
    layout: &candle_core::Layout,
) -> candle_core::Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => candle_core::bail!("an operand of a kernel is not contiguous"),
    }
}
