//! Question → ranked tools: the next token, chosen among tool tokens alone.
//!
//! Only the tools' rows are computed, never the vocabulary's, so the search space is the pack and
//! the softmax over it is the paper's constrained decoding (ToolGen, section 3.4) at the first step.

use serde::Serialize;

use crate::backend::{Backend, BitMask};
use crate::model::Decoder;
use crate::tool::ToolPack;
use crate::virtualization::{Indexing, Trie};
use crate::{Error, Result};

/// A tool and the probability that the model gives it among all tools of the pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedTool {
    /// The tool's name.
    pub name: String,
    /// From 0 to 1.
    pub probability: f32,
}

/// The tool tokens' part of the head.
pub struct ToolHead<B: Backend> {
    norm: B::Vector,
    rows: B::Matrix,
    trie: Trie,
    /// The tokens that a tool may begin with, unless all may.
    first: Option<BitMask>,
}

impl<B: Backend> ToolHead<B> {
    /// Hands a pack's rows to the backend.
    pub fn new(backend: &B, pack: &ToolPack) -> Result<Self> {
        let indexing = pack.indexing.of(pack.tools.len());
        let trie = Trie::new(indexing.tool_tokens(), &indexing.sequences());
        let first = trie.allowed(&[]).filter(|first| first.count() < indexing.tool_tokens());
        Ok(Self {
            norm: backend.upload_vector(pack.norm.clone())?,
            rows: backend.upload_matrix(pack.rows.clone())?,
            trie,
            first,
        })
    }

    /// The `k` likeliest tools after the residual stream `x`, `[1, d]`: indices into the pack with
    /// their probabilities.
    pub async fn rank(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        k: usize,
    ) -> Result<Vec<(usize, f32)>> {
        let h = decoder.backend.rms_norm(x, &self.norm, decoder.config.rms_epsilon); // [1, d]
        let top = decoder.backend.top_k(&h, &self.rows, self.first.as_ref(), k.max(1)).await?;
        top.best
            .iter()
            .map(|scored| match self.trie.tool(&[scored.id]) {
                Some(tool) => Ok((tool, top.probability(scored))),
                None => Err(Error::pack("metadata `indexing`", "a tool token names no tool")),
            })
            .collect()
    }
}
