//! The forward pass of a llama decoder, once for every backend.
//!
//! Shapes stand in comments: `n` tokens, hidden width `d`, feed-forward width `f`, `q`, `k`, `v`
//! the widths of queries, keys and values. Llama: <https://arxiv.org/abs/2302.13971>; RMSNorm:
//! <https://arxiv.org/abs/1910.07467>; SwiGLU: <https://arxiv.org/abs/2002.05202>; grouped-query
//! attention: <https://arxiv.org/abs/2305.13245>.

use super::adapter::LayerMatrix;
use crate::backend::{Backend, BitMask, LowRank, Sequence, TopK};
use crate::gguf::Config;
use crate::{Error, Result};

/// Weights of one transformer block. Matrices that read the same input are stacked, so that each
/// is one product.
pub struct Layer<B: Backend> {
    /// Gain of the norm before attention, `[d]`.
    pub attention_norm: B::Vector,
    /// Queries, keys and values, `[q + k + v, d]`.
    pub qkv: B::Matrix,
    /// From the heads back to the residual stream, `[d, q]`.
    pub attention_output: B::Matrix,
    /// Gain of the norm before the feed-forward network, `[d]`.
    pub feed_forward_norm: B::Vector,
    /// Gate and up projections, `[2f, d]`.
    pub gate_up: B::Matrix,
    /// Down projection, `[d, f]`.
    pub down: B::Matrix,
}

/// The tokens whose states the last block gives.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    All,
    Last,
}

/// A decoder whose weights lie in backend `B`.
pub struct Decoder<B: Backend> {
    /// Where the arithmetic happens.
    pub backend: B,
    /// Shapes and constants.
    pub config: Config,
    /// The vocabulary's rows, `[vocabulary, d]`: the embedding and, tied to it, the head.
    pub embedding: B::Matrix,
    /// Transformer blocks, first to last.
    pub layers: Vec<Layer<B>>,
    /// Gain of the norm before the head, `[d]`.
    pub output_norm: B::Vector,
}

impl<B: Backend> Decoder<B> {
    /// An empty sequence that may grow to `capacity` tokens.
    pub fn sequence(&self, capacity: usize) -> B::Sequence {
        self.backend.sequence(&self.config, capacity.min(self.config.context))
    }

    /// Rows and columns of a matrix of every layer.
    pub fn shape(&self, matrix: LayerMatrix) -> (usize, usize) {
        let Config { hidden: d, feed_forward: f, .. } = self.config;
        match matrix {
            LayerMatrix::Qkv => (self.config.qkv_width(), d),
            LayerMatrix::AttentionOutput => (d, d),
            LayerMatrix::GateUp => (2 * f, d),
            LayerMatrix::Down => (d, f),
        }
    }

    /// Adds an update to a matrix of layer `index`.
    ///
    /// # Errors
    /// [`Error::Adapter`] when there is no such layer or the shapes are not the matrix's.
    pub fn adapt(&mut self, index: usize, matrix: LayerMatrix, update: LowRank) -> Result<()> {
        let (rows, columns) = self.shape(matrix);
        let name = format!("layers.{index}.{}", matrix.name());
        let layers = self.layers.len();
        let Some(layer) = self.layers.get_mut(index) else {
            return Err(Error::adapter(name, format!("names none of the model's {layers} layers")));
        };
        if (update.b.rows, update.a.columns) != (rows, columns) {
            let found = format!("[{}, {}]", update.b.rows, update.a.columns);
            return Err(Error::adapter(name, format!("is {found}, expected [{rows}, {columns}]")));
        }
        let (weights, norm) = match matrix {
            LayerMatrix::Qkv => (&mut layer.qkv, Some(&mut layer.attention_norm)),
            LayerMatrix::AttentionOutput => (&mut layer.attention_output, None),
            LayerMatrix::GateUp => (&mut layer.gate_up, Some(&mut layer.feed_forward_norm)),
            LayerMatrix::Down => (&mut layer.down, None),
        };
        self.backend.adapt(weights, norm, update)
    }

