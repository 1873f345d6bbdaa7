//! The numbers of the architecture (llama), as the checkpoint's metadata states them.

use super::Metadata;
use crate::{Error, Result};

/// Shapes and constants of the decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Transformer blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// Width inside the feed-forward network.
    pub feed_forward: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads (grouped-query attention).
    pub kv_heads: usize,
    /// Width of a head.
    pub head_size: usize,
    /// Rows of the embedding.
    pub vocabulary: usize,
    /// Most tokens that a sequence may have.
    pub context: usize,
    /// Base of the rotary embedding's frequencies.
    pub rope_base: f32,
    /// Added to the mean square in RMSNorm.
    pub rms_epsilon: f32,
}

impl Config {
    /// Reads and checks the metadata of a llama checkpoint.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let architecture = metadata.string("general.architecture")?;
        if architecture != "llama" {
            let reason = format!("`{architecture}` is not supported; only `llama` checkpoints are");
            return Err(Error::metadata("general.architecture", reason));
        }
        let hidden = metadata.size("llama.embedding_length", 1 << 16)?;
        let heads = metadata.size("llama.attention.head_count", 1 << 10)?;
        let tokens = metadata.strings("tokenizer.ggml.tokens").map_or(0, |tokens| tokens.len());
        // What some files leave out has llama.cpp's defaults.
        let config = Self {
            layers: metadata.size("llama.block_count", 1 << 10)?,
            hidden,
            feed_forward: metadata.size("llama.feed_forward_length", 1 << 18)?,
            heads,
            kv_heads: metadata.size_or("llama.attention.head_count_kv", 1 << 10, heads)?,
            head_size: hidden / heads,
            vocabulary: metadata.size_or("llama.vocab_size", 1 << 20, tokens)?,
            context: metadata.size("llama.context_length", 1 << 24)?,
            rope_base: metadata.float("llama.rope.freq_base").unwrap_or(10_000.0),
            rms_epsilon: metadata.float("llama.attention.layer_norm_rms_epsilon")?,
        };
        config.check(metadata)?;
        Ok(config)
    }

    fn check(&self, metadata: &Metadata) -> Result<()> {
        let rope = metadata.size_or("llama.rope.dimension_count", 1 << 16, self.head_size)?;
        let wrong = |key, reason: &str| Err(Error::metadata(key, reason));
        if !self.hidden.is_multiple_of(self.heads)
            || !self.hidden.is_multiple_of(32)
            || !self.feed_forward.is_multiple_of(32)
        {
            return wrong(
                "llama.embedding_length",
                "widths do not divide into heads and blocks of 32",
            );
        }
        if !self.head_size.is_multiple_of(4) || !self.heads.is_multiple_of(self.kv_heads) {
            return wrong("llama.attention.head_count", "heads do not divide into groups");
        }
        if rope != self.head_size {
            return wrong("llama.rope.dimension_count", "differs from the head's width");
        }
        if !(self.rope_base.is_finite() && self.rope_base > 0.0 && self.rms_epsilon > 0.0) {
            return wrong("llama.rope.freq_base", "is not a positive number");
        }
        Ok(())
    }

    /// Width of the keys (or values) of one token in one layer.
    pub const fn kv_width(&self) -> usize {
        self.kv_heads * self.head_size
    }

    /// Width of queries, keys and values of one token, stacked.
    pub const fn qkv_width(&self) -> usize {
        self.hidden + 2 * self.kv_width()
    }
}
