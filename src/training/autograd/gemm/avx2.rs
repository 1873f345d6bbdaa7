//! Products with AVX2: a strip of a panel is widened to 32-bit floats, block by block, and multiplied by many rows.

use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::LANES;
use super::output::Output;

/// Rows of a tile: their sums, a row of the strip and one number fill fifteen of the sixteen registers.
const ROWS: usize = 6;
/// Rows of a strip that are widened at once: they and the rows of a tile stay in the nearest caches.
const BLOCK: usize = 768;

/// Writes the rows of `a`, each the bits of `k` floats, times 16 columns of a panel to `c`, or adds them. The panel is `width`
/// columns wide, and the pairs of these columns begin at `b`.
///
/// # Safety
/// The processor must have AVX2 and FMA; `b` must be valid for the pairs of `k` rows of the panel, and `c` for as many
/// rows of 16 columns as `a` has.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn strip<const ADD: bool>(a: &[u32], k: usize, b: *const u32, width: usize, c: Output) {
    let mut block = [MaybeUninit::<f32>::uninit(); BLOCK * LANES];
    let block = block.as_mut_ptr().cast::<f32>();
    for first in (0..k).step_by(BLOCK) {
        let len = BLOCK.min(k - first);
        // SAFETY: `first` is even, and what is read and written lies within what the caller vouches for.
        unsafe {
            widen(b.add(first / 2 * width), len.div_ceil(2), width, block);
            for (index, rows) in a.chunks(ROWS * k).enumerate() {
                let (a, c) = (rows.as_ptr().cast::<f32>().add(first), c.row(index * ROWS));
                if ADD || first > 0 {
                    tile_of::<true>(rows.len() / k, a, k, block, len, c);
                } else {
                    tile_of::<false>(rows.len() / k, a, k, block, len, c);
                }
            }
        }
    }
}

/// Writes pairs of 16 columns as 32-bit floats: the even row, then the odd one.
///
/// # Safety
/// `b` must be valid for `half` rows of pairs, `width` apart, and `out` for twice as many rows of floats.
#[target_feature(enable = "avx2,fma")]
unsafe fn widen(b: *const u32, half: usize, width: usize, out: *mut f32) {
    let odd_half = _mm256_set1_epi32(0xffff_0000_u32 as i32);
    for pair in 0..half {
        for v in (0..LANES).step_by(8) {
            // SAFETY: within what the caller vouches for.
            unsafe {
                let pairs = _mm256_loadu_si256(b.add(pair * width + v).cast());
                let even = out.add(2 * pair * LANES + v);
                _mm256_storeu_ps(even, _mm256_castsi256_ps(_mm256_slli_epi32::<16>(pairs)));
                let odd = _mm256_castsi256_ps(_mm256_and_si256(pairs, odd_half));
                _mm256_storeu_ps(even.add(LANES), odd);
            }
        }
    }
}

/// [`tile`] of `rows` rows, at most [`ROWS`].
///
/// # Safety
/// As for [`strip`].
#[target_feature(enable = "avx2,fma")]
unsafe fn tile_of<const ADD: bool>(
    rows: usize,
    a: *const f32,
    stride: usize,
    block: *const f32,
    k: usize,
    c: Output,
) {
    // SAFETY: as the caller vouches for.
    unsafe {
        match rows {
            1 => tile::<1, ADD>(a, stride, block, k, c),
            2 => tile::<2, ADD>(a, stride, block, k, c),
            3 => tile::<3, ADD>(a, stride, block, k, c),
            4 => tile::<4, ADD>(a, stride, block, k, c),
            5 => tile::<5, ADD>(a, stride, block, k, c),
            _ => tile::<ROWS, ADD>(a, stride, block, k, c),
        }
    }
}

/// Writes `M` rows of `a`, `stride` apart, times the first `k` rows of a block to `c`, or adds them.
///
/// # Safety
/// As for [`strip`].
#[target_feature(enable = "avx2,fma")]
unsafe fn tile<const M: usize, const ADD: bool>(
    a: *const f32,
    stride: usize,
    block: *const f32,
    k: usize,
    c: Output,
) {
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    for i in 0..k {
        // SAFETY: within what the caller vouches for.
        unsafe {
            let row = block.add(i * LANES);
            let columns = [_mm256_loadu_ps(row), _mm256_loadu_ps(row.add(8))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm256_broadcast_ss(&*a.add(row * stride + i));
                for (sum, &columns) in sums.iter_mut().zip(&columns) {
                    *sum = _mm256_fmadd_ps(a, columns, *sum);
                }
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        for (v, &sum) in sums.iter().enumerate() {
            // SAFETY: within the tile.
            unsafe {
                let at = c.start.add(row * c.stride + v * 8);
                let sum = if ADD { _mm256_add_ps(_mm256_loadu_ps(at), sum) } else { sum };
                _mm256_storeu_ps(at, sum);
            }
        }
    }
}