    /// Runs `tokens` after what `sequence` holds already (prefill when many, a step when one) and
    /// returns the residual stream of the last of them, `[1, d]`, before the final norm.
    pub fn forward(&self, tokens: &[u32], sequence: &mut B::Sequence) -> Result<B::Tensor> {
        self.blocks(self.embedded(tokens)?, tokens.len(), sequence, Rows::Last) // [1, d]
    }

    /// As [`Decoder::forward`], for every one of the tokens: `[n, d]`.
    pub fn residual_stream(&self, tokens: &[u32], sequence: &mut B::Sequence) -> Result<B::Tensor> {
        self.blocks(self.embedded(tokens)?, tokens.len(), sequence, Rows::All) // [n, d]
    }

    /// As [`Decoder::forward`], from `x`, `[n, d]`, in place of the embeddings of `n` tokens of the vocabulary: tool
    /// tokens have embeddings of their own.
    pub fn forward_of(
        &self,
        x: B::Tensor,
        n: usize,
        sequence: &mut B::Sequence,
    ) -> Result<B::Tensor> {
        self.blocks(x, n, sequence, Rows::Last) // [1, d]
    }

    /// As [`Decoder::residual_stream`], from `x`, `[n, d]`.
    pub fn residual_stream_of(
        &self,
        x: B::Tensor,
        n: usize,
        sequence: &mut B::Sequence,
    ) -> Result<B::Tensor> {
        self.blocks(x, n, sequence, Rows::All) // [n, d]
    }

    /// `[n, d]`.
    fn embedded(&self, tokens: &[u32]) -> Result<B::Tensor> {
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= self.config.vocabulary)
        {
            return Err(Error::Tokenizer(format!("token {token} is not in the vocabulary")));
        }
        Ok(self.backend.embed(&self.embedding, tokens))
    }

    fn blocks(
        &self,
        mut x: B::Tensor, // [n, d]
        n: usize,
        sequence: &mut B::Sequence,
        rows: Rows,
    ) -> Result<B::Tensor> {
        let room = sequence.capacity().saturating_sub(sequence.len());
        if n == 0 || n > room {
            return Err(Error::Backend(format!("{n} tokens do not fit the {room} places left")));
        }
        let (backend, epsilon) = (&self.backend, self.config.rms_epsilon);
        for (index, layer) in self.layers.iter().enumerate() {
            let h = backend.rms_norm(&x, &layer.attention_norm, epsilon); // [n, d]
            let qkv = backend.linear(&h, &layer.qkv); // [n, q + k + v]
            let mut heads = backend.attention(qkv, index, sequence, &self.config); // [n, q]
            if rows == Rows::Last && index + 1 == self.layers.len() {
                // The keys and values of the others are all that is needed of them.
                (x, heads) = (backend.last_row(x), backend.last_row(heads));
            }
            x = backend.linear_add(x, &heads, &layer.attention_output); // [n, d]

            let h = backend.rms_norm(&x, &layer.feed_forward_norm, epsilon); // [n, d]
            let gated = backend.swiglu(&h, &layer.gate_up); // [n, f]
            x = backend.linear_add(x, &gated, &layer.down); // [n, d]
        }
        sequence.advance(n);
        Ok(x) // [n, d]
    }

    /// The `k` likeliest next tokens of the vocabulary among those that `mask` allows.
    pub async fn next_tokens(
        &self,
        x: &B::Tensor,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let h = self.backend.rms_norm(x, &self.output_norm, self.config.rms_epsilon); // [1, d]
        self.backend.top_k(&h, &self.embedding, mask, k).await
    }

    /// The state that the vocabulary's head reads, `[d]`: `x` after the final norm.
    pub async fn hidden_state(&self, x: &B::Tensor) -> Result<Vec<f32>> {
        let h = self.backend.rms_norm(x, &self.output_norm, self.config.rms_epsilon); // [1, d]
        self.backend.read(&h).await
    }
}
