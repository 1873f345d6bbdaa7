//! Products of activations with weights and with their low-rank updates.
//!
//! An update adds `B z` to a product, where `z = A x` is `[n, r]`. A norm whose results the matrix reads
//! gives `z` along with them; elsewhere it takes a run of its own.

use super::kernel::{Epilogue, Kernel, Product, TILE};
use super::matrix::{Part, Weights};
use super::{Matrix, Tensor, Vector, Wgpu};
use crate::backend::Backend;

/// From so many tokens on, products are computed in tiles.
const TILED: usize = 8;

impl Wgpu {
    /// Writes what `epilogue` makes of `x · Wᵀ` to `y`; `mask` is where the mask begins in the inputs.
    pub(super) fn product(
        &self,
        x: &Tensor,
        w: &Matrix,
        y: &Tensor,
        epilogue: Epilogue,
        mask: u32,
    ) {
        assert_eq!(x.width, w.columns as usize, "activations do not fit the weights");
        let own; // z of its own run
        let z = match (&w.update, &x.z) {
            (None, _) => None,
            (Some(_), Some(z)) => Some(z),
            (Some(a), None) => {
                own = self.linear(x, a).slot;
                Some(&own)
            }
        };
        let rank = w.update.as_ref().map_or(0, |a| a.rows);
        let product = Product { bits: w.bits, epilogue, rank };
        let outputs = y.width as u32;
        let [x_at, y_at] = [x.first * x.width / 4, y.first * y.width].map(|at| at as u32);
        let inputs = self.0.recorder.inputs();
        for Part { first, rows, weights: Weights { quants, scales }, update } in &w.parts {
            let (y_at, mask) = (y_at + first, mask + first / 32);
            let parameters = [x.rows as u32, *rows, w.columns, outputs, x_at, y_at, mask];
            let mut buffers = vec![quants, scales, &x.slot.storage, &inputs, &y.slot.storage];
            if let (Some(b), Some(z)) = (update, z) {
                buffers.extend([&b.quants, &b.scales, &z.storage]);
            }
            if x.rows < TILED {
                let kernel = Kernel::Matvec(product);
                let variant = self.0.device.variant;
                let groups = rows.div_ceil(variant.products() * kernel.teams(variant).teams);
                // More groups than one dimension holds go on in the second.
                let across = groups.min(self.0.device.most_workgroups());
                let groups = [across, groups.div_ceil(across), x.rows as u32];
                self.record(kernel, &parameters, &buffers, groups);
            } else {
                let groups = [rows.div_ceil(TILE), (x.rows as u32).div_ceil(TILE), 1];
                self.record(Kernel::Matmul(product), &parameters, &buffers, groups);
            }
        }
    }

    /// The norm of `x`; with it `z` of the update of the matrix that reads it.
    pub(super) fn norm(&self, x: &Tensor, Vector { gain, a }: &Vector, epsilon: f32) -> Tensor {
        let mut y = self.room(x.rows, x.width);
        let (n, width, at) = (x.rows as u32, x.width as u32, (x.first * x.width / 4) as u32);
        let parameters = [n, width, at, epsilon.to_bits()];
        let buffers = [gain, &x.slot.storage, &y.slot.storage];
        let across = n.div_ceil(self.0.device.variant.rows().teams);
        if let Some(a) = a {
            let z = self.room(x.rows, a.rows as usize).slot;
            let Weights { quants, scales } = &a.parts[0].weights;
            let buffers = [&[quants, scales][..], &buffers, &[&z.storage]].concat();
            let groups = [across, a.rows / 4, 1];
            self.record(Kernel::RmsNormUpdate, &parameters, &buffers, groups);
            y.z = Some(z);
        } else {
            self.record(Kernel::RmsNorm, &parameters, &buffers, [across, 1, 1]);
        }
        y
    }
}
