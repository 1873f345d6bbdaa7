//! The tiny checkpoint with a document head, and an adapter for it; with one of the heads, they are what `models/tiny` holds.

use std::io::Cursor;

use candle_core::{DType, Device, Tensor};
use pollster::block_on;
use toolgen::backend::LowRank;
use toolgen::backend::reference::Reference;
use toolgen::gguf::quantize::Rounding;
use toolgen::gguf::{Format, QuantizedMatrix};
use toolgen::model::LayerMatrix;
use toolgen::model::adapter::to_bytes;
use toolgen::prompt;
use toolgen::training::peft::merge::{Storage, merge};
use toolgen::training::peft::pack::head_weights;
use toolgen::training::trainer::memorization_head::MemorizationHead;

use crate::common::{self, FEED_FORWARD, HIDDEN, KV, LAYERS};

/// Of the adapter.
pub const RANK: usize = 32;

pub fn tensor(shape: &[usize], seed: usize, scale: f32) -> Tensor {
    let number = |i: usize| ((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 10_007.0 - 0.5;
    let values: Vec<f32> = (0..shape.iter().product()).map(|i| number(i) * scale).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// A head with constants and a projection, and special rows as they start.
pub fn head() -> MemorizationHead {
    let gain = (tensor(&[HIDDEN], 1, 1.0) + 1.5).unwrap();
    MemorizationHead::new(gain, tensor(&[HIDDEN], 2, 3.0), tensor(&[HIDDEN, HIDDEN], 3, 1.0))
        .unwrap()
}

/// The head of `models/tiny`, like one that training starts from: `μ` is the mean of some states, and `P` near to what
/// leaves a state as it is. With those of [`head`], rows of examples lead away from the examples, and nothing can be
/// taught.
pub fn teachable_head() -> MemorizationHead {
    near_identity(3)
}

fn near_identity(seed: usize) -> MemorizationHead {
    let gain = (tensor(&[HIDDEN], 1, 1.0) + 1.5).unwrap();
    let identity = Tensor::eye(HIDDEN, DType::F32, &Device::Cpu).unwrap();
    let projection = (identity + tensor(&[HIDDEN, HIDDEN], seed, 0.05)).unwrap();
    MemorizationHead::new(gain, mean_state(), projection).unwrap()
}

/// The mean of the states that a few questions end in, by the reference: no kernel's change makes another checkpoint.
fn mean_state() -> Tensor {
    let questions =
        ["weather in Oslo", "5 miles in km", "flip a coin", "note: buy milk", "roll 3 dice"];
    let checkpoint = common::read(Reference, &common::tiny(), 1 << 16).unwrap();
    let decoder = &checkpoint.decoder;
    let mut mean = vec![0f32; HIDDEN];
    for question in questions {
        let tokens = prompt::question(&checkpoint.tokenizer, question).unwrap();
        let mut sequence = decoder.sequence(tokens.len());
        let x = decoder.forward(&tokens, &mut sequence).unwrap();
        let state = block_on(decoder.hidden_state(&x)).unwrap();
        for ((mean, x), gain) in mean.iter_mut().zip(state).zip(&decoder.output_norm) {
            *mean += x / *gain as f32 / questions.len() as f32;
        }
    }
    Tensor::from_vec(mean, HIDDEN, &Device::Cpu).unwrap()
}

/// The tiny checkpoint with a head, a GGUF file.
pub fn merged(head: &MemorizationHead) -> Vec<u8> {
    let storage = Storage {
        layers: Format::Q4_1,
        embedding: None,
        rounding: Rounding::LeastSquares,
        name: Some("toolgen tiny: random weights, for tests".into()),
    };
    let mut file = Cursor::new(Vec::new());
    merge(&mut Cursor::new(common::tiny()), &mut file, None, Some(head), &storage).unwrap();
    file.into_inner()
}

/// The file of an adapter for the tiny checkpoint `base`: a small update of every matrix, and a head of its own
/// that can be taught.
pub fn adapter(base: &[u8]) -> Vec<u8> {
    let id = common::read(Reference, base, 1 << 16).unwrap().id;
    let head = head_weights(&near_identity(4)).unwrap();
    to_bytes(&id.checkpoint, &updates(), Some(&head)).unwrap()
}

/// `B A` is about a tenth of the weights.
fn updates() -> Vec<(usize, LayerMatrix, LowRank)> {
    let shapes = [
        (LayerMatrix::Qkv, HIDDEN + 2 * KV, HIDDEN),
        (LayerMatrix::AttentionOutput, HIDDEN, HIDDEN),
        (LayerMatrix::GateUp, 2 * FEED_FORWARD, HIDDEN),
        (LayerMatrix::Down, HIDDEN, FEED_FORWARD),
    ];
    let update = |layer: usize, index: usize, (matrix, rows, columns)| {
        let seed = 100 * (layer + 1) + 10 * index;
        let (a, b) = (eight_bits(RANK, columns, seed), eight_bits(rows, RANK, seed + 1));
        (layer, matrix, LowRank { a, b })
    };
    let of_layer = |layer| {
        let indexed = shapes.into_iter().enumerate();
        indexed.map(move |(index, shape)| update(layer, index, shape))
    };
    (0..LAYERS).flat_map(of_layer).collect()
}

fn eight_bits(rows: usize, columns: usize, seed: usize) -> QuantizedMatrix {
    let values = tensor(&[rows * columns], seed, 0.2).to_vec1::<f32>().unwrap();
    QuantizedMatrix::quantize_q8_0(rows, columns, &values).unwrap()
}
