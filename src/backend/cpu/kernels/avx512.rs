//! 512-bit vectors and a dot product of bytes (AVX-512 VNNI): a step is one vector.

use std::arch::x86_64::*;

use super::super::activations::Activations;
use super::super::packed::{HALVES, STEP};
use super::Kernel;
use super::sums::{Dot, Lanes, tile_products};
use crate::gguf::Format;

/// Sixteen outputs in a vector; the proof that the processor has AVX-512F and VNNI.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

/// The kernel, if the processor has what it takes.
pub fn detect() -> Option<&'static dyn Kernel> {
    let has = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni");
    has.then_some(&Avx512(()))
}

impl Kernel for Avx512 {
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
        #[target_feature(enable = "avx512f,avx512vnni")]
        fn inside(lanes: Avx512, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
            match format {
                Format::Q4_0 => tile_products::<_, 4, false, 8, 1, 1>(lanes, x, tile, out),
                Format::Q4_1 => tile_products::<_, 4, true, 8, 1, 1>(lanes, x, tile, out),
                Format::Q8_0 => tile_products::<_, 8, false, 8, 1, 1>(lanes, x, tile, out),
                Format::F32 => unreachable!("refused when packed"),
            }
        }
        // SAFETY: `self` exists, so the processor has these features.
        unsafe { inside(*self, format, x, tile, out) }
    }
}

// SAFETY of all below: `self` exists, so the processor has these features.
impl Lanes for Avx512 {
    const WIDTH: usize = 16;
    type Floats = __m512;

    #[inline(always)]
    fn halves(self, halves: &[u8; HALVES], _: usize) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(halves.as_ptr().cast())) }
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> __m512 {
        let from: &[f32; 16] = from.try_into().expect("sixteen outputs");
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, x: __m512, out: &mut [f32]) {
        let out: &mut [f32; 16] = out.try_into().expect("sixteen outputs");
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), x) }
    }
}

impl Dot<4> for Avx512 {
    type Weights = __m512i;
    type Step = [i8; STEP];
    type Inputs = __m512i;
    type Sum = __m512i;

    #[inline(always)]
    fn weights(self, step: &[u8], _: usize) -> __m512i {
        let step: &[u8; 32] = step.first_chunk().expect("a step of four bits");
        unsafe {
            let low = _mm256_loadu_si256(step.as_ptr().cast());
            let high = _mm256_srli_epi16::<4>(low);
            let both = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high);
            _mm512_and_si512(both, _mm512_set1_epi32(0x0f0f_0f0f))
        }
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> __m512i {
        unsafe { _mm512_set1_epi32(bytemuck::cast(*q)) }
    }

    #[inline(always)]
    fn zero(self) -> __m512i {
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    fn dot(self, sum: __m512i, weights: __m512i, inputs: __m512i) -> __m512i {
        unsafe { _mm512_dpbusd_epi32(sum, weights, inputs) }
    }

    #[inline(always)]
    fn total(self, sum: __m512i) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(sum) }
    }
}

impl Dot<8> for Avx512 {
    type Weights = __m512i;
    type Step = [i8; STEP];
    type Inputs = __m512i;
    type Sum = __m512i;

    #[inline(always)]
    fn weights(self, step: &[u8], _: usize) -> __m512i {
        let step: &[u8; 64] = step.first_chunk().expect("a step of eight bits");
        unsafe { _mm512_loadu_si512(step.as_ptr().cast()) }
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> __m512i {
        Dot::<4>::inputs(self, q)
    }

    #[inline(always)]
    fn zero(self) -> __m512i {
        Dot::<4>::zero(self)
    }

    #[inline(always)]
    fn dot(self, sum: __m512i, weights: __m512i, inputs: __m512i) -> __m512i {
        Dot::<4>::dot(self, sum, weights, inputs)
    }

    #[inline(always)]
    fn total(self, sum: __m512i) -> __m512 {
        Dot::<4>::total(self, sum)
    }
}
