//! RMSNorm and the gate of SwiGLU.

use wide::f32x4;

use crate::backend::exp::exp;

/// Vectors that are added up side by side.
const LANES: usize = 4;

/// `x / sqrt(mean(x²) + ε) · gain` for one row in place; its width is a multiple of 16.
pub fn rms_norm(row: &mut [f32], gain: &[f32], epsilon: f32) {
    let mut sums = [f32x4::ZERO; LANES];
    for vectors in row.as_chunks::<4>().0.as_chunks::<LANES>().0 {
        for (sum, &x) in sums.iter_mut().zip(vectors) {
            let x = f32x4::new(x);
            *sum += x * x;
        }
    }
    let mean_square = add_up((sums[0] + sums[1]) + (sums[2] + sums[3])) / row.len() as f32;
    let factor = f32x4::splat(1.0 / (mean_square + epsilon).sqrt());
    for (x, &gain) in row.as_chunks_mut::<4>().0.iter_mut().zip(gain.as_chunks::<4>().0) {
        *x = (f32x4::new(*x) * factor * f32x4::new(gain)).to_array();
    }
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
