//! Products of a tile of weights with rows of activations: one sum, a kernel for each kind of vectors.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_feature = "relaxed-simd")]
mod relaxed;
mod sums;

use std::fmt::Debug;
use std::sync::OnceLock;

use super::activations::Activations;
use crate::gguf::Format;

/// A way to compute a tile. All give the same bits.
pub trait Kernel: Debug + Sync {
    /// The sixteen outputs of a tile for every row of activations: `out` is `[n, 16]`.
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]);
}

/// The kernels that this processor can run, the fastest last.
pub fn kernels() -> Vec<&'static dyn Kernel> {
    #[allow(unused_mut)] // where there is no other
    let mut kernels: Vec<&'static dyn Kernel> = vec![&portable::Portable];
    #[cfg(target_feature = "relaxed-simd")]
    kernels.extend(relaxed::both());
    #[cfg(target_arch = "x86_64")]
    kernels.extend([avx2::detect(), avx512::detect()].into_iter().flatten());
    #[cfg(target_arch = "aarch64")]
    kernels.extend(neon::detect());
    kernels
}

/// The fastest kernel.
pub fn fastest() -> &'static dyn Kernel {
    static FASTEST: OnceLock<&'static dyn Kernel> = OnceLock::new();
    *FASTEST.get_or_init(|| kernels().pop().expect("the portable one is always there"))
}

/// Whether the dot product of bytes may be trusted, where this module uses one: asked by the page that loads it.
pub fn relaxed_dot_is_exact() -> bool {
    #[cfg(target_feature = "relaxed-simd")]
    return relaxed::dot_is_exact();
    #[cfg(not(target_feature = "relaxed-simd"))]
    true
}
