//! Weights with updates: products beside the naive reference, and the tiny checkpoint with an adapter.

use proptest::prelude::*;
use toolgen::backend::reference::Reference;
use toolgen::backend::{Backend, LowRank};
use toolgen::gguf::{Format, QuantizedMatrix};
use toolgen::model::{Checkpoint, LayerMatrix};

use crate::common;
use crate::common::backend_properties::{
    UnderTest, close, formats, numbers, oracle, read, scale, weights,
};

const RANK: usize = 32;

/// Both layers are updated, each of their matrices by about a third of itself.
pub fn tiny<B: Backend>(backend: B) -> Checkpoint<B> {
    let mut tiny = common::read(backend, &common::tiny(), 1 << 20).unwrap();
    for layer in 0..common::LAYERS {
        for (seed, matrix) in LayerMatrix::ALL.into_iter().enumerate() {
            let (rows, columns) = tiny.decoder.shape(matrix);
            let seed = 100 * (layer + 1) + seed;
            let update =
                LowRank { a: factor(RANK, columns, seed), b: factor(rows, RANK, 10 * seed) };
            tiny.decoder.adapt(layer, matrix, update).unwrap();
        }
    }
    tiny
}

fn factor(rows: usize, columns: usize, seed: usize) -> QuantizedMatrix {
    let weight = |i: usize| ((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 10_007.0 - 0.5;
    let values: Vec<f32> = (0..rows * columns).map(|i| weight(i) * 0.4).collect();
    QuantizedMatrix::quantize_q8_0(rows, columns, &values).unwrap()
}

/// Weights with an update, and what they are multiplied with: `x`, or the norm of `x` with a gain.
#[derive(Clone, Debug)]
pub struct Adapted {
    x: Vec<f32>,
    w: QuantizedMatrix,
    update: LowRank,
    gain: Option<Vec<f32>>,
}

/// Few, some and many tokens; rows that fill no vector; two ranks.
pub fn products() -> impl Strategy<Value = Adapted> {
    let tokens = prop_oneof![2 => Just(1usize), 2 => 2usize..10, 1 => 30usize..70];
    let rank = prop::sample::select(vec![32usize, 64]);
    (formats(), tokens, 1usize..160, 1usize..5, rank, any::<bool>())
        .prop_flat_map(|(format, n, rows, blocks, rank, normed)| {
            let columns = blocks * 32;
            let factor = |rows, columns| weights(Format::Q8_0, rows, columns);
            let gain = numbers(columns).prop_map(move |gain| normed.then_some(gain));
            let update = (factor(rank, columns), factor(rows, rank));
            (numbers(n * columns), weights(format, rows, columns), update, gain)
        })
        .prop_map(|(x, w, (a, b), gain)| Adapted { x, w, update: LowRank { a, b }, gain })
}

/// What the products with updated weights give on a backend: `linear`, `linear_add`, and of an even number of
/// rows `swiglu`.
fn outputs<B: Backend>(
    backend: &B,
    tensor: impl Fn(usize, &[f32]) -> B::Tensor,
    Adapted { x, w, update, gain }: &Adapted,
) -> Vec<Vec<f32>> {
    let mut gain = gain.clone().map(|gain| backend.upload_vector(gain).unwrap());
    let mut weights = backend.upload_matrix(w.clone()).unwrap();
    backend.adapt(&mut weights, gain.as_mut(), update.clone()).unwrap();
    let x = tensor(w.columns, x);
    let x = gain.iter().fold(x, |x, gain| backend.rms_norm(&x, gain, 1e-5));
    let linear = read(backend, &backend.linear(&x, &weights));
    let residual: Vec<f32> = (0..linear.len()).map(|i| i as f32 * 0.01).collect();
    let sum = read(backend, &backend.linear_add(tensor(w.rows, &residual), &x, &weights));
    let mut all = vec![linear, sum];
    if w.rows % 2 == 0 {
        all.push(read(backend, &backend.swiglu(&x, &weights)));
    }
    all
}

/// They are what the naive reference gives, which adds `B A` to `W` first.
pub fn products_agree<B: UnderTest>(backend: &B, adapted: &Adapted) -> Result<(), TestCaseError> {
    let found = outputs(backend, |width, x| backend.tensor(width, x), adapted);
    let expected = outputs(&Reference, oracle, adapted);
    let columns = adapted.w.columns;
    // A norm's results are at most √columns times the largest gain, of 2.
    let normed = [2.0 * (columns as f32).sqrt()];
    let x = if adapted.gain.is_some() { &normed[..] } else { &adapted.x };
    let z = scale(x, columns);
    let product = z + scale(&[z], adapted.update.a.rows);
    let scales = [product, 10.0 + product, product * product];
    for ((found, expected), scale) in found.iter().zip(&expected).zip(scales) {
        close(found, expected, scale, B::UPDATE)?;
    }
    Ok(())
}
