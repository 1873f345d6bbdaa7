//! Properties of every backend against the naive reference: one [`suite`](crate::suite), each backend runs it.

use crate::common;
use pollster::block_on;
use proptest::prelude::*;
use toolgen::backend::cpu::Cpu;
use toolgen::backend::reference::Reference;
use toolgen::backend::{Backend, BitMask, Sequence, cpu, reference};
use toolgen::gguf::{Config, Format, QuantizedMatrix};
use toolgen::model::Checkpoint;

/// Products of [`activations`], which lose nothing where they are quantized to eight bits: floats are added up in
/// another order, and nothing else.
const PRODUCT: f32 = 5e-5;
/// Plain 32-bit arithmetic.
pub const FLOAT: f32 = 2e-5;
/// Keys and values as halves, of 11 bits; some devices cut off where others round.
pub const HALVES: f32 = 1.0 / 1024.0;

/// How a backend's test tensors are made.
pub trait UnderTest: Backend {
    /// How far attention may be off.
    const ATTENTION: f32 = FLOAT;
    /// How far the state after a whole forward pass may be off.
    const STATE: f32 = 1e-3;
    /// How far products of weights with an update may be off: their `z` may be quantized as well.
    const UPDATE: f32 = 2.0 * PRODUCT;

    fn tensor(&self, width: usize, values: &[f32]) -> Self::Tensor;
}

impl UnderTest for Cpu {
    /// Activations of eight bits are off by up to 1/254 of the largest of a block, in each of eight products.
    const STATE: f32 = 0.02;
    /// What a norm or `A` gives is no multiple of a step.
    const UPDATE: f32 = 0.01;

    fn tensor(&self, width: usize, values: &[f32]) -> cpu::Tensor {
        cpu::Tensor::from_rows(width, values.to_vec())
    }
}

pub fn oracle(width: usize, values: &[f32]) -> reference::Matrix {
    reference::Matrix::from_rows(width, values)
}

pub fn read<B: Backend>(backend: &B, x: &B::Tensor) -> Vec<f32> {
    block_on(backend.read(x)).unwrap()
}

/// Every number is within `tolerance` of `scale` of the expected one.
pub fn close(
    found: &[f32],
    expected: &[f32],
    scale: f32,
    tolerance: f32,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (found - expected).abs();
        prop_assert!(
            off <= tolerance * scale,
            "at {}: {} for {}, scale {}",
            index,
            found,
            expected,
            scale
        );
    }
    Ok(())
}

pub fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-2.0f32..2.0, count)
}

/// Numbers that eight bits and a scale for each block of 32 hold exactly: multiples of a step, 127 the largest. So
/// whoever quantizes them computes with the same numbers as the reference, and a check of products is a tight one.
pub fn activations(count: usize) -> impl Strategy<Value = Vec<f32>> {
    let block = (prop::collection::vec(-127i8..=127, 32), 0usize..32, prop::bool::ANY, 1u8..=8);
    let blocks = prop::collection::vec(block, count / 32);
    blocks.prop_map(|blocks| {
        let numbers = |(mut quants, at, negative, step): (Vec<i8>, usize, bool, u8)| {
            quants[at] = if negative { -127 } else { 127 };
            quants.into_iter().map(move |q| f32::from(q) * f32::from(step) / 512.0)
        };
        blocks.into_iter().flat_map(numbers).collect()
    })
}

pub fn weights(
    format: Format,
    rows: usize,
    columns: usize,
) -> impl Strategy<Value = QuantizedMatrix> {
    numbers(rows * columns).prop_map(move |values| {
        use candle_core::quantized::{GgmlDType, QTensor};
        let dtype = match format {
            Format::Q4_0 => GgmlDType::Q4_0,
            Format::Q4_1 => GgmlDType::Q4_1,
            _ => GgmlDType::Q8_0,
        };
        let tensor =
            candle_core::Tensor::from_vec(values, (rows, columns), &candle_core::Device::Cpu)
                .unwrap();
        let bytes = QTensor::quantize(&tensor, dtype).unwrap().data().unwrap().to_vec();
        QuantizedMatrix::new(format, rows, columns, bytes).unwrap()
    })
}

