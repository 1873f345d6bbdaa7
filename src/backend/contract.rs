//! What a backend can do: the verbs of a decoder's forward pass.

use super::top_k::{BitMask, TopK};
use crate::Result;
use crate::gguf::{Config, QuantizedMatrix};

/// A low-rank update of a matrix `W`, `[rows, columns]`, which becomes `W + B A`
/// (LoRA, <https://arxiv.org/abs/2106.09685>). The rank `r` is a multiple of a block.
#[derive(Clone, Debug)]
pub struct LowRank {
    /// `[r, columns]`.
    pub a: QuantizedMatrix,
    /// `[rows, r]`.
    pub b: QuantizedMatrix,
}

/// The verbs of a forward pass. Shapes: `n` tokens, one row each, row-major.
#[allow(async_fn_in_trait)] // every caller is single-threaded or blocks on the spot
pub trait Backend {
    /// Activations `[n, width]` in 32-bit floats.
    type Tensor;
    /// Weights `[rows, columns]`.
    type Matrix;
    /// A norm's gain `[width]`.
    type Vector;
    /// The keys and values of one sequence.
    type Sequence: Sequence;

    /// Takes a matrix over, in whatever layout the kernels like.
    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Self::Matrix>;

    /// Takes a gain over.
    fn upload_vector(&self, vector: Vec<f32>) -> Result<Self::Vector>;

    /// Adds an update, whose shapes the caller has checked, to a matrix: from now on products are
    /// `x · Wᵀ + (x · Aᵀ) · Bᵀ`. `norm` is the gain of the norm whose results alone the matrix is multiplied with, if it
    /// is a norm's: `x · Aᵀ` may be computed with that norm.
    fn adapt(
        &self,
        weights: &mut Self::Matrix,
        norm: Option<&mut Self::Vector>,
        update: LowRank,
    ) -> Result<()>;

    /// Room for the keys and values of at most `capacity` tokens.
    fn sequence(&self, config: &Config, capacity: usize) -> Self::Sequence;

    /// Rows `tokens` of `table`: `[n, columns]`. The caller checks that the rows exist.
    fn embed(&self, table: &Self::Matrix, tokens: &[u32]) -> Self::Tensor;

    /// `x / sqrt(mean(x²) + ε) · gain`, row by row.
    fn rms_norm(&self, x: &Self::Tensor, gain: &Self::Vector, epsilon: f32) -> Self::Tensor;

    /// `x · Wᵀ`: `[n, columns]` to `[n, rows]`.
    fn linear(&self, x: &Self::Tensor, weights: &Self::Matrix) -> Self::Tensor;

    /// `residual + x · Wᵀ`.
    fn linear_add(
        &self,
        residual: Self::Tensor,
        x: &Self::Tensor,
        weights: &Self::Matrix,
    ) -> Self::Tensor;

    /// `silu(x · Gᵀ) ⊙ (x · Uᵀ)` where `gate_up` stacks G and U: `[n, columns]` to `[n, rows / 2]`.
    fn swiglu(&self, x: &Self::Tensor, gate_up: &Self::Matrix) -> Self::Tensor;

    /// Rotates queries and keys to their positions (RoPE on neighbouring pairs), appends keys and
    /// values to layer `layer` of `sequence`, and attends causally: `[n, q + k + v]` to `[n, q]`.
    fn attention(
        &self,
        qkv: Self::Tensor,
        layer: usize,
        sequence: &mut Self::Sequence,
        config: &Config,
    ) -> Self::Tensor;

    /// The last row, `[1, width]`.
    fn last_row(&self, x: Self::Tensor) -> Self::Tensor;

    /// The `k` rows of `head` with the highest logits `head · x` among those that `mask` allows
    /// (all without a mask); `x` is `[1, columns]`. Only `k` pairs leave the backend.
    async fn top_k(
        &self,
        x: &Self::Tensor,
        head: &Self::Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK>;

    /// The numbers of a tensor, row by row.
    async fn read(&self, x: &Self::Tensor) -> Result<Vec<f32>>;
}

/// The keys and values of the tokens seen so far.
pub trait Sequence {
    /// Tokens held.
    fn len(&self) -> usize;

    /// Whether no token is held.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Most tokens that fit.
    fn capacity(&self) -> usize;

    /// Counts `tokens` whose keys and values every layer has appended.
    fn advance(&mut self, tokens: usize);

    /// Forgets all but the first `len` tokens.
    fn truncate(&mut self, len: usize);
}
