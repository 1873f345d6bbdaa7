//! Tiles of a product with AVX2: pairs of bfloat16 are widened to 32-bit floats and multiplied as these.

use std::arch::x86_64::*;

use super::output::Output;

/// Rows of a tile: their sums, the columns of a pair and a row's number fill the sixteen registers.
pub const ROWS: usize = 4;

/// Writes `M` rows of `a` times 16 columns of a panel, which is `width` columns wide and whose pairs begin at `b`, to
/// `c`, or adds them.
///
/// # Safety
/// The processor must have AVX2 and FMA; `a` must be valid for `M` rows of `half` pairs, `b` for `half` pairs of rows
/// of the panel, and `c` for `M` rows of 16 columns.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn tile<const M: usize, const ADD: bool>(
    a: *const u32,
    b: *const u32,
    half: usize,
    width: usize,
    c: Output,
) {
    let odd_half = _mm256_set1_epi32(0xffff_0000_u32 as i32);
    let even = |pair| _mm256_castsi256_ps(_mm256_slli_epi32::<16>(pair));
    let odd = |pair| _mm256_castsi256_ps(_mm256_and_si256(pair, odd_half));
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    for pair in 0..half {
        // SAFETY: within what the caller vouches for.
        unsafe {
            let b = b.add(pair * width);
            let columns = [_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(8).cast())];
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm256_set1_epi32(*a.add(row * half + pair) as i32);
                for (sum, &columns) in sums.iter_mut().zip(&columns) {
                    *sum = _mm256_fmadd_ps(odd(a), odd(columns), *sum);
                    *sum = _mm256_fmadd_ps(even(a), even(columns), *sum);
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
