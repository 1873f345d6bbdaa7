//! Products of activations and packed weights. Threads own tiles of outputs, so that each reads its weights once.

use super::activations::Activations;
use super::kernels::Kernel;
use super::matrix::{Matrix, Update};
use super::packed::{PackedMatrix, TILE};
use super::parallel::for_each_chunk;
use super::tensor::Tensor;

/// Tiles that one thread takes at a time.
const CHUNK: usize = 4;

/// `x · Wᵀ + (x · Aᵀ) · Bᵀ`, `[n, outputs]`: a tile is computed when it is asked for.
pub struct Product<'a> {
    kernel: &'a dyn Kernel,
    x: Activations,
    weights: &'a PackedMatrix,
    /// `x · Aᵀ`, `[n, r]`, and B.
    update: Option<(Activations, &'a PackedMatrix)>,
}

impl<'a> Product<'a> {
    /// `x · Wᵀ`, of `x` `[n, columns]`.
    pub fn new(kernel: &'a dyn Kernel, x: &Tensor, weights: &'a PackedMatrix) -> Self {
        assert_eq!(x.width, weights.columns, "activations do not fit the weights");
        let x = Activations::quantize(x, weights.format);
        Self { kernel, x, weights, update: None }
    }

    /// The same with the matrix's update, if it has one.
    pub fn updated(kernel: &'a dyn Kernel, x: &Tensor, matrix: &'a Matrix) -> Self {
        let product = Self::new(kernel, x, &matrix.weights);
        let Some(Update { a, b }) = &matrix.update else { return product };
        let of_a = Self { x: product.x.for_weights(a.format), weights: a, ..product };
        let z = Activations::quantize(&of_a.store(), b.format);
        let x = of_a.x.for_weights(matrix.weights.format);
        Self { kernel, x, weights: &matrix.weights, update: Some((z, b)) }
    }

    /// All outputs.
    pub fn store(&self) -> Tensor {
        let mut out = Tensor::zeros(self.x.rows(), self.weights.rows);
        self.for_each_tile(&mut out, |index, out, [room, ..]| self.tile(index, out, room));
        out
    }

    /// Adds the outputs to `out`, `[n, outputs]`.
    pub fn add_to(&self, out: &mut Tensor) {
        self.for_each_tile(out, |index, out, [y, room, _]| {
            self.tile(index, y, room);
            out.iter_mut().zip(y).for_each(|(out, y)| *out += *y);
        });
    }

    /// What `gate` makes of the first half of the outputs and the second, `[n, outputs / 2]`.
    pub fn gated(&self, gate: impl Fn(&[f32], &[f32], &mut [f32]) + Sync) -> Tensor {
        let (n, half) = (self.x.rows(), self.weights.rows / 2);
        if half.is_multiple_of(TILE) {
            let mut out = Tensor::zeros(n, half);
            self.for_each_tile(&mut out, |index, out, [gates, ups, room]| {
                self.tile(index, gates, room);
                self.tile(half / TILE + index, ups, room);
                gate(gates, ups, out);
            });
            return out;
        }
        // The halves share a tile: row by row.
        let (both, mut out) = (self.store().into_rows(), vec![0.0; n * half]);
        for (row, out) in both.chunks_exact(2 * half).zip(out.chunks_exact_mut(half)) {
            gate(&row[..half], &row[half..], out);
        }
        Tensor::from_rows(half, out)
    }

    /// Outputs of tile `index`, `[n, 16]`; `room` is for as many.
    fn tile(&self, index: usize, out: &mut [f32], room: &mut [f32]) {
        self.kernel.tile(self.weights.format, &self.x, self.weights.tile(index), out);
        if let Some((z, b)) = &self.update {
            self.kernel.tile(b.format, z, b.tile(index), room);
            out.iter_mut().zip(room).for_each(|(out, update)| *out += *update);
        }
    }

    /// Calls `call` with the index of each tile of `out`, the tile, and room for three others.
    fn for_each_tile(
        &self,
        out: &mut Tensor,
        call: impl Fn(usize, &mut [f32], [&mut [f32]; 3]) + Sync,
    ) {
        let outputs = self.x.rows() * TILE;
        let work = self.x.rows() * self.weights.rows * self.weights.columns;
        for_each_chunk(&mut out.tiles, CHUNK * outputs, work, |chunk, out| {
            // A single row's, of which there are thousands a token, need no allocation.
            let (mut few, mut many) = ([0.0; 3 * TILE], Vec::new());
            let rooms = if outputs == TILE {
                &mut few[..]
            } else {
                many.resize(3 * outputs, 0.0);
                &mut many
            };
            let (first, rest) = rooms.split_at_mut(outputs);
            let (second, third) = rest.split_at_mut(outputs);
            for (offset, out) in out.chunks_exact_mut(outputs).enumerate() {
                call(chunk * CHUNK + offset, out, [first, second, third]);
            }
        });
    }
}

/// The outputs of some `tiles` of a matrix, for a single row `x`: `[tiles, 16]`.
pub fn products_of_tiles(
    kernel: &dyn Kernel,
    x: &Activations,
    weights: &PackedMatrix,
    tiles: &[usize],
) -> Vec<f32> {
    assert_eq!(x.width, weights.columns, "activations do not fit the weights");
    let mut out = vec![0.0; tiles.len() * TILE];
    for_each_chunk(&mut out, CHUNK * TILE, tiles.len() * TILE * weights.columns, |chunk, out| {
        for (&tile, out) in tiles[chunk * CHUNK..].iter().zip(out.chunks_exact_mut(TILE)) {
            kernel.tile(weights.format, x, weights.tile(tile), out);
        }
    });
    out
}
