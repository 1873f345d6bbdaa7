//! 256-bit vectors (AVX2).
//!
//! `vpmaddubsw` multiplies unsigned by signed bytes and adds pairs in 16 bits, which saturate. Weights of four bits
//! don't reach that: a pair is at most 2 · 15 · 127, and so is the sum of a block's eight steps below 2¹⁵.
//! Weights of eight bits are taken as two of four.

use std::arch::x86_64::*;

use super::super::activations::Activations;
use super::super::packed::{HALVES, STEP};
use super::Kernel;
use super::sums::{Dot, Lanes, tile_products};
use crate::gguf::Format;

/// Eight outputs in a vector; the proof that the processor has AVX2 and F16C.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// The kernel, if the processor has what it takes.
pub fn detect() -> Option<&'static dyn Kernel> {
    let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("f16c");
    has.then_some(&Avx2(()))
}

impl Kernel for Avx2 {
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
        #[target_feature(enable = "avx2,f16c")]
        fn inside(lanes: Avx2, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
            match format {
                Format::Q4_0 => tile_products::<_, 4, false, 4, 2, 2>(lanes, x, tile, out),
                Format::Q4_1 => tile_products::<_, 4, true, 4, 2, 2>(lanes, x, tile, out),
                Format::Q8_0 => tile_products::<_, 8, false, 4, 1, 2>(lanes, x, tile, out),
                Format::F32 => unreachable!("refused when packed"),
            }
        }
        // SAFETY: `self` exists, so the processor has these features.
        unsafe { inside(*self, format, x, tile, out) }
    }
}

// SAFETY of all below: `self` exists, so the processor has these features.
impl Lanes for Avx2 {
    const WIDTH: usize = 8;
    type Floats = __m256;

    #[inline(always)]
    fn halves(self, halves: &[u8; HALVES], index: usize) -> __m256 {
        let (vectors, _) = halves.as_chunks::<16>();
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(vectors[index].as_ptr().cast())) }
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> __m256 {
        let from: &[f32; 8] = from.try_into().expect("eight outputs");
        unsafe { _mm256_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, x: __m256, out: &mut [f32]) {
        let out: &mut [f32; 8] = out.try_into().expect("eight outputs");
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), x) }
    }
}

impl Dot<4> for Avx2 {
    type Weights = __m256i;
    type Step = [i8; STEP];
    type Inputs = __m256i;
    /// Sixteen words, two for each output.
    type Sum = __m256i;

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> __m256i {
        let step: &[u8; 32] = step.first_chunk().expect("a step of four bits");
        let bytes = unsafe { _mm256_loadu_si256(step.as_ptr().cast()) };
        nibbles(bytes)[index]
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> __m256i {
        unsafe { _mm256_set1_epi32(bytemuck::cast(*q)) }
    }

    #[inline(always)]
    fn zero(self) -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    fn dot(self, sum: __m256i, weights: __m256i, inputs: __m256i) -> __m256i {
        unsafe { _mm256_add_epi16(sum, _mm256_maddubs_epi16(weights, inputs)) }
    }

    #[inline(always)]
    fn total(self, sum: __m256i) -> __m256 {
        unsafe {
            let sum = _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
            _mm256_cvtepi32_ps(sum)
        }
    }
}

impl Dot<8> for Avx2 {
    /// Low and high halves of the bytes.
    type Weights = [__m256i; 2];
    type Step = [i8; STEP];
    type Inputs = __m256i;
    type Sum = [__m256i; 2];

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> [__m256i; 2] {
        let (vectors, _) = step.as_chunks::<32>();
        nibbles(unsafe { _mm256_loadu_si256(vectors[index].as_ptr().cast()) })
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> __m256i {
        Dot::<4>::inputs(self, q)
    }

    #[inline(always)]
    fn zero(self) -> [__m256i; 2] {
        [Dot::<4>::zero(self); 2]
    }

    #[inline(always)]
    fn dot(self, sum: [__m256i; 2], weights: [__m256i; 2], inputs: __m256i) -> [__m256i; 2] {
        // No closure: one would not be compiled for this processor.
        let low = Dot::<4>::dot(self, sum[0], weights[0], inputs);
        [low, Dot::<4>::dot(self, sum[1], weights[1], inputs)]
    }

    #[inline(always)]
    fn total(self, sum: [__m256i; 2]) -> __m256 {
        unsafe {
            let low = _mm256_madd_epi16(sum[0], _mm256_set1_epi16(1));
            let high = _mm256_madd_epi16(sum[1], _mm256_set1_epi16(16));
            _mm256_cvtepi32_ps(_mm256_add_epi32(low, high))
        }
    }
}

/// The low and the high halves of bytes.
#[inline(always)]
fn nibbles(bytes: __m256i) -> [__m256i; 2] {
    // SAFETY: as above; only called with a vector of such a processor.
    unsafe {
        let nibble = _mm256_set1_epi8(15);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
        [_mm256_and_si256(bytes, nibble), high]
    }
}
