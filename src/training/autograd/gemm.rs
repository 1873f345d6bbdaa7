//! Matrix products in bfloat16 with 32-bit sums: what a training step spends its time on.
//!
//! `C = A · B`, where `A` is `[m, k]` row-major in 32-bit floats and `B` is packed once into
//! [`Panels`]. Processors with AVX-512 BF16 multiply pairs of bfloat16 in one instruction, over three
//! times as fast as 32-bit floats; everywhere else plain loops give the same numbers, slowly.

use half::bf16;
use rayon::prelude::*;

/// Columns of `B` that one 512-bit vector covers.
const LANES: usize = 16;
/// Rows of `A` that share one pass over a panel.
const ROWS: usize = 8;
/// Rows of `A` that one thread takes at a time: with a panel they fit the second-level cache.
const CHUNK: usize = 128;

/// `B`, `[k, n]`, in panels of 16, 32 or 48 columns: for each pair of its rows, the pair's values column
/// by column (low half the even row, high half the odd one), zero where `B` has no more columns or rows.
pub struct Panels {
    k: usize,
    n: usize,
    /// Vectors that a panel is wide.
    vectors: usize,
    pairs: Vec<u32>,
}

impl Panels {
    /// Packs `b`, `[k, n]`.
    pub fn from_rows(b: &[f32], k: usize, n: usize) -> Self {
        assert_eq!(b.len(), k * n, "B is not [k, n]");
        Self::pack(k, n, |pair, from, out| {
            let row = |row: usize| {
                let row = if row < k { &b[row * n + from..(row + 1) * n] } else { &[] };
                &row[..row.len().min(out.len())]
            };
            let (even, odd) = (row(2 * pair), row(2 * pair + 1));
            interleave(even, odd, out);
        })
    }

    /// Packs the transpose of `w`, `[n, k]`: products with it are `x · wᵀ`.
    pub fn from_columns(w: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(w.len(), k * n, "W is not [n, k]");
        Self::pack(k, n, |pair, from, out| {
            let (mut even, mut odd) = ([0f32; 3 * LANES], [0f32; 3 * LANES]);
            for (column, (even, odd)) in
                (from..n).zip(even.iter_mut().zip(&mut odd)).take(out.len())
            {
                *even = w[column * k + 2 * pair];
                *odd = if 2 * pair + 1 < k { w[column * k + 2 * pair + 1] } else { 0.0 };
            }
            interleave(&even[..out.len()], &odd[..out.len()], out);
        })
    }

    /// `fill(pair, from, out)` writes `out.len()` columns, from column `from`, of the rows `2 · pair` and the next.
    fn pack(k: usize, n: usize, fill: impl Fn(usize, usize, &mut [u32]) + Sync) -> Self {
        let vectors = match n {
            n if n.is_multiple_of(3 * LANES) => 3,
            n if n.is_multiple_of(2 * LANES) => 2,
            _ => 1,
        };
        let width = vectors * LANES;
        let panel = k.div_ceil(2) * width;
        let mut pairs = vec![0u32; n.div_ceil(width) * panel];
        pairs.par_chunks_mut(panel).enumerate().for_each(|(index, panel)| {
            for (pair, out) in panel.chunks_exact_mut(width).enumerate() {
                fill(pair, index * width, out);
            }
        });
        Self { k, n, vectors, pairs }
    }

    /// Columns of `B`.
    pub fn columns(&self) -> usize {
        self.n
    }

    /// `a · B`, `[m, n]`; `a` is `[m, k]`.
    pub fn multiply(&self, a: &[f32]) -> Vec<f32> {
        let len = a.len() / self.k * self.n;
        let mut c = Vec::with_capacity(len);
        self.product::<false>(a, c.as_mut_ptr(), len);
        // SAFETY: a product that does not add has written every element of `[m, n]`.
        unsafe { c.set_len(len) };
        c
    }

