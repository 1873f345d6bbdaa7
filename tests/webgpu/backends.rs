//! The variants of the WebGPU backend against the naive reference.

use std::cell::RefCell;

use pollster::block_on;
use toolgen::backend::wgpu::{self, Variant, Wgpu};

use crate::common::backend_properties::{FLOAT, HALVES, UnderTest};

impl UnderTest for Wgpu {
    const ATTENTION: f32 = HALVES;
    const UPDATE: f32 = FLOAT;

    fn tensor(&self, width: usize, values: &[f32]) -> wgpu::Tensor {
        Wgpu::tensor(self, width, values)
    }
}

/// Binds whatever there is.
const NO_LIMIT: u64 = u64::MAX;
/// Cuts most matrices of these tests.
const SMALL_LIMIT: u64 = 32 * 128;

/// A device with this variant of the kernels and limit of what it binds, made once a thread.
fn gpu(variant: Variant, limit: u64) -> Wgpu {
    thread_local!(static MADE: RefCell<Vec<(Variant, u64, Wgpu)>> = RefCell::default());
    MADE.with_borrow_mut(|made| {
        if let Some((.., backend)) = made.iter().find(|made| (made.0, made.1) == (variant, limit)) {
            return backend.clone();
        }
        let backend = block_on(Wgpu::with_binding_limit(variant, limit)).unwrap();
        made.push((variant, limit, backend.clone()));
        backend
    })
}

crate::suite!(workgroup, gpu(Variant::Workgroup, NO_LIMIT));
crate::suite!(subgroups, gpu(Variant::Subgroups, NO_LIMIT));
crate::suite!(software, gpu(Variant::Software, NO_LIMIT));
crate::suite!(in_parts, gpu(Variant::Workgroup, SMALL_LIMIT));
crate::suite!(software_in_parts, gpu(Variant::Software, SMALL_LIMIT));
