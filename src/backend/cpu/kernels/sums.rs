//! The sum of an output, defined once for every kernel.
//!
//! Over the blocks `b` of a row, in order, in 32-bit floats without fused multiply-add:
//!
//! ```text
//! y = Σ_b (U − z Σ q) · (d_w · d_x)              Q4_0 with z = 8, Q8_0 with z = 128
//! y = Σ_b U · (d_w · d_x) + m · (d_x · Σ q)      Q4_1
//! ```
//!
//! where `U = Σ u·q` is the product of unsigned weights and activations. `U`, `z Σ q` and their difference are
//! integers below 2²⁴, which floats hold exactly, in whatever order they are added up; and every lane of a vector
//! is one output, so no float is added across lanes. That is why vectors of all widths give the same bits.

use super::super::activations::Activations;
use super::super::packed::{HALVES, STEP, TILE};
use crate::gguf::BLOCK;

/// Steps in a block.
const STEPS: usize = BLOCK / STEP;

/// Vectors of a processor. A value is the proof that the processor has them.
pub trait Lanes: Copy {
    /// Outputs in a vector.
    const WIDTH: usize;
    /// A float for each output.
    type Floats: Copy;

    /// The halves of vector `index` among sixteen.
    fn halves(self, halves: &[u8; HALVES], index: usize) -> Self::Floats;
    /// One float in every lane.
    fn splat(self, x: f32) -> Self::Floats;
    /// `a · b`.
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a + b`.
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// Reads a float for each output.
    fn load(self, from: &[f32]) -> Self::Floats;
    /// Writes a float for each output.
    fn store(self, x: Self::Floats, out: &mut [f32]);
}

/// Integer products with weights of `BITS` bits.
pub trait Dot<const BITS: usize>: Lanes {
    /// Four activations of a row as they lie in memory.
    type Step: Copy;
    /// Four columns of weights for each output.
    type Weights: Copy;
    /// The same four activations for each output.
    type Inputs: Copy;
    /// Sums over a block, for each output.
    type Sum: Copy;

    /// The weights of vector `index` in a step.
    fn weights(self, step: &[u8], index: usize) -> Self::Weights;
    /// All activations, a step of a row after the other.
    fn steps(self, x: &Activations) -> &[Self::Step];
    /// Four activations in every lane.
    fn inputs(self, step: &Self::Step) -> Self::Inputs;
    /// No sum yet.
    fn zero(self) -> Self::Sum;
    /// Adds the products of four columns.
    fn dot(self, sum: Self::Sum, weights: Self::Weights, inputs: Self::Inputs) -> Self::Sum;
    /// The sums as floats.
    fn total(self, sum: Self::Sum) -> Self::Floats;
}

/// A tile with all rows of activations: `out` is `[n, 16]`.
///
/// A block of the tile is unpacked once and goes by all rows. `ROWS` rows at a time take `VECTORS` of its `ALL`
/// vectors each: that many integer sums stay in registers. The sums of floats stay in `out`.
#[inline(always)]
pub fn tile_products<
    L: Dot<BITS>,
    const BITS: usize,
    const MINIMA: bool,
    const ROWS: usize,
    const VECTORS: usize,
    const ALL: usize,
>(
    lanes: L,
    x: &Activations,
    tile: &[u8],
    out: &mut [f32],
) {
    const { assert!(ALL * L::WIDTH == TILE && ALL.is_multiple_of(VECTORS)) };
    let rows = x.rows();
    let (inputs, _) = lanes.steps(x).as_chunks::<STEPS>();
    let (out, _) = out.as_chunks_mut::<TILE>();
    out.fill([0.0; TILE]);
    let mut y = [lanes.splat(0.0); ALL];
    let header = if MINIMA { 2 * HALVES } else { HALVES };
    // Kept from the compiler: unrolled and reordered, the loop over steps needs more registers than there are.
    let count = std::hint::black_box(STEPS);
    for (b, block) in tile.chunks_exact(header + BLOCK * TILE * BITS / 8).enumerate() {
        let (header, steps) = block.split_at(header);
        let columns = b * rows..(b + 1) * rows;
        let x = Rows {
            inputs: &inputs[columns.clone()],
            scales: &x.scales[columns.clone()],
            shared: &x.shared[columns],
        };
        let (halves, _) = header.as_chunks::<HALVES>();
        let scales = floats::<L, ALL>(lanes, &halves[0]);
        let minima = if MINIMA { floats(lanes, &halves[1]) } else { scales };
        if rows == 1 {
            let w = Block { scales, minima, steps: Packed(steps) };
            let [terms] = terms::<L, _, BITS, MINIMA, 1, ALL, ALL>(lanes, &w, &x, 0, 0, count);
            for (y, term) in y.iter_mut().zip(terms) {
                *y = lanes.add(*y, term);
            }
            continue;
        }
        let w = Block { scales, minima, steps: Unpacked::<L, BITS, ALL>::new(lanes, steps) };
        let mut row = 0;
        while row + ROWS <= rows {
            for first in 0..ALL / VECTORS {
                let terms = terms::<L, _, BITS, MINIMA, ROWS, VECTORS, ALL>(
                    lanes, &w, &x, row, first, count,
                );
                add(lanes, &terms, first, &mut out[row..]);
            }
            row += ROWS;
        }
        while row < rows {
            let terms = terms::<L, _, BITS, MINIMA, 1, ALL, ALL>(lanes, &w, &x, row, 0, count);
            add(lanes, &terms, 0, &mut out[row..]);
            row += 1;
        }
    }
    if rows == 1 {
        add(lanes, &[y], 0, out);
    }
}

/// Sixteen halves in as many vectors as they take.
#[inline(always)]
fn floats<L: Lanes, const ALL: usize>(lanes: L, halves: &[u8; HALVES]) -> [L::Floats; ALL] {
    let mut floats = [lanes.splat(0.0); ALL];
    for (v, floats) in floats.iter_mut().enumerate() {
        *floats = lanes.halves(halves, v);
    }
    floats
}

/// Adds what [`terms`] gives to the outputs of as many rows.
#[inline(always)]
fn add<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    lanes: L,
    terms: &[[L::Floats; VECTORS]; ROWS],
    first: usize,
    out: &mut [[f32; TILE]],
) {
    for (terms, out) in terms.iter().zip(out) {
        for (v, &term) in terms.iter().enumerate() {
            let at = (first + v * (TILE / L::WIDTH / VECTORS)) * L::WIDTH;
            let y = &mut out[at..at + L::WIDTH];
            lanes.store(lanes.add(lanes.load(y), term), y);
        }
    }
}

/// A block of a tile, whose weights are read from `W`.
struct Block<W, Floats, const ALL: usize> {
    scales: [Floats; ALL],
    minima: [Floats; ALL],
    steps: W,
}

/// The weights of a block.
trait Weights<L: Dot<BITS>, const BITS: usize> {
    /// Those of vector `v` in step `s`.
    fn at(&self, lanes: L, s: usize, v: usize) -> L::Weights;
}

/// Unpacked where they are used: for a single row.
struct Packed<'a>(&'a [u8]);

/// Unpacked once for all rows.
struct Unpacked<L: Dot<BITS>, const BITS: usize, const ALL: usize>([[L::Weights; ALL]; STEPS]);

impl<L: Dot<BITS>, const BITS: usize> Weights<L, BITS> for Packed<'_> {
    #[inline(always)]
    fn at(&self, lanes: L, s: usize, v: usize) -> L::Weights {
        let bytes = TILE * STEP * BITS / 8;
        lanes.weights(&self.0[s * bytes..][..bytes], v)
    }
}

impl<L: Dot<BITS>, const BITS: usize, const ALL: usize> Weights<L, BITS>
    for Unpacked<L, BITS, ALL>
{
    #[inline(always)]
    fn at(&self, _: L, s: usize, v: usize) -> L::Weights {
        self.0[s][v]
    }
}

impl<L: Dot<BITS>, const BITS: usize, const ALL: usize> Unpacked<L, BITS, ALL> {
    #[inline(always)]
    fn new(lanes: L, steps: &[u8]) -> Self {
        let packed = Packed(steps);
        let mut unpacked = [[packed.at(lanes, 0, 0); ALL]; STEPS];
        for (s, step) in unpacked.iter_mut().enumerate() {
            for (v, weights) in step.iter_mut().enumerate() {
                *weights = packed.at(lanes, s, v);
            }
        }
        Self(unpacked)
    }
}

/// A block of all rows of activations.
struct Rows<'a, Step> {
    inputs: &'a [[Step; STEPS]],
    scales: &'a [f32],
    shared: &'a [f32],
}

/// What one block adds to the outputs of rows `row..row + ROWS` and every so many-th vector from `first` on.
#[inline(always)]
fn terms<
    L: Dot<BITS>,
    W: Weights<L, BITS>,
    const BITS: usize,
    const MINIMA: bool,
    const ROWS: usize,
    const VECTORS: usize,
    const ALL: usize,
>(
    lanes: L,
    w: &Block<W, L::Floats, ALL>,
    x: &Rows<'_, L::Step>,
    row: usize,
    first: usize,
    steps: usize,
) -> [[L::Floats; VECTORS]; ROWS] {
    let vector = |v: usize| first + v * (ALL / VECTORS);
    let inputs: &[[L::Step; STEPS]; ROWS] = x.inputs[row..].first_chunk().expect("as many rows");
    let scales: &[f32; ROWS] = x.scales[row..].first_chunk().expect("as many rows");
    let shared: &[f32; ROWS] = x.shared[row..].first_chunk().expect("as many rows");

    let mut products = [[lanes.zero(); VECTORS]; ROWS];
    for s in 0..steps.min(STEPS) {
        for (products, inputs) in products.iter_mut().zip(inputs) {
            let q = lanes.inputs(&inputs[s]);
            for (v, product) in products.iter_mut().enumerate() {
                *product = lanes.dot(*product, w.steps.at(lanes, s, vector(v)), q);
            }
        }
    }
    let mut terms = [[lanes.splat(0.0); VECTORS]; ROWS];
    for r in 0..ROWS {
        let (d_x, shared) = (lanes.splat(scales[r]), lanes.splat(shared[r]));
        for v in 0..VECTORS {
            let (product, d) = (lanes.total(products[r][v]), lanes.mul(w.scales[vector(v)], d_x));
            terms[r][v] = if MINIMA {
                lanes.add(lanes.mul(product, d), lanes.mul(w.minima[vector(v)], shared))
            } else {
                lanes.mul(lanes.add(product, shared), d)
            };
        }
    }
    terms
}