    /// Adds `a · B` to `c`.
    pub fn multiply_add(&self, a: &[f32], c: &mut [f32]) {
        self.product::<true>(a, c.as_mut_ptr(), c.len());
    }

    /// Writes `a · B` to the `len` floats at `c`, or adds it.
    fn product<const ADD: bool>(&self, a: &[f32], c: *mut f32, len: usize) {
        let m = a.len() / self.k;
        assert_eq!((a.len(), len), (m * self.k, m * self.n), "A or C does not fit B");
        // Few rows make few chunks: then threads share the panels instead.
        let half = self.k.div_ceil(2);
        let a = pair_rows(a, self.k);
        let chunk =
            CHUNK.min(m.div_ceil(rayon::current_num_threads()).next_multiple_of(ROWS)).max(1);
        let c = Output { start: c, stride: self.n };
        if m >= 2 * ROWS || self.n <= 48 {
            a.par_chunks(chunk * half).enumerate().for_each(|(index, a)| {
                for panel in 0..self.panels() {
                    // SAFETY: each chunk writes its own rows of `C`, which has as many as `a`.
                    unsafe { self.panel_product::<ADD>(panel, a, c.row(index * chunk)) };
                }
            });
        } else {
            (0..self.panels()).into_par_iter().for_each(|panel| {
                // SAFETY: each panel writes its own columns.
                unsafe { self.panel_product::<ADD>(panel, &a, c) };
            });
        }
    }

    fn panels(&self) -> usize {
        self.n.div_ceil(self.vectors * LANES)
    }

    /// Writes the product with one panel to its columns of `c`, or adds it.
    ///
    /// # Safety
    /// `c` must be valid for as many rows of `n` columns as `a` has rows, and no other thread may touch
    /// this panel's columns of them.
    unsafe fn panel_product<const ADD: bool>(&self, panel: usize, a: &[u32], c: Output) {
        let half = self.k.div_ceil(2);
        let width = self.vectors * LANES;
        let b = &self.pairs[panel * half * width..][..half * width];
        let first = panel * width;
        let columns = width.min(self.n - first);
        let full = columns == width && has_bf16();
        for (index, a) in a.chunks(ROWS * half).enumerate() {
            let rows = a.len() / half;
            // SAFETY: the tile lies within `c`, by the caller's word.
            unsafe {
                let c = c.row(index * ROWS).column(first);
                #[cfg(target_arch = "x86_64")]
                if full {
                    match (self.vectors, rows) {
                        (3, ROWS) => avx512::tile::<ROWS, 3, ADD>(a, b, half, c),
                        (2, ROWS) => avx512::tile::<ROWS, 2, ADD>(a, b, half, c),
                        (_, ROWS) => avx512::tile::<ROWS, 1, ADD>(a, b, half, c),
                        _ => a.chunks(half).enumerate().for_each(|(row, a)| match self.vectors {
                            3 => avx512::tile::<1, 3, ADD>(a, b, half, c.row(row)),
                            2 => avx512::tile::<1, 2, ADD>(a, b, half, c.row(row)),
                            _ => avx512::tile::<1, 1, ADD>(a, b, half, c.row(row)),
                        }),
                    }
                    continue;
                }
                for (row, a) in a.chunks(half).enumerate() {
                    plain_row::<ADD>(a, b, width, columns, c.row(row));
                }
            }
        }
    }
}

/// Where a tile of `C` goes: its first element, and how far apart rows are.
#[derive(Clone, Copy)]
struct Output {
    start: *mut f32,
    stride: usize,
}

impl Output {
    /// # Safety
    /// `C` must have the row.
    unsafe fn row(self, row: usize) -> Self {
        // SAFETY: by the caller's word.
        Self { start: unsafe { self.start.add(row * self.stride) }, ..self }
    }

    /// # Safety
    /// `C` must have the column.
    unsafe fn column(self, column: usize) -> Self {
        // SAFETY: by the caller's word.
        Self { start: unsafe { self.start.add(column) }, ..self }
    }
}