pub fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(vec![Format::Q4_0, Format::Q4_1, Format::Q8_0])
}

/// A format, tokens, rows and blocks of columns, with inputs and weights of that shape.
pub fn products() -> impl Strategy<Value = (usize, Vec<f32>, QuantizedMatrix)> {
    let tokens = prop_oneof![4 => 1usize..10, 1 => 30usize..70];
    (formats(), tokens, 1usize..80, 1usize..5).prop_flat_map(|(format, n, rows, blocks)| {
        let columns = blocks * 32;
        (Just(n), activations(n * columns), weights(format, 2 * rows, columns))
    })
}

/// The largest sum that a product's terms could add up to.
pub fn scale(x: &[f32], columns: usize) -> f32 {
    let largest = x.iter().fold(0f32, |max, x| max.max(x.abs()));
    1e-3 + largest * 2.0 * (columns as f32).sqrt() * 2.0
}

pub fn linear<B: UnderTest>(
    backend: &B,
    x: &[f32],
    w: &QuantizedMatrix,
) -> Result<(), TestCaseError> {
    let (ours, theirs) =
        (backend.upload_matrix(w.clone()).unwrap(), Reference.upload_matrix(w.clone()).unwrap());
    let found = read(backend, &backend.linear(&backend.tensor(w.columns, x), &ours));
    let expected = read(&Reference, &Reference.linear(&oracle(w.columns, x), &theirs));
    close(&found, &expected, scale(x, w.columns), PRODUCT)?;

    let residual: Vec<f32> = (0..expected.len()).map(|i| i as f32 * 0.01).collect();
    let sum =
        backend.linear_add(backend.tensor(w.rows, &residual), &backend.tensor(w.columns, x), &ours);
    let expected: Vec<f32> = found.iter().zip(&residual).map(|(y, r)| y + r).collect();
    close(&read(backend, &sum), &expected, 1.0 + scale(x, w.columns), FLOAT)
}

pub fn swiglu<B: UnderTest>(
    backend: &B,
    x: &[f32],
    w: &QuantizedMatrix,
) -> Result<(), TestCaseError> {
    let (ours, theirs) =
        (backend.upload_matrix(w.clone()).unwrap(), Reference.upload_matrix(w.clone()).unwrap());
    let found = read(backend, &backend.swiglu(&backend.tensor(w.columns, x), &ours));
    let expected = read(&Reference, &Reference.swiglu(&oracle(w.columns, x), &theirs));
    let scale = scale(x, w.columns);
    close(&found, &expected, scale * scale, PRODUCT)
}

pub fn embed<B: UnderTest>(
    backend: &B,
    w: &QuantizedMatrix,
    tokens: &[u32],
) -> Result<(), TestCaseError> {
    let (ours, theirs) =
        (backend.upload_matrix(w.clone()).unwrap(), Reference.upload_matrix(w.clone()).unwrap());
    let found = read(backend, &backend.embed(&ours, tokens));
    close(&found, &read(&Reference, &Reference.embed(&theirs, tokens)), 1.0, FLOAT)
}

pub fn rms_norm<B: UnderTest>(
    backend: &B,
    width: usize,
    x: &[f32],
    gain: &[f32],
) -> Result<(), TestCaseError> {
    let ours = backend.upload_vector(gain.to_vec()).unwrap();
    let theirs = Reference.upload_vector(gain.to_vec()).unwrap();
    let found = read(backend, &backend.rms_norm(&backend.tensor(width, x), &ours, 1e-5));
    let expected = read(&Reference, &Reference.rms_norm(&oracle(width, x), &theirs, 1e-5));
    close(&found, &expected, 10.0, FLOAT)
}

