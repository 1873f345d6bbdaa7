//! `y = x / r · g` with `r = √(mean(x²) + ε)`, row by row (<https://arxiv.org/abs/1910.07467>).
//!
//! Gradients, with `u = x / r`: `dx = (g ∘ dy − u · mean(g ∘ dy ∘ u)) / r`. The gain is frozen.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::operands::{floats, with_floats};

/// The operation on `x`, `[n, d]`, and a gain, `[d]`.
pub struct RmsNorm {
    pub epsilon: f32,
}

impl RmsNorm {
    fn inverse_root(&self, row: &[f32]) -> f32 {
        let mean_square = sum(row.iter().map(|x| x * x)) / row.len() as f32;
        1.0 / (mean_square + self.epsilon).sqrt()
    }
}

/// In eight lanes, so that the compiler can use vectors.
fn sum(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let mut lanes = [0f32; 8];
    values.enumerate().for_each(|(i, x)| lanes[i % 8] += x);
    lanes.iter().sum()
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, gain) = (floats(x, x_layout)?, floats(gain, gain_layout)?);
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(gain.len()).zip(x.par_chunks(gain.len())).for_each(|(y, x)| {
            let scale = self.inverse_root(x);
            for ((y, x), gain) in y.iter_mut().zip(x).zip(gain) {
                *y = x * scale * gain;
            }
        });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dx = with_floats(x, |x| {
            with_floats(gain, |gain| {
                with_floats(gradient, |dy| {
                    let d = gain.len();
                    let mut dx = vec![0.0; x.len()];
                    let rows = dx.par_chunks_mut(d).zip(x.par_chunks(d)).zip(dy.par_chunks(d));
                    rows.for_each(|((dx, x), dy)| {
                        let scale = self.inverse_root(x);
                        let products = x.iter().zip(dy).zip(gain).map(|((x, dy), g)| x * dy * g);
                        let mean = sum(products) * scale / d as f32;
                        for (((dx, x), dy), g) in dx.iter_mut().zip(x).zip(dy).zip(gain) {
                            *dx = (g * dy - x * scale * mean) * scale;
                        }
                    });
                    Ok(dx)
                })
            })
        })?;
        Ok((Some(Tensor::from_vec(dx, x.shape(), x.device())?), None))
    }
}
