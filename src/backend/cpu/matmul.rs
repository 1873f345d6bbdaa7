//! Products of quantized weights and quantized activations.
//!
//! `y[t, r] = Σ_b d_w d_x Σ_j q_w q_x (+ m Σ_x)` over the blocks `b` of weight row `r` and
//! activation row `t`. A row of weights is unpacked once for a tile of four activation rows; the
//! integer sums of a block stay in four lanes that are added up only at the end of the row.
//!
//! A block's bytes are read as 16-bit words and unpacked by shifts and masks alone, which gives its
//! even weights apart from its odd ones; activations are stored in that order ([`super::activations`]).

use wide::{f32x4, i16x8, i32x4};

use super::activations::Activations;
use super::parallel::for_each_chunk;
use crate::gguf::QuantizedMatrix;
use crate::gguf::{BLOCK, Format};

/// Activation rows that share one unpacking of the weights.
const TILE: usize = 4;
/// Weight rows that one thread takes at a time.
const ROWS: usize = 64;

/// `x · Wᵀ`: `[n, columns]` times `[rows, columns]` gives `[n, rows]`.
pub fn matmul(x: &Activations, weights: &QuantizedMatrix) -> Vec<f32> {
    assert_eq!(x.width, weights.columns, "activations do not fit the weights");
    let n = x.rows();
    // Threads own weight rows, so they fill the transpose [rows, n].
    let mut transposed = vec![0.0; n * weights.rows];
    let work = n * weights.rows * weights.columns;
    for_each_chunk(&mut transposed, ROWS * n, work, |chunk, out| {
        for (offset, out) in out.chunks_exact_mut(n).enumerate() {
            let row = weights.row(chunk * ROWS + offset);
            match weights.format {
                Format::Q4_0 => row_products::<Q4_0>(x, row, out),
                Format::Q4_1 => row_products::<Q4_1>(x, row, out),
                Format::Q8_0 => row_products::<Q8_0>(x, row, out),
                Format::F32 => unreachable!("refused when uploaded"),
            }
        }
    });
    if n == 1 {
        return transposed;
    }
    let mut out = vec![0.0; n * weights.rows];
    for (row, values) in transposed.chunks_exact(n).enumerate() {
        for (token, value) in values.iter().enumerate() {
            out[token * weights.rows + row] = *value;
        }
    }
    out
}

/// The product of one row of weights and the only row of activations.
pub fn row_product(x: &Activations, weights: &QuantizedMatrix, row: usize) -> f32 {
    let (row, mut out) = (weights.row(row), [0.0]);
    match weights.format {
        Format::Q4_0 => row_products::<Q4_0>(x, row, &mut out),
        Format::Q4_1 => row_products::<Q4_1>(x, row, &mut out),
        Format::Q8_0 => row_products::<Q8_0>(x, row, &mut out),
        Format::F32 => unreachable!("refused when uploaded"),
    }
    out[0]
}

/// One row of weights times every row of activations: `out` is `[n]`.
fn row_products<B: Block>(x: &Activations, row: &[u8], out: &mut [f32]) {
    let mut tiles = out.chunks_exact_mut(TILE);
    let mut first = 0;
    for tile in &mut tiles {
        tile.copy_from_slice(&tile_products::<B, TILE>(x, first, row));
        first += TILE;
    }
    for (index, out) in tiles.into_remainder().iter_mut().enumerate() {
        [*out] = tile_products::<B, 1>(x, first + index, row);
    }
}