/// Attends to tokens that arrive in two parts, as a prompt does.
pub fn attention<B: UnderTest>(
    backend: &B,
    config: &Config,
    parts: [&[f32]; 2],
) -> Result<(), TestCaseError> {
    let width = config.qkv_width();
    let capacity = (parts[0].len() + parts[1].len()) / width;
    let mut ours = backend.sequence(config, capacity);
    let mut theirs = Reference.sequence(config, capacity);
    for part in parts {
        let found =
            read(backend, &backend.attention(backend.tensor(width, part), 0, &mut ours, config));
        let expected =
            read(&Reference, &Reference.attention(oracle(width, part), 0, &mut theirs, config));
        close(&found, &expected, 4.0, B::ATTENTION)?;
        ours.advance(part.len() / width);
        theirs.advance(part.len() / width);
    }
    prop_assert_eq!(ours.len(), capacity);
    Ok(())
}

pub fn top_k<B: UnderTest>(
    backend: &B,
    x: &[f32],
    w: &QuantizedMatrix,
    mask: Option<&BitMask>,
    k: usize,
) -> Result<(), TestCaseError> {
    let (ours, theirs) =
        (backend.upload_matrix(w.clone()).unwrap(), Reference.upload_matrix(w.clone()).unwrap());
    let found = block_on(backend.top_k(&backend.tensor(w.columns, x), &ours, mask, k)).unwrap();
    let all = block_on(Reference.top_k(&oracle(w.columns, x), &theirs, mask, w.rows)).unwrap();
    let tolerance = PRODUCT * scale(x, w.columns);
    prop_assert_eq!(found.best.len(), k.min(all.best.len()));
    for (found, expected) in found.best.iter().zip(&all.best) {
        prop_assert!(mask.is_none_or(|mask| mask.allows(found.id)), "{} is masked", found.id);
        // Ranks may swap within the tolerance; the logit at a rank may not.
        prop_assert!(
            (found.logit - expected.logit).abs() <= tolerance,
            "{found:?} for {expected:?}"
        );
        let own = all.best.iter().find(|row| row.id == found.id).unwrap();
        prop_assert!((found.logit - own.logit).abs() <= tolerance, "{found:?} for {own:?}");
    }
    if !all.best.is_empty() {
        prop_assert!((found.log_sum_exp - all.log_sum_exp).abs() <= tolerance);
    }
    Ok(())
}

/// The properties as tests of one backend: one for each verb.
#[macro_export]
macro_rules! suite {
    ($name:ident, $backend:expr) => {
        mod $name {
            use super::*;
            use proptest::prelude::*;
            use toolgen::backend::BitMask;
            use $crate::common::adapted;
            use $crate::common::backend_properties as properties;
            use $crate::common::backend_properties::{attention_inputs, numbers, products};

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(64))]

                #[test]
                fn linear((n, x, w) in products()) {
                    prop_assert_eq!(x.len(), n * w.columns);
                    properties::linear(&$backend, &x, &w)?;
                }

                #[test]
                fn swiglu((_, x, w) in products()) {
                    properties::swiglu(&$backend, &x, &w)?;
                }

                #[test]
                fn adapted_products_agree(adapted in adapted::products()) {
                    adapted::products_agree(&$backend, &adapted)?;
                }

                #[test]
                fn embed((_, _, w) in products(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6)) {
                    let tokens: Vec<u32> = picks.iter().map(|pick| pick.index(w.rows) as u32).collect();
                    properties::embed(&$backend, &w, &tokens)?;
                }

                #[test]
                fn rms_norm((width, x, gain) in (1usize..6, 1usize..5).prop_flat_map(|(blocks, n)| {
                    (Just(blocks * 32), numbers(n * blocks * 32), numbers(blocks * 32))
                })) {
                    properties::rms_norm(&$backend, width, &x, &gain)?;
                }

                #[test]
                fn attention((config, first, second) in attention_inputs()) {
                    properties::attention(&$backend, &config, [&first, &second])?;
                }

                #[test]
                fn top_k((_, x, w) in products(), ids in prop::collection::vec(0u32..160, 0..20), k in 1usize..8) {
                    let x = &x[..w.columns];
                    properties::top_k(&$backend, x, &w, None, k)?;
                    let ids = ids.into_iter().filter(|&id| (id as usize) < w.rows);
                    properties::top_k(&$backend, x, &w, Some(&BitMask::of(w.rows, ids)), k)?;
                }
            }

            #[test]
            fn top_k_of_many_rows() {
                properties::top_k_of_many_rows(&$backend);
            }

            #[test]
            fn whole_forward_passes() {
                properties::whole_forward_passes(&$backend);
            }
        }
    };
}

