//! The forward pass of a BERT encoder on candle (Devlin et al., <https://arxiv.org/abs/1810.04805>).
//!
//! Shapes stand in comments: `n` tokens, hidden width `d`, `h` heads of width `d / h`, feed-forward
//! width `f`. One text at a time, so there is no padding and no mask.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder};
use candle_nn::{embedding, layer_norm, linear};
use serde::Deserialize;

/// Shapes and constants, in the words of the model's `config.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// Width `d` of the residual stream.
    pub hidden_size: usize,
    /// Width `f` inside the feed-forward network.
    pub intermediate_size: usize,
    /// Heads `h` of attention.
    pub num_attention_heads: usize,
    /// Transformer blocks.
    pub num_hidden_layers: usize,
    /// Most tokens that a text may have.
    pub max_position_embeddings: usize,
    /// Rows of the table of segments.
    pub type_vocab_size: usize,
    /// Rows of the table of tokens.
    pub vocab_size: usize,
    /// Added to the variance in the layer norms.
    pub layer_norm_eps: f64,
}

/// An encoder.
pub struct Bert {
    words: Embedding,
    positions: Embedding,
    segments: Embedding,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    heads: usize,
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    output_norm: LayerNorm,
}

impl Bert {
    /// Takes the weights by their usual names. Fails on one that is missing or has another shape.
    pub fn new(config: &Config, weights: &VarBuilder<'_>) -> Result<Self> {
        let d = config.hidden_size;
        let table = |name, rows| embedding(rows, d, weights.pp("embeddings").pp(name));
        let layers = (0..config.num_hidden_layers)
            .map(|layer| Layer::new(config, &weights.pp("encoder.layer").pp(layer)));
        Ok(Self {
            words: table("word_embeddings", config.vocab_size)?,
            positions: table("position_embeddings", config.max_position_embeddings)?,
            segments: table("token_type_embeddings", config.type_vocab_size)?,
            norm: layer_norm(d, config.layer_norm_eps, weights.pp("embeddings.LayerNorm"))?,
            layers: layers.collect::<Result<_>>()?,
        })
    }

    /// The states of a text's tokens after the last block: `[n, d]`.
    pub fn forward(&self, tokens: &[u32]) -> Result<Tensor> {
        let device = self.words.embeddings().device();
        let n = tokens.len() as u32;
        let words = self.words.forward(&Tensor::new(tokens, device)?)?; // [n, d]
        let positions = self.positions.forward(&Tensor::arange(0, n, device)?)?; // [n, d]
        let segment = self.segments.forward(&Tensor::zeros(1, DType::U32, device)?)?; // [1, d]
        let x = (words + positions)?.broadcast_add(&segment)?;
        let x = self.norm.forward(&x)?; // [n, d]
        self.layers.iter().try_fold(x, |x, layer| layer.forward(&x))
    }
}

impl Layer {
    fn new(config: &Config, weights: &VarBuilder<'_>) -> Result<Self> {
        let (d, f) = (config.hidden_size, config.intermediate_size);
        let norm = |name| layer_norm(d, config.layer_norm_eps, weights.pp(name));
        Ok(Self {
            heads: config.num_attention_heads,
            query: linear(d, d, weights.pp("attention.self.query"))?,
            key: linear(d, d, weights.pp("attention.self.key"))?,
            value: linear(d, d, weights.pp("attention.self.value"))?,
            attention_output: linear(d, d, weights.pp("attention.output.dense"))?,
            attention_norm: norm("attention.output.LayerNorm")?,
            up: linear(d, f, weights.pp("intermediate.dense"))?,
            down: linear(f, d, weights.pp("output.dense"))?,
            output_norm: norm("output.LayerNorm")?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (n, d) = x.dims2()?;
        let head = d / self.heads;
        let split = |projection: &Linear| {
            let heads = projection.forward(x)?.reshape((n, self.heads, head))?;
            heads.transpose(0, 1)?.contiguous() // [h, n, d / h]
        };
        let (query, key, value) = (split(&self.query)?, split(&self.key)?, split(&self.value)?);
        let scores = (query.matmul(&key.t()?)? / (head as f64).sqrt())?; // [h, n, n]
        let heads = softmax_last_dim(&scores)?.matmul(&value)?; // [h, n, d / h]
        let heads = heads.transpose(0, 1)?.contiguous()?.reshape((n, d))?; // [n, d]
        let x = self.attention_norm.forward(&(x + self.attention_output.forward(&heads)?)?)?;
        let wide = self.up.forward(&x)?.gelu_erf()?; // [n, f]
        self.output_norm.forward(&(&x + self.down.forward(&wide)?)?) // [n, d]
    }
}

/// The mean of `states`, `[n, d]`, scaled to length 1: `[d]`.
pub fn pool(states: &Tensor) -> Result<Tensor> {
    let mean = states.mean(0)?;
    let length = mean.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
    mean.broadcast_div(&length)
}
