//! `y = silu(g) ∘ u` of rows that hold `g` and `u` side by side (<https://arxiv.org/abs/2002.05202>).
//!
//! With `s = σ(g)`: `dg = dy ∘ u ∘ s (1 + g (1 − s))` and `du = dy ∘ g s`.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::operands::{floats, with_floats};

/// The operation on `[n, 2f]`, giving `[n, f]`.
pub struct SwiGlu;

wide_vectors!(gate_row => gate_row_plainly(x: &[f32], y: &mut [f32]));
wide_vectors!(gate_row_backward => gate_row_backward_plainly(x: &[f32], dy: &[f32], dx: &mut [f32]));

/// One row: `x` is `[2f]`, `y` `[f]`.
#[inline(always)]
fn gate_row_plainly(x: &[f32], y: &mut [f32]) {
    let (gate, up) = x.split_at(y.len());
    for ((y, g), u) in y.iter_mut().zip(gate).zip(up) {
        *y = g * sigmoid(*g) * u;
    }
}

/// One row: `x` and `dx` are `[2f]`, `dy` `[f]`.
#[inline(always)]
fn gate_row_backward_plainly(x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let ((dg, du), (gate, up)) = (dx.split_at_mut(dy.len()), x.split_at(dy.len()));
    for ((((dg, du), g), u), dy) in dg.iter_mut().zip(du).zip(gate).zip(up).zip(dy) {
        let s = sigmoid(*g);
        *dg = dy * u * s * (1.0 + g * (1.0 - s));
        *du = dy * g * s;
    }
}

/// `σ(x)` by way of [`exp`].
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `eˣ` within 2⁻²², in arithmetic that the compiler turns into vectors: `2ⁿ · p(f)` with a polynomial
/// for the fraction `f` of `x / ln 2` in −½…½.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let scaled = (x * std::f32::consts::LOG2_E).clamp(-126.0, 126.0);
    let shifted = scaled + 12_582_912.0; // 1.5 · 2²³: the integer part falls into the low bits
    let f = scaled - (shifted - 12_582_912.0);
    let p = 1.0
        + f * (std::f32::consts::LN_2
            + f * (0.240_226_5 + f * (0.055_504_1 + f * (0.009_618_13 + f * 0.001_333_36))));
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

impl CustomOp1 for SwiGlu {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, (rows, both)) = (floats(x, layout)?, layout.shape().dims2()?);
        let f = both / 2;
        let mut y = vec![0.0; rows * f];
        y.par_chunks_mut(f).zip(x.par_chunks(both)).for_each(|(y, x)| gate_row(x, y));
        Ok((CpuStorage::F32(y), (rows, f).into()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, both) = x.dims2()?;
        let f = both / 2;
        let dx = with_floats(x, |x| {
            with_floats(gradient, |dy| {
                let mut dx = vec![0.0; x.len()];
                let rows = dx.par_chunks_mut(both).zip(x.par_chunks(both)).zip(dy.par_chunks(f));
                rows.for_each(|((dx, x), dy)| gate_row_backward(x, dy, dx));
                Ok(dx)
            })
        })?;
        Ok(Some(Tensor::from_vec(dx, x.shape(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn exp_is_exp() {
        for i in -800..=800 {
            let x = i as f32 / 10.0;
            let (found, expected) = (super::exp(x), x.exp());
            assert!((found / expected - 1.0).abs() < 1e-5, "e^{x} is {expected}, not {found}");
        }
    }
}
