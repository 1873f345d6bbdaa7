//! Products of activations and packed weights, spread over threads by tiles.

use super::activations::Activations;
use super::kernels::Kernel;
use super::packed::{PackedMatrix, TILE};
use super::parallel::for_each_chunk;

/// Tiles that one thread takes at a time.
const CHUNK: usize = 4;

/// `x · Wᵀ`: `[n, columns]` times `[rows, columns]` gives `[n, rows]`.
pub fn matmul(kernel: &dyn Kernel, x: &Activations, weights: &PackedMatrix) -> Vec<f32> {
    let (n, rows) = (x.rows(), weights.rows);
    let mut tiles = tile_products(kernel, x, weights, weights.tiles(), |index| index);
    if n == 1 {
        tiles.truncate(rows);
        return tiles;
    }
    let mut out = vec![0.0; n * rows];
    for (tile, values) in tiles.chunks_exact(n * TILE).enumerate() {
        let outputs = tile * TILE..rows.min((tile + 1) * TILE);
        for (row, values) in out.chunks_exact_mut(rows).zip(values.chunks_exact(TILE)) {
            row[outputs.clone()].copy_from_slice(&values[..outputs.len()]);
        }
    }
    out
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
