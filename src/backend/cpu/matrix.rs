//! Packed weights with what an adapter adds to them.

use super::packed::PackedMatrix;

/// Weights, and their update.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub(super) weights: PackedMatrix,
    pub(super) update: Option<Update>,
}

/// A low-rank update, packed.
#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) a: PackedMatrix,
    pub(super) b: PackedMatrix,
}
