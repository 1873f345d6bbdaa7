//! Matrix products in bfloat16 with 32-bit sums: what a training step spends its time on.
//!
//! `C = A · B`, where `A` is `[m, k]` row-major in 32-bit floats and `B` is packed once into
//! [`Panels`]. Processors with AVX-512 BF16 multiply pairs of bfloat16 in one instruction, over three
//! times as fast as 32-bit floats; those with AVX2 multiply the floats, and everywhere else plain loops
//! give the same numbers, slowly.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod output;

use rayon::prelude::*;

use output::Output;

/// Columns of `B` that one 512-bit vector covers.
const LANES: usize = 16;
/// Rows of `A` that share one pass over a panel.
const ROWS: usize = 8;
/// Rows of `A` that one thread takes at a time: with a panel they fit the second-level cache.
const CHUNK: usize = 120;

/// What products are computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    /// AVX-512 BF16: the processor multiplies pairs of bfloat16.
    #[cfg(target_arch = "x86_64")]
    Avx512Bf16,
    /// AVX2 and FMA: it multiplies 32-bit floats, eight at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Plain loops.
    Plain,
}

impl Instructions {
    /// The fastest that the processor has.
    fn detect() -> Self {
        Self::supported()[0]
    }

    /// All that the processor has, the fastest first.
    fn supported() -> Vec<Self> {
        let mut supported = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bf16") && is_x86_feature_detected!("avx512bw") {
                supported.push(Self::Avx512Bf16);
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                supported.push(Self::Avx2);
            }
        }
        supported.push(Self::Plain);
        supported
    }

    /// Words that a row of `A` of `k` numbers takes: a pair of bfloat16 each, or one of them as a 32-bit float.
    fn words(self, k: usize) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => k,
            _ => k.div_ceil(2),
        }
    }
}

/// `B`, `[k, n]`, in panels of 16, 32 or 48 columns: for each pair of its rows, the pair's values column
/// by column (low half the even row, high half the odd one), zero where `B` has no more columns or rows.
pub struct Panels {
    k: usize,
    n: usize,
    /// Vectors that a panel is wide.
    vectors: usize,
    pairs: Vec<u32>,
    instructions: Instructions,
}

impl Panels {
    /// Packs `b`, `[k, n]`.
    pub fn from_rows(b: &[f32], k: usize, n: usize) -> Self {
        Self::from_rows_with(Instructions::detect(), b, k, n)
    }

    fn from_rows_with(instructions: Instructions, b: &[f32], k: usize, n: usize) -> Self {
        assert_eq!(b.len(), k * n, "B is not [k, n]");
        Self::pack(instructions, k, n, |pair, from, out| {
            let row = |row: usize| {
                let row = if row < k { &b[row * n + from..(row + 1) * n] } else { &[] };
                &row[..row.len().min(out.len())]
            };
            let (even, odd) = (row(2 * pair), row(2 * pair + 1));
            interleave(instructions, even, odd, out);
        })
    }

    /// Packs the transpose of `w`, `[n, k]`: products with it are `x · wᵀ`.
    pub fn from_columns(w: &[f32], n: usize, k: usize) -> Self {
        Self::from_columns_with(Instructions::detect(), w, n, k)
    }

    fn from_columns_with(instructions: Instructions, w: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(w.len(), k * n, "W is not [n, k]");
        Self::pack(instructions, k, n, |pair, from, out| {
            let (mut even, mut odd) = ([0f32; 3 * LANES], [0f32; 3 * LANES]);
            for (column, (even, odd)) in
                (from..n).zip(even.iter_mut().zip(&mut odd)).take(out.len())
            {
                *even = w[column * k + 2 * pair];
                *odd = if 2 * pair + 1 < k { w[column * k + 2 * pair + 1] } else { 0.0 };
            }
            interleave(instructions, &even[..out.len()], &odd[..out.len()], out);
        })
    }

