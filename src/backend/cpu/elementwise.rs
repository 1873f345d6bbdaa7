//! RMSNorm and the gate of SwiGLU.

use wide::f32x4;

use super::packed::TILE;
use super::tensor::Tensor;
use crate::backend::exp::exp;

/// Vectors of a tile.
const LANES: usize = TILE / 4;

/// `x / sqrt(mean(x²) + ε) · gain` for each row of `x`; its width is a multiple of 16.
pub fn rms_norm(x: &Tensor, gain: &[f32], epsilon: f32) -> Tensor {
    let mut sums = vec![[f32x4::ZERO; LANES]; x.rows];
    let (parts, _) = x.tiles.as_chunks::<TILE>();
    for tile in parts.chunks_exact(x.rows) {
        for (sums, part) in sums.iter_mut().zip(tile) {
            for (sum, x) in sums.iter_mut().zip(vectors(part)) {
                *sum += x * x;
            }
        }
    }
    let factors: Vec<f32x4> = sums
        .into_iter()
        .map(|[a, b, c, d]| {
            let mean_square = add_up((a + b) + (c + d)) / x.width as f32;
            f32x4::splat(1.0 / (mean_square + epsilon).sqrt())
        })
        .collect();
    let mut y = Tensor::zeros(x.rows, x.width);
    let (results, _) = y.tiles.as_chunks_mut::<TILE>();
    let tiles = parts.chunks_exact(x.rows).zip(results.chunks_exact_mut(x.rows));
    for ((tile, results), gains) in tiles.zip(gain.as_chunks::<TILE>().0) {
        let gains = vectors(gains);
        for ((part, result), &factor) in tile.iter().zip(results).zip(&factors) {
            let x = vectors(part);
            *result =
                bytemuck::cast(std::array::from_fn::<_, LANES, _>(|i| x[i] * factor * gains[i]));
        }
    }
    y
}

fn vectors(part: &[f32; TILE]) -> [f32x4; LANES] {
    bytemuck::cast(*part)
}

/// `silu(gate) · up`, number by number.
pub fn gate(gates: &[f32], ups: &[f32], out: &mut [f32]) {
    let one = f32x4::splat(1.0);
    let gated = |gate: f32x4, up: f32x4| gate / (one + exp(-gate)) * up;
    let ((gates, last_gate), (ups, last_up)) = (gates.as_chunks::<4>(), ups.as_chunks::<4>());
    let (out, last_out) = out.as_chunks_mut::<4>();
    for ((&gate, &up), out) in gates.iter().zip(ups).zip(out) {
        *out = gated(f32x4::new(gate), f32x4::new(up)).to_array();
    }
    for ((&gate, &up), out) in last_gate.iter().zip(last_up).zip(last_out) {
        [*out, ..] = gated(f32x4::splat(gate), f32x4::splat(up)).to_array();
    }
}

/// The sum of four lanes.
pub fn add_up(lanes: f32x4) -> f32 {
    let [x, y, z, w] = lanes.to_array();
    (x + y) + (z + w)
}

/// The largest of four lanes; [`f32::max`] would be a call in WebAssembly.
pub fn largest(lanes: f32x4) -> f32 {
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let [x, y, z, w] = lanes.to_array();
    larger(larger(x, y), larger(z, w))
}
