//! The tiny checkpoint with a document head: what `models/tiny` holds.

use std::io::Cursor;

use candle_core::{Device, Tensor};
use toolgen::gguf::Format;
use toolgen::gguf::quantize::Rounding;
use toolgen::training::peft::merge::{Storage, merge};
use toolgen::training::trainer::memorization_head::MemorizationHead;

use crate::common::{self, HIDDEN};

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

/// The tiny checkpoint with the head, a GGUF file.
pub fn merged() -> Vec<u8> {
    let storage = Storage {
        layers: Format::Q4_1,
        embedding: None,
        rounding: Rounding::LeastSquares,
        name: Some("toolgen tiny: random weights, for tests".into()),
    };
    let mut file = Cursor::new(Vec::new());
    merge(&mut Cursor::new(common::tiny()), &mut file, None, Some(&head()), &storage).unwrap();
    file.into_inner()
}
