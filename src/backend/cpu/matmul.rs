//! Products of activations and packed weights, spread over threads by tiles.

use super::activations::Activations;
use super::kernels::Kernel;
use super::packed::{PackedMatrix, TILE};
use super::parallel::for_each_chunk;

/// Tiles that one thread takes at a time.
const CHUNK: usize = 4;

/// A product `[n, outputs]`, tile by tile.
pub struct Product {
    n: usize,
    outputs: usize,
    /// `[tiles, n, 16]`.
    tiles: Vec<f32>,
}

impl Product {
    /// `x · Wᵀ`: `[n, columns]` times `[rows, columns]`.
    pub fn new(kernel: &dyn Kernel, x: &Activations, weights: &PackedMatrix) -> Self {
        let tiles = tile_products(kernel, x, weights, weights.tiles(), |index| index);
        Self { n: x.rows(), outputs: weights.rows, tiles }
    }

    /// Adds another product of the same shape.
    pub fn add(&mut self, other: &Self) {
        self.tiles.iter_mut().zip(&other.tiles).for_each(|(y, other)| *y += other);
    }

    /// Row by row.
    pub fn into_rows(mut self) -> Vec<f32> {
        if self.n == 1 {
            self.tiles.truncate(self.outputs);
            return self.tiles;
        }
        let mut rows = vec![0.0; self.n * self.outputs];
        self.for_each(&mut rows, <[f32]>::copy_from_slice);
        rows
    }

    /// Adds the product to `rows`, `[n, outputs]`.
    pub fn add_to(&self, rows: &mut [f32]) {
        self.for_each(rows, |out, y| out.iter_mut().zip(y).for_each(|(out, y)| *out += y));
    }

    /// What `gate` makes of the first half of the outputs and the second, `[n, outputs / 2]`: whole tiles where the
    /// halves are such, else row by row.
    pub fn gated(self, gate: impl Fn(&[f32], &[f32], &mut [f32])) -> Vec<f32> {
        let half = self.outputs / 2;
        if half.is_multiple_of(TILE) {
            let (gates, ups) = self.tiles.split_at(self.n * half);
            let mut tiles = vec![0.0; self.n * half];
            gate(gates, ups, &mut tiles);
            return Self { n: self.n, outputs: half, tiles }.into_rows();
        }
        let mut out = vec![0.0; self.n * half];
        let both = self.into_rows();
        for (row, out) in both.chunks_exact(2 * half).zip(out.chunks_exact_mut(half)) {
            gate(&row[..half], &row[half..], out);
        }
        out
    }

    /// Calls `call` with each part of `rows`, `[n, outputs]`, and the same part of the product.
    fn for_each(&self, rows: &mut [f32], call: impl Fn(&mut [f32], &[f32])) {
        for (tile, values) in self.tiles.chunks_exact(self.n * TILE).enumerate() {
            let outputs = tile * TILE..self.outputs.min((tile + 1) * TILE);
            let parts = rows.chunks_exact_mut(self.outputs).zip(values.chunks_exact(TILE));
            for (row, values) in parts {
                call(&mut row[outputs.clone()], &values[..outputs.len()]);
            }
        }
    }
}

/// The outputs of `count` tiles, of which the `i`th is tile `tile(i)` of the matrix: `[count, n, 16]`. Threads own
/// tiles, so that each reads its weights once.
pub fn tile_products(
    kernel: &dyn Kernel,
    x: &Activations,
    weights: &PackedMatrix,
    count: usize,
    tile: impl Fn(usize) -> usize + Sync,
) -> Vec<f32> {
    assert_eq!(x.width, weights.columns, "activations do not fit the weights");
    let outputs = x.rows() * TILE;
    let mut out = vec![0.0; count * outputs];
    let work = count * outputs * weights.columns;
    for_each_chunk(&mut out, CHUNK * outputs, work, |chunk, out| {
        for (offset, out) in out.chunks_exact_mut(outputs).enumerate() {
            let tile = weights.tile(tile(chunk * CHUNK + offset));
            kernel.tile(weights.format, x, tile, out);
        }
    });
    out
}