// SAFETY: threads that share an `Output` write disjoint columns of it (`Panels::multiply_add`).
unsafe impl Send for Output {}
// SAFETY: as above.
unsafe impl Sync for Output {}

fn round(x: f32) -> u16 {
    bf16::from_f32(x).to_bits()
}

/// Whether the processor multiplies pairs of bfloat16.
fn has_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512bf16") && is_x86_feature_detected!("avx512bw");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Two rows as pairs of bfloat16, the even one in the low half; what is missing of a row is zero.
fn interleave(even: &[f32], odd: &[f32], out: &mut [u32]) {
    #[cfg(target_arch = "x86_64")]
    if even.len() == out.len() && odd.len() == out.len() && has_bf16() {
        // SAFETY: the processor has the instructions, and `out` is whole vectors of a panel.
        unsafe { avx512::interleave(even, odd, out) };
        return;
    }
    let at = |row: &[f32], column: usize| u32::from(round(row.get(column).copied().unwrap_or(0.0)));
    for (column, out) in out.iter_mut().enumerate() {
        *out = at(even, column) | at(odd, column) << 16;
    }
}

/// Rows of `k` floats as pairs of bfloat16.
fn pair_rows(a: &[f32], k: usize) -> Vec<u32> {
    let half = k.div_ceil(2);
    let mut pairs = vec![0u32; a.len() / k * half];
    pairs.par_chunks_mut(half * CHUNK).zip(a.par_chunks(k * CHUNK)).for_each(|(pairs, a)| {
        #[cfg(target_arch = "x86_64")]
        if has_bf16() && k.is_multiple_of(32) {
            // SAFETY: the processor has the instructions, and rows of 32 fill whole vectors.
            unsafe { avx512::round_all(a, pairs) };
            return;
        }
        for (pairs, a) in pairs.chunks_exact_mut(half).zip(a.chunks_exact(k)) {
            for (pair, a) in pairs.iter_mut().zip(a.chunks(2)) {
                *pair = u32::from(round(a[0])) | u32::from(round(*a.get(1).unwrap_or(&0.0))) << 16;
            }
        }
    });
    pairs
}

/// One row of `a` times a panel.
///
/// # Safety
/// `c` must be valid for `columns` floats.
unsafe fn plain_row<const ADD: bool>(
    a: &[u32],
    b: &[u32],
    width: usize,
    columns: usize,
    c: Output,
) {
    let even = |pair: u32| f32::from_bits(pair << 16);
    let odd = |pair: u32| f32::from_bits(pair & 0xffff_0000);
    let mut sums = [0f32; 3 * LANES];
    for (&a, b) in a.iter().zip(b.chunks_exact(width)) {
        for (sum, &b) in sums.iter_mut().zip(b) {
            *sum += odd(a) * odd(b) + even(a) * even(b);
        }
    }
    for (column, sum) in sums[..columns].iter().enumerate() {
        // SAFETY: within the caller's row.
        unsafe {
            let at = c.start.add(column);
            at.write(if ADD { *at + sum } else { *sum });
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    use crate::training::autograd::gemm::Output;

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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    #[test]
    fn products_are_those_of_rounded_floats() {
        for (m, k, n) in
            [(1, 2, 1), (3, 7, 5), (8, 64, 48), (19, 96, 32), (33, 33, 50), (300, 64, 96)]
        {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
            let rounded = |x: f32| f64::from(bf16::from_f32(x).to_f32());
            for panels in [Panels::from_rows(&b, k, n), Panels::from_columns(&transposed, n, k)] {
                let c = panels.multiply(&a);
                for (at, c) in c.iter().enumerate() {
                    let (row, column) = (at / n, at % n);
                    let products =
                        (0..k).map(|i| rounded(a[row * k + i]) * rounded(b[i * n + column]));
                    let expected: f64 = products.sum();
                    assert!((f64::from(*c) - expected).abs() < 1e-3, "[{m}, {k}, {n}] at {at}");
                }
            }
        }
    }
}