pub fn attention_inputs() -> impl Strategy<Value = (Config, Vec<f32>, Vec<f32>)> {
    let tokens = prop_oneof![4 => 1usize..9, 1 => 60usize..140];
    let head_size = prop::sample::select(vec![8, 12, 64]);
    (1usize..4, 1usize..3, head_size, tokens, 1usize..5).prop_flat_map(
        |(kv_heads, group, head_size, first, second)| {
            let heads = kv_heads * group;
            let config = Config {
                layers: 1,
                hidden: heads * head_size,
                feed_forward: 32,
                heads,
                kv_heads,
                head_size,
                vocabulary: 32,
                context: 256,
                rope_base: 10_000.0,
                rms_epsilon: 1e-5,
            };
            let width = config.qkv_width();
            (Just(config), numbers(first * width), numbers(second * width))
        },
    )
}

/// More rows than one search goes through, a tie across the searches, and a mask with one row far back.
pub fn top_k_of_many_rows<B: UnderTest>(backend: &B) {
    let (rows, columns) = (5000, 32);
    let mut weights: Vec<f32> =
        (0..rows * columns).map(|i| ((i * 7919) % 1009) as f32 / 1009.0 - 0.5).collect();
    let best: Vec<f32> = weights[17 * columns..18 * columns].iter().map(|w| 2.0 * w).collect();
    for row in [17, 4999] {
        weights[row * columns..(row + 1) * columns].copy_from_slice(&best);
    }
    let w = QuantizedMatrix::quantize_q8_0(rows, columns, &weights).unwrap();
    let mut x = vec![0.0; columns];
    w.dequantize_row(17, &mut x); // eight bits hold it exactly
    top_k(backend, &x, &w, None, 60).unwrap();
    let ids = |mask: Option<BitMask>| -> Vec<u32> {
        let (x, head) = (backend.tensor(columns, &x), backend.upload_matrix(w.clone()).unwrap());
        let top = block_on(backend.top_k(&x, &head, mask.as_ref(), 2)).unwrap();
        top.best.iter().map(|scored| scored.id).collect()
    };
    assert_eq!(ids(None), [17, 4999]);
    assert_eq!(ids(Some(BitMask::of(rows, [4000]))), [4000]);
    assert!(ids(Some(BitMask::of(rows, []))).is_empty());
}

pub fn whole_forward_passes<B: UnderTest + Clone>(backend: &B) {
    let bytes = common::tiny();
    let plain = common::read(backend.clone(), &bytes, 1 << 20).unwrap();
    forward_passes_agree(&plain, &common::read(Reference, &bytes, 777).unwrap());
    let adapted = common::adapted::tiny(backend.clone());
    forward_passes_agree(&adapted, &common::adapted::tiny(Reference));
}

fn forward_passes_agree<B: UnderTest>(ours: &Checkpoint<B>, reference: &Checkpoint<Reference>) {
    let prompt = ours.tokenizer.encode("the thin man in the inn").unwrap();
    let found = {
        let x = ours.decoder.forward(&prompt, &mut ours.decoder.sequence(64)).unwrap();
        block_on(ours.decoder.hidden_state(&x)).unwrap()
    };
    let expected = {
        let x = reference.decoder.forward(&prompt, &mut reference.decoder.sequence(64)).unwrap();
        block_on(reference.decoder.hidden_state(&x)).unwrap()
    };
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() < B::STATE.max(8.0 * B::ATTENTION), "{a} for {b}");
    }
}
