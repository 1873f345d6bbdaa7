//! `y = x Wᵀ`, with a low-rank update `y = x Wᵀ + s (x Aᵀ) Bᵀ` where something is learned.
//!
//! W is frozen, so its gradient is never computed. With `z = x Aᵀ`, `[n, r]`, and `u = s · dy B`, `[n, r]`:
//! `dx = dy W + u A`, `dA = uᵀ x`, `dB = s · dyᵀ z`.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp3, Layout, Result, Shape, Tensor};

use super::gemm::Panels;
use super::matrix::Frozen;
use super::operands::{floats, with_floats};

/// `x`, `[n, columns]`, to `[n, rows]`.
pub struct FrozenLinear {
    pub frozen: Arc<Frozen>,
}

/// The same with `A`, `[r, columns]`, and `B`, `[rows, r]`.
pub struct LowRankLinear {
    pub frozen: Arc<Frozen>,
    pub scale: f32,
}

impl CustomOp1 for FrozenLinear {
    fn name(&self) -> &'static str {
        "frozen_linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, _) = layout.shape().dims2()?;
        let y = self.frozen.forward.multiply(floats(x, layout)?);
        Ok((CpuStorage::F32(y), (n, self.frozen.forward.columns()).into()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let dx = with_floats(gradient, |dy| Ok(self.frozen.backward.multiply(dy)))?;
        Ok(Some(Tensor::from_vec(dx, x.shape(), x.device())?))
    }
}

impl CustomOp3 for LowRankLinear {
    fn name(&self) -> &'static str {
        "low_rank_linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (n, columns) = x_layout.shape().dims2()?;
        let (rows, r) = b_layout.shape().dims2()?;
        let (x, a, b) = (floats(x, x_layout)?, floats(a, a_layout)?, floats(b, b_layout)?);
        let mut z = Panels::from_columns(a, r, columns).multiply(x); // [n, r]
        z.iter_mut().for_each(|z| *z *= self.scale);
        let mut y = self.frozen.forward.multiply(x); // [n, rows]
        Panels::from_columns(b, rows, r).multiply_add(&z, &mut y);
        Ok((CpuStorage::F32(y), (n, rows).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        a: &Tensor,
        b: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let ((n, columns), (rows, r)) = (x.dims2()?, b.dims2()?);
        let (dx, da, db) = with_floats(x, |x| {
            with_floats(a, |a| {
                with_floats(b, |b| {
                    with_floats(gradient, |dy| {
                        let scaled = |mut values: Vec<f32>| {
                            values.iter_mut().for_each(|value| *value *= self.scale);
                            values
                        };
                        let z = scaled(Panels::from_columns(a, r, columns).multiply(x)); // [n, r]
                        let u = scaled(Panels::from_rows(b, rows, r).multiply(dy)); // [n, r]
                        let mut dx = self.frozen.backward.multiply(dy); // [n, columns]
                        Panels::from_rows(a, r, columns).multiply_add(&u, &mut dx);
                        let da = Panels::from_rows(x, n, columns).multiply(&transpose(&u, r)); // [r, columns]
                        let db = Panels::from_rows(dy, n, rows).multiply(&transpose(&z, r)); // [r, rows]
                        Ok((dx, da, transpose(&db, rows)))
                    })
                })
            })
        })?;
        Ok((
            Some(Tensor::from_vec(dx, x.shape(), x.device())?),
            Some(Tensor::from_vec(da, a.shape(), a.device())?),
            Some(Tensor::from_vec(db, b.shape(), b.device())?),
        ))
    }
}

/// `[rows, columns]` to `[columns, rows]`.
pub(super) fn transpose(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    let mut out = vec![0.0; values.len()];
    for (row, values) in values.chunks_exact(columns).enumerate() {
        for (column, &value) in values.iter().enumerate() {
            out[column * rows + row] = value;
        }
    }
    out
}
