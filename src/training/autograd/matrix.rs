//! What a product multiplies with: frozen weights, and a low-rank update on top.

use std::sync::Arc;

use candle_core::Tensor;

use super::gemm::Panels;
use crate::gguf::QuantizedMatrix;

/// Frozen weights, and what is learned on top of them.
pub struct Matrix {
    /// The weights as the checkpoint stores them.
    pub stored: QuantizedMatrix,
    pub(super) frozen: Arc<Frozen>,
    /// What training adds: `W + s · B A`.
    pub adapter: Option<LowRank>,
}

/// A frozen `[rows, columns]` matrix, packed for both directions of a product.
pub(super) struct Frozen {
    /// For `x · Wᵀ`.
    pub forward: Panels,
    /// For the gradient, `g · W`.
    pub backward: Panels,
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
