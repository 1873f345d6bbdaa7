//! 128-bit vectors by `wide` (SSE2, NEON, wasm SIMD): the kernel that runs everywhere.
//!
//! These have a dot product of 16-bit integers, of pairs. So four bytes of a lane become the words of bytes 0 and 2
//! and those of bytes 1 and 3, by masks and shifts. Activations are brought to that order once for all tiles.

use wide::{f32x4, i16x8, i32x4, u16x8};

use super::super::activations::Activations;
use super::super::packed::HALVES;
use super::Kernel;
use super::sums::{Dot, Lanes, tile_products};
use crate::gguf::Format;

/// Four outputs in a vector.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Kernel for Portable {
    fn tile(&self, format: Format, x: &Activations, tile: &[u8], out: &mut [f32]) {
        match format {
            Format::Q4_0 => tile_products::<_, 4, false, 4, 2, 4>(*self, x, tile, out),
            Format::Q4_1 => tile_products::<_, 4, true, 4, 2, 4>(*self, x, tile, out),
            Format::Q8_0 => tile_products::<_, 8, false, 4, 2, 4>(*self, x, tile, out),
            Format::F32 => unreachable!("refused when packed"),
        }
    }
}

/// Kernels of 128-bit vectors, whose floats are the same everywhere.
pub trait FourOutputs: Copy {}

impl FourOutputs for Portable {}

impl<K: FourOutputs> Lanes for K {
    const WIDTH: usize = 4;
    type Floats = f32x4;

    #[inline(always)]
    fn halves(self, halves: &[u8; HALVES], index: usize) -> f32x4 {
        let (vectors, _) = halves.as_chunks::<8>();
        floats_of_halves(vectors[index])
    }

    #[inline(always)]
    fn splat(self, x: f32) -> f32x4 {
        f32x4::splat(x)
    }

    #[inline(always)]
    fn mul(self, a: f32x4, b: f32x4) -> f32x4 {
        a * b
    }

    #[inline(always)]
    fn add(self, a: f32x4, b: f32x4) -> f32x4 {
        a + b
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> f32x4 {
        f32x4::new(from.try_into().expect("four outputs"))
    }

    #[inline(always)]
    fn store(self, x: f32x4, out: &mut [f32]) {
        out.copy_from_slice(x.as_array());
    }
}

impl Dot<4> for Portable {
    type Weights = [i16x8; 2];
    type Step = [i32; 2];
    type Inputs = [i16x8; 2];
    type Sum = i32x4;

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> [i16x8; 2] {
        let words = sixteen_bytes(step, index % 2);
        let nibble = u16x8::splat(15);
        let both = if index < 2 {
            [words & nibble, (words >> 8) & nibble]
        } else {
            [(words >> 4) & nibble, words >> 12]
        };
        both.map(bytemuck::cast)
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i32; 2]] {
        x.words()
    }

    #[inline(always)]
    fn inputs(self, q: &[i32; 2]) -> [i16x8; 2] {
        in_every_lane(q)
    }

    #[inline(always)]
    fn zero(self) -> i32x4 {
        i32x4::ZERO
    }

    #[inline(always)]
    fn dot(self, sum: i32x4, weights: [i16x8; 2], inputs: [i16x8; 2]) -> i32x4 {
        sum + (weights[0].dot(inputs[0]) + weights[1].dot(inputs[1]))
    }

    #[inline(always)]
    fn total(self, sum: i32x4) -> f32x4 {
        f32x4::from_i32x4(sum)
    }
}

impl Dot<8> for Portable {
    type Weights = [i16x8; 2];
    type Step = [i32; 2];
    type Inputs = [i16x8; 2];
    type Sum = i32x4;

    #[inline(always)]
    fn weights(self, step: &[u8], index: usize) -> [i16x8; 2] {
        let words = sixteen_bytes(step, index);
        [words & u16x8::splat(255), words >> 8].map(bytemuck::cast)
    }

    #[inline(always)]
    fn steps(self, x: &Activations) -> &[[i32; 2]] {
        x.words()
    }

    #[inline(always)]
    fn inputs(self, q: &[i32; 2]) -> [i16x8; 2] {
        in_every_lane(q)
    }

    #[inline(always)]
    fn zero(self) -> i32x4 {
        i32x4::ZERO
    }

    #[inline(always)]
    fn dot(self, sum: i32x4, weights: [i16x8; 2], inputs: [i16x8; 2]) -> i32x4 {
        Dot::<4>::dot(self, sum, weights, inputs)
    }

    #[inline(always)]
    fn total(self, sum: i32x4) -> f32x4 {
        Dot::<4>::total(self, sum)
    }
}

/// Four halves as floats, exact for every finite one: widened with their sign, the bits are shifted to a 32-bit
/// float's places, which scales it by 2⁻¹¹², and scaled back. Finiteness is checked at load.
#[inline(always)]
fn floats_of_halves(halves: [u8; 8]) -> f32x4 {
    const { assert!(cfg!(target_endian = "little"), "packed weights are little-endian") };
    const TWO_TO_112: f32 = f32::from_bits(0x7780_0000);
    let bits = widened(halves) << 13;
    let scaled: f32x4 = bytemuck::cast(bits & i32x4::splat(0x8fff_ffff_u32 as i32));
    scaled * f32x4::splat(TWO_TO_112)
}

/// Four words with their signs.
#[inline(always)]
fn widened(words: [u8; 8]) -> i32x4 {
    // Written lane by lane, it becomes lane by lane there.
    #[cfg(target_arch = "wasm32")]
    {
        use core::arch::wasm32::{i32x4_load_extend_i16x4, v128};
        // SAFETY: eight bytes are there, and a load may be unaligned; of 128 bits every pattern is a value.
        unsafe {
            core::mem::transmute::<v128, i32x4>(i32x4_load_extend_i16x4(words.as_ptr().cast()))
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    i32x4::new(bytemuck::cast::<_, [i16; 4]>(words).map(i32::from))
}

/// Two pairs of words, each in every lane.
#[inline(always)]
fn in_every_lane(pairs: &[i32; 2]) -> [i16x8; 2] {
    [bytemuck::cast(i32x4::splat(pairs[0])), bytemuck::cast(i32x4::splat(pairs[1]))]
}

/// Bytes `16 · index..` as words.
#[inline(always)]
fn sixteen_bytes(step: &[u8], index: usize) -> u16x8 {
    let (vectors, _) = step.as_chunks::<16>();
    bytemuck::cast(vectors[index])
}