/// One row of weights times the activation rows `first..first + N`.
#[inline(always)]
fn tile_products<B: Block, const N: usize>(x: &Activations, first: usize, row: &[u8]) -> [f32; N] {
    let blocks = x.blocks();
    let quants: [&[i16]; N] =
        std::array::from_fn(|n| &x.quants[(first + n) * x.width..][..x.width]);
    let scales: [&[f32]; N] = std::array::from_fn(|n| &x.scales[(first + n) * blocks..][..blocks]);
    let sums: [&[f32]; N] = std::array::from_fn(|n| &x.sums[(first + n) * blocks..][..blocks]);

    let mut lanes = [f32x4::ZERO; N];
    let mut minima = [0f32; N];
    for (b, block) in row.chunks_exact(B::BYTES).enumerate() {
        let (d, m) = (half_at(block, 0), B::minimum(block));
        let weights = B::unpack(block);
        for n in 0..N {
            let q: &[i16; BLOCK] = quants[n][b * BLOCK..][..BLOCK].try_into().expect("a block");
            let sum = dot(&weights, q);
            lanes[n] += f32x4::from_i32x4(sum) * f32x4::splat(d * scales[n][b]);
            minima[n] += m * sums[n][b];
        }
    }
    std::array::from_fn(|n| {
        let [a, b, c, d] = lanes[n].to_array();
        (a + b) + (c + d) + minima[n]
    })
}

/// Four lanes that add up to `Σ w·q` of a block.
#[inline(always)]
fn dot(weights: &[i16x8; 4], q: &[i16; BLOCK]) -> i32x4 {
    let at = |i: usize| i16x8::new(q[i * 8..][..8].try_into().expect("eight"));
    (weights[0].dot(at(0)) + weights[1].dot(at(1)))
        + (weights[2].dot(at(2)) + weights[3].dot(at(3)))
}

/// A half-precision number at byte `at`, exact for every finite one: its bits are shifted to a
/// 32-bit float's places, which scales it by 2⁻¹¹², and scaled back. Finiteness is checked at load.
#[inline(always)]
fn half_at(block: &[u8], at: usize) -> f32 {
    const TWO_TO_112: f32 = f32::from_bits(0x7780_0000);
    let bits = u32::from(u16::from_le_bytes([block[at], block[at + 1]]));
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * TWO_TO_112;
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// How a block of 32 weights is unpacked.
trait Block {
    const BYTES: usize;
    /// What every weight of the block has added to it.
    fn minimum(block: &[u8]) -> f32;
    /// The integers: weights 0, 2, …, 14, then 16, 18, …, 30, then the odd ones likewise.
    fn unpack(block: &[u8]) -> [i16x8; 4];
}

struct Q4_0;
struct Q4_1;
struct Q8_0;

impl Block for Q4_0 {
    const BYTES: usize = Format::Q4_0.block_bytes();

    #[inline(always)]
    fn minimum(_: &[u8]) -> f32 {
        0.0
    }

    #[inline(always)]
    fn unpack(block: &[u8]) -> [i16x8; 4] {
        let eight = i16x8::splat(8);
        unpack_nibbles(block, 2).map(|q| q - eight)
    }
}

impl Block for Q4_1 {
    const BYTES: usize = Format::Q4_1.block_bytes();

    #[inline(always)]
    fn minimum(block: &[u8]) -> f32 {
        half_at(block, 2)
    }

    #[inline(always)]
    fn unpack(block: &[u8]) -> [i16x8; 4] {
        unpack_nibbles(block, 4)
    }
}

impl Block for Q8_0 {
    const BYTES: usize = Format::Q8_0.block_bytes();

    #[inline(always)]
    fn minimum(_: &[u8]) -> f32 {
        0.0
    }

    #[inline(always)]
    fn unpack(block: &[u8]) -> [i16x8; 4] {
        let (low, high) = (words(block, 2), words(block, 18));
        [(low << 8) >> 8, (high << 8) >> 8, low >> 8, high >> 8]
    }
}

/// Sixteen bytes to 32 nibbles: the low ones are weights 0..16, the high ones 16..32; even ones first.
#[inline(always)]
fn unpack_nibbles(block: &[u8], at: usize) -> [i16x8; 4] {
    let (words, nibble) = (words(block, at), i16x8::splat(15));
    [words & nibble, (words >> 4) & nibble, (words >> 8) & nibble, (words >> 12) & nibble]
}

/// Sixteen bytes as eight words: one load. (Put together from bytes, it is eight loads and eight lane
/// inserts in wasm.)
#[inline(always)]
fn words(block: &[u8], at: usize) -> i16x8 {
    const { assert!(cfg!(target_endian = "little"), "GGUF's blocks are little-endian") };
    bytemuck::pod_read_unaligned(&block[at..at + 16])
}
