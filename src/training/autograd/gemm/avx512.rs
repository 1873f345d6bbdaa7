//! Tiles of a product with AVX-512 BF16.

use std::arch::x86_64::*;

use super::output::Output;

/// Writes `M` rows of `a` times a panel `V` vectors wide to `c`, or adds them.
///
/// # Safety
/// The processor must have AVX-512 BF16; `c` must be valid for `M` rows of `16 · V` columns.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub unsafe fn tile<const M: usize, const V: usize, const ADD: bool>(
    a: &[u32],
    b: &[u32],
    half: usize,
    c: Output,
) {
    debug_assert!(a.len() >= M * half && b.len() >= half * V * 16);
    let mut sums = [[_mm512_setzero_ps(); V]; M];
    let (a, b) = (a.as_ptr(), b.as_ptr());
    for pair in 0..half {
        // SAFETY: `pair < half`, and the lengths were checked by the caller's packing.
        unsafe {
            let mut columns = [_mm512_setzero_si512(); V];
            for (v, columns) in columns.iter_mut().enumerate() {
                *columns = _mm512_loadu_si512(b.add((pair * V + v) * 16).cast());
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm512_set1_epi32(*a.add(row * half + pair) as i32);
                for (sum, &columns) in sums.iter_mut().zip(&columns) {
                    *sum = _mm512_dpbf16_ps(
                        *sum,
                        std::mem::transmute::<__m512i, __m512bh>(columns),
                        std::mem::transmute::<__m512i, __m512bh>(a),
                    );
                }
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        for (v, &sum) in sums.iter().enumerate() {
            // SAFETY: within the tile.
            unsafe {
                let at = c.start.add(row * c.stride + v * 16);
                let sum = if ADD { _mm512_add_ps(_mm512_loadu_ps(at), sum) } else { sum };
                _mm512_storeu_ps(at, sum);
            }
        }
    }
}

/// Rounds two rows to bfloat16 and pairs their columns.
///
/// # Safety
/// The processor must have AVX-512 BF16; the slices must have the same multiple of 16 numbers.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub unsafe fn interleave(even: &[f32], odd: &[f32], out: &mut [u32]) {
    let rounded = |row: &[f32]| {
        // SAFETY: 16 floats in; both halves of the conversion are of the same size.
        unsafe {
            let row = _mm512_cvtneps_pbh(_mm512_loadu_ps(row.as_ptr()));
            _mm512_cvtepu16_epi32(std::mem::transmute::<__m256bh, __m256i>(row))
        }
    };
    let rows = even.chunks_exact(16).zip(odd.chunks_exact(16));
    for ((even, odd), out) in rows.zip(out.chunks_exact_mut(16)) {
        let pairs = _mm512_or_si512(rounded(even), _mm512_slli_epi32::<16>(rounded(odd)));
        // SAFETY: 16 pairs out.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), pairs) };
    }
}

/// Rounds all of `a` to bfloat16.
///
/// # Safety
/// The processor must have AVX-512 BF16; `a` must have a multiple of 32 floats, `pairs` half as many.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub unsafe fn round_all(a: &[f32], pairs: &mut [u32]) {
    for (a, pairs) in a.chunks_exact(32).zip(pairs.chunks_exact_mut(16)) {
        // SAFETY: 32 floats in, 16 pairs out.
        unsafe {
            let low = _mm512_loadu_ps(a.as_ptr());
            let high = _mm512_loadu_ps(a.as_ptr().add(16));
            let rounded = _mm512_cvtne2ps_pbh(high, low);
            _mm512_storeu_si512(
                pairs.as_mut_ptr().cast(),
                std::mem::transmute::<__m512bh, __m512i>(rounded),
            );
        }
    }
}
