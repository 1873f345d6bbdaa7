//! candle's own quantized llama behind the three calls that a benchmark needs.

use candle_core::quantized::gguf_file::Content;
use candle_core::{D, Device, Result, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use std::io::Cursor;
use wasm_bindgen::prelude::*;

/// A llama checkpoint with its key-value cache.
#[wasm_bindgen]
pub struct Candle {
    model: ModelWeights,
    position: usize,
}

#[wasm_bindgen]
impl Candle {
    /// Reads a GGUF file.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> std::result::Result<Candle, JsError> {
        let mut reader = Cursor::new(bytes);
        let content = Content::read(&mut reader)?;
        let model = ModelWeights::from_gguf(content, &mut reader, &Device::Cpu)?;
        Ok(Self { model, position: 0 })
    }

    /// Forgets everything and reads `ids`; the likeliest next token.
    pub fn prefill(&mut self, ids: &[u32]) -> std::result::Result<u32, JsError> {
        // candle begins a new cache at position 0.
        self.position = 0;
        Ok(self.forward(ids)?)
    }

    /// Reads one more token; the likeliest next one.
    pub fn step(&mut self, id: u32) -> std::result::Result<u32, JsError> {
        Ok(self.forward(&[id])?)
    }

    fn forward(&mut self, ids: &[u32]) -> Result<u32> {
        let input = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        let logits = self.model.forward(&input, self.position)?;
        self.position += ids.len();
        logits.squeeze(0)?.argmax(D::Minus1)?.to_scalar()
    }
}

/// Bytes of this module's memory.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    #[cfg(target_arch = "wasm32")]
    return (core::arch::wasm32::memory_size(0) * 65536) as f64;
    #[cfg(not(target_arch = "wasm32"))]
    0.0
}
