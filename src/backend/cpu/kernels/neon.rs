//! NEON with a dot product of signed bytes (Armv8.2's `sdot`).
//!
//! Unsigned weights of four bits are signed bytes as well; weights of eight bits are taken as two of four.

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use wide::f32x4;

use super::super::activations::Activations;
use super::super::packed::STEP;
use super::Kernel;
use super::portable::FourOutputs;
use super::sums::{Dot, tile_products};
use crate::gguf::Format;

/// Four outputs in a vector; the proof that the processor has `sdot`.
#[derive(Clone, Copy, Debug)]
pub struct Neon(());

/// The kernel, if the processor has what it takes.
pub fn detect() -> Option<&'static dyn Kernel> {
    is_aarch64_feature_detected!("dotprod").then_some(&Neon(()))
}

impl Kernel for Neon {
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
        match format {
            Format::Q4_0 => tile_products::<_, 4, false, 4, 4, 4>(*self, x, tile, out),
            Format::Q4_1 => tile_products::<_, 4, true, 4, 4, 4>(*self, x, tile, out),
            Format::Q8_0 => tile_products::<_, 8, false, 4, 2, 4>(*self, x, tile, out),
            Format::F32 => unreachable!("refused when packed"),
        }
    }
}

impl FourOutputs for Neon {}

// SAFETY of all below: every AArch64 has NEON; `self` exists, so the processor has `sdot`.
impl Dot<4> for Neon {
    type Step = [i8; STEP];
    type Weights = int8x16_t;
    type Inputs = int8x16_t;
    type Sum = int32x4_t;

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> int8x16_t {
        nibbles(step, index % 2)[index / 2]
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> int8x16_t {
        unsafe { vreinterpretq_s8_s32(vdupq_n_s32(bytemuck::cast(*q))) }
    }

    #[inline(always)]
    fn zero(self) -> int32x4_t {
        unsafe { vdupq_n_s32(0) }
    }

    #[inline(always)]
    fn dot(self, mut sum: int32x4_t, weights: int8x16_t, inputs: int8x16_t) -> int32x4_t {
        // The intrinsic `vdotq_s32` is not stable yet.
        unsafe {
            asm!(
                ".arch_extension dotprod",
                "sdot {sum:v}.4s, {weights:v}.16b, {inputs:v}.16b",
                sum = inout(vreg) sum,
                weights = in(vreg) weights,
                inputs = in(vreg) inputs,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        sum
    }

    #[inline(always)]
    fn total(self, sum: int32x4_t) -> f32x4 {
        let mut floats = [0.0; 4];
        unsafe { vst1q_f32(floats.as_mut_ptr(), vcvtq_f32_s32(sum)) };
        f32x4::new(floats)
    }
}

impl Dot<8> for Neon {
    /// Low and high halves of the bytes.
    type Weights = [int8x16_t; 2];
    type Step = [i8; STEP];
    type Inputs = int8x16_t;
    type Sum = [int32x4_t; 2];

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> [int8x16_t; 2] {
        nibbles(step, index)
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        Dot::<4>::steps(self, x)
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> int8x16_t {
        Dot::<4>::inputs(self, q)
    }

    #[inline(always)]
    fn zero(self) -> [int32x4_t; 2] {
        [Dot::<4>::zero(self); 2]
    }

    #[inline(always)]
    fn dot(
        self,
        sum: [int32x4_t; 2],
        weights: [int8x16_t; 2],
        inputs: int8x16_t,
    ) -> [int32x4_t; 2] {
        let low = Dot::<4>::dot(self, sum[0], weights[0], inputs);
        [low, Dot::<4>::dot(self, sum[1], weights[1], inputs)]
    }

    #[inline(always)]
    fn total(self, [low, high]: [int32x4_t; 2]) -> f32x4 {
        Dot::<4>::total(self, unsafe { vaddq_s32(low, vshlq_n_s32::<4>(high)) })
    }
}

/// The low and the high halves of bytes `16 · index..`.
#[inline(always)]
fn nibbles(step: &[u8], index: usize) -> [int8x16_t; 2] {
    let (vectors, _) = step.as_chunks::<16>();
    // SAFETY: sixteen bytes are there.
    unsafe {
        let bytes = vld1q_u8(vectors[index].as_ptr());
        let low = vandq_u8(bytes, vdupq_n_u8(15));
        [vreinterpretq_s8_u8(low), vreinterpretq_s8_u8(vshrq_n_u8::<4>(bytes))]
    }
}
