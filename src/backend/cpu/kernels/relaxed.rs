//! Relaxed SIMD of WebAssembly: dot products of bytes.
//!
//! `i32x4.relaxed_dot_i8x16_i7x16_add_s` and `i16x8.relaxed_dot_i8x16_i7x16_s` leave to the processor what becomes
//! of bytes of the second operand with bit 7 set, and of sums of two products past 16 bits. Weights of four bits do
//! neither, so the results are exact on every processor; weights of eight bits are taken as two of four.
//! <https://github.com/WebAssembly/relaxed-simd/blob/main/proposals/relaxed-simd/Overview.md>
//!
//! The first is one instruction where processors have such a dot product, and five in V8 on x86 without AVX-VNNI;
//! the second is one instruction on every x86, and three on ARM.

use core::arch::wasm32::*;

use wide::f32x4;

use super::super::activations::Activations;
use super::super::packed::STEP;
use super::Kernel;
use super::portable::{FourOutputs, Portable};
use super::sums::{Dot, tile_products};
use crate::gguf::Format;

/// Four outputs in a vector. With `WORDS`, sums over a block have 16 bits: eight steps of 2 · 15 · 127 fit.
#[derive(Clone, Copy, Debug)]
pub struct Relaxed<const WORDS: bool>;

/// The kernels of both dot products, the one last that is faster here.
pub fn both() -> [&'static dyn Kernel; 2] {
    if saturates() {
        [&Relaxed::<false>, &Relaxed::<true>]
    } else {
        [&Relaxed::<true>, &Relaxed::<false>]
    }
}

impl<const WORDS: bool> Kernel for Relaxed<WORDS> {
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
        match format {
            Format::Q4_0 => tile_products::<_, 4, false, 4, 2, 4>(*self, x, tile, out),
            Format::Q4_1 => tile_products::<_, 4, true, 4, 2, 4>(*self, x, tile, out),
            // Two dot products to 16 bits are no faster than the one of words.
            Format::Q8_0 if WORDS => Portable.tile(format, x, tile, out),
            Format::Q8_0 => tile_products::<_, 8, false, 4, 1, 4>(Relaxed::<false>, x, tile, out),
            Format::F32 => unreachable!("refused when packed"),
        }
    }
}

impl<const WORDS: bool> FourOutputs for Relaxed<WORDS> {}

impl<const WORDS: bool> Dot<4> for Relaxed<WORDS> {
    type Weights = v128;
    type Step = [i8; STEP];
    type Inputs = v128;
    type Sum = v128;

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> v128 {
        let bytes = sixteen_bytes(step, index % 2);
        if index < 2 { low(bytes) } else { high(bytes) }
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> v128 {
        // SAFETY: four bytes are there; a load may be unaligned.
        unsafe { v128_load32_splat(q.as_ptr().cast()) }
    }

    #[inline(always)]
    fn zero(self) -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    fn dot(self, sum: v128, weights: v128, inputs: v128) -> v128 {
        if WORDS {
            i16x8_add(sum, i16x8_relaxed_dot_i8x16_i7x16(inputs, weights))
        } else {
            i32x4_relaxed_dot_i8x16_i7x16_add(inputs, weights, sum)
        }
    }

    #[inline(always)]
    fn total(self, sum: v128) -> f32x4 {
        let sum = if WORDS { i32x4_dot_i16x8(sum, i16x8_splat(1)) } else { sum };
        floats(sum)
    }
}

impl Dot<8> for Relaxed<false> {
    /// Low and high halves of the bytes.
    type Weights = [v128; 2];
    type Step = [i8; STEP];
    type Inputs = v128;
    type Sum = [v128; 2];

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> [v128; 2] {
        let bytes = sixteen_bytes(step, index);
        [low(bytes), high(bytes)]
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i8; STEP]] {
        x.quants.as_chunks().0
    }

    #[inline(always)]
    fn inputs(self, q: &[i8; STEP]) -> v128 {
        Dot::<4>::inputs(self, q)
    }

    #[inline(always)]
    fn zero(self) -> [v128; 2] {
        [i32x4_splat(0); 2]
    }

    #[inline(always)]
    fn dot(self, sum: [v128; 2], weights: [v128; 2], inputs: v128) -> [v128; 2] {
        let low = Dot::<4>::dot(self, sum[0], weights[0], inputs);
        [low, Dot::<4>::dot(self, sum[1], weights[1], inputs)]
    }

    #[inline(always)]
    fn total(self, sum: [v128; 2]) -> f32x4 {
        floats(i32x4_add(sum[0], i32x4_shl(sum[1], 4)))
    }
}

#[inline(always)]
fn low(bytes: v128) -> v128 {
    v128_and(bytes, u8x16_splat(15))
}

#[inline(always)]
fn high(bytes: v128) -> v128 {
    v128_and(u16x8_shr(bytes, 4), u8x16_splat(15))
}

#[inline(always)]
fn floats(integers: v128) -> f32x4 {
    // SAFETY: both are 128 bits of which every pattern is a value.
    unsafe { core::mem::transmute(f32x4_convert_i32x4(integers)) }
}

/// Bytes `16 · index..`.
#[inline(always)]
fn sixteen_bytes(step: &[u8], index: usize) -> v128 {
    let (vectors, _) = step.as_chunks::<16>();
    // SAFETY: sixteen bytes are there; a load may be unaligned.
    unsafe { v128_load(vectors[index].as_ptr().cast()) }
}

/// Whether sums of two products are cut off at 16 bits: the sign of x86 without AVX-VNNI.
fn saturates() -> bool {
    let sums =
        i32x4_relaxed_dot_i8x16_i7x16_add(i8x16_splat(127), u8x16_splat(255), i32x4_splat(0));
    i32x4_extract_lane::<0>(sums) == 2 * i32::from(i16::MAX)
}