    /// `fill(pair, from, out)` writes `out.len()` columns, from column `from`, of the rows `2 · pair` and the next.
    fn pack(
        instructions: Instructions,
        k: usize,
        n: usize,
        fill: impl Fn(usize, usize, &mut [u32]) + Sync,
    ) -> Self {
        let instructions = if n.is_multiple_of(LANES) { instructions } else { Instructions::Plain };
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
        Self { k, n, vectors, pairs, instructions }
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
        let words = self.instructions.words(self.k);
        let a = rounded_rows(self.instructions, a, self.k);
        let chunk =
            CHUNK.min(m.div_ceil(rayon::current_num_threads()).next_multiple_of(ROWS)).max(1);
        let c = Output { start: c, stride: self.n };
        if m >= 2 * ROWS || self.n <= 48 {
            a.par_chunks(chunk * words).enumerate().for_each(|(index, a)| {
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
        // SAFETY: the panel lies within `c`, as the caller guarantees; instructions are only what the processor has,
        // and other than plain only where panels have all their columns.
        unsafe {
            let c = c.column(first);
            match self.instructions {
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512Bf16 => {
                    for (index, a) in a.chunks(ROWS * half).enumerate() {
                        let c = c.row(index * ROWS);
                        match (self.vectors, a.len() / half) {
                            (3, ROWS) => avx512::tile::<ROWS, 3, ADD>(a, b, half, c),
                            (2, ROWS) => avx512::tile::<ROWS, 2, ADD>(a, b, half, c),
                            (_, ROWS) => avx512::tile::<ROWS, 1, ADD>(a, b, half, c),
                            _ => {
                                a.chunks(half).enumerate().for_each(|(row, a)| match self.vectors {
                                    3 => avx512::tile::<1, 3, ADD>(a, b, half, c.row(row)),
                                    2 => avx512::tile::<1, 2, ADD>(a, b, half, c.row(row)),
                                    _ => avx512::tile::<1, 1, ADD>(a, b, half, c.row(row)),
                                })
                            }
                        }
                    }
                }
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => (0..width).step_by(LANES).for_each(|strip| {
                    avx2::strip::<ADD>(a, self.k, b[strip..].as_ptr(), width, c.column(strip));
                }),
                Instructions::Plain => a.chunks(half).enumerate().for_each(|(row, a)| {
                    plain_row::<ADD>(a, b, width, width.min(self.n - first), c.row(row));
                }),
            }
        }
    }
}

/// The bits of the nearest bfloat16, the even one of two; without a branch, so that loops become vectors.
#[inline(always)]
fn round(x: f32) -> u32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    if x.is_nan() { bits >> 16 | 0x40 } else { nearest }
}

/// Two rows as pairs of bfloat16, the even one in the low half; what is missing of a row is zero.
fn interleave(instructions: Instructions, even: &[f32], odd: &[f32], out: &mut [u32]) {
    #[cfg(target_arch = "x86_64")]
    if even.len() == out.len() && odd.len() == out.len() && instructions == Instructions::Avx512Bf16
    {
        // SAFETY: the processor has the instructions, and `out` is whole vectors of a panel.
        unsafe { avx512::interleave(even, odd, out) };
        return;
    }
    let at = |row: &[f32], column: usize| round(row.get(column).copied().unwrap_or(0.0));
    for (column, out) in out.iter_mut().enumerate() {
        *out = at(even, column) | at(odd, column) << 16;
    }
}

/// Rows of `k` floats rounded to bfloat16, in the words that the instructions read.
fn rounded_rows(instructions: Instructions, a: &[f32], k: usize) -> Vec<u32> {
    let words = instructions.words(k);
    let mut rounded = vec![0u32; a.len() / k * words];
    rounded.par_chunks_mut(words * CHUNK).zip(a.par_chunks(k * CHUNK)).for_each(|(rounded, a)| {
        match instructions {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512Bf16 if k.is_multiple_of(32) => {
                // SAFETY: the processor has the instructions, and rows of 32 fill whole vectors.
                unsafe { avx512::round_all(a, rounded) };
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => round_all(a, rounded),
            _ => {
                for (pairs, a) in rounded.chunks_exact_mut(words).zip(a.chunks_exact(k)) {
                    for (pair, a) in pairs.iter_mut().zip(a.chunks(2)) {
                        *pair = round(a[0]) | round(*a.get(1).unwrap_or(&0.0)) << 16;
                    }
                }
            }
        }
    });
    rounded
}

wide_vectors!(round_all => round_floats(a: &[f32], rounded: &mut [u32]));

/// Rounds to bfloat16, the upper half of a 32-bit float.
#[inline(always)]
fn round_floats(a: &[f32], rounded: &mut [u32]) {
    for (rounded, &a) in rounded.iter_mut().zip(a) {
        *rounded = round(a) << 16;
    }
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

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;

    fn numbers(len: usize, seed: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    fn products_are_right_with(instructions: Instructions) {
        for (m, k, n) in [
            (1, 2, 1),
            (3, 7, 5),
            (8, 64, 48),
            (19, 96, 32),
            (33, 33, 50),
            (9, 33, 16),
            (20, 601, 64),
            (300, 64, 96),
        ] {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
            let rounded = |x: f32| f64::from(bf16::from_f32(x).to_f32());
            for panels in [
                Panels::from_rows_with(instructions, &b, k, n),
                Panels::from_columns_with(instructions, &transposed, n, k),
            ] {
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

    #[test]
    fn products_are_those_of_rounded_floats() {
        for instructions in Instructions::supported() {
            eprintln!("products with {instructions:?}");
            products_are_right_with(instructions);
        }
    }

    #[test]
    fn floats_are_rounded_as_the_format_asks() {
        let halfway = f32::from_bits(0x3f80_8000);
        let odd_halfway = f32::from_bits(0x3f81_8000);
        for x in [0.0, -0.0, 1.1, -3.7e-39, halfway, odd_halfway, f32::MAX, f32::INFINITY] {
            assert_eq!(round(x), u32::from(bf16::from_f32(x).to_bits()), "{x}");
        }
        assert!(bf16::from_bits(round(f32::NAN) as u16).is_nan());
    }
}
