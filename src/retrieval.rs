//! Question → ranked tools: the next token, chosen among tool tokens alone.
//!
//! Only the tools' rows are computed, never the vocabulary's, so the search space is the pack and
//! the softmax over it is the paper's constrained decoding (ToolGen, section 3.4) at the first step.

use serde::Serialize;

use crate::backend::{Backend, BitMask};
use crate::model::Decoder;
use crate::tool::ToolPack;
use crate::virtualization::{Indexing, Special, Trie};
use crate::{Error, Result};

/// A tool and the probability that the model gives it among all tools of the pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedTool {
    /// The tool's name.
    pub name: String,
    /// From 0 to 1.
    pub probability: f32,
}

/// The likeliest tools, and how likely it is that none fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Indices into the pack with their probabilities, likeliest first.
    pub tools: Vec<(usize, f32)>,
    /// Probability of the special token that competes with the tools.
    pub special: f32,
}

impl Ranking {
    /// The likeliest tool, unless the special token is likelier.
    pub fn choice(&self) -> Option<usize> {
        let &(tool, probability) = self.tools.first()?;
        (probability >= self.special).then_some(tool)
    }
}

/// The tool tokens' part of the head, and the special tokens'.
pub struct ToolHead<B: Backend> {
    norm: B::Vector,
    rows: B::Matrix,
    trie: Trie,
    tool_tokens: usize,
    /// The tokens that a tool may begin with.
    first: BitMask,
}

impl<B: Backend> ToolHead<B> {
    /// Hands a pack's rows to the backend.
    pub fn new(backend: &B, pack: &ToolPack) -> Result<Self> {
        let indexing = pack.indexing.of(pack.tools.len());
        let tool_tokens = indexing.tool_tokens();
        let trie = Trie::new(tool_tokens + Special::COUNT, &indexing.sequences());
        let first = trie.allowed(&[]).expect("every trie has a root");
        Ok(Self {
            norm: backend.upload_vector(pack.norm.clone())?,
            rows: backend.upload_matrix(pack.rows.clone())?,
            trie,
            tool_tokens,
            first,
        })
    }

    /// The `k` likeliest tools after the residual stream `x`, `[1, d]`, beside the special token: that no
    /// tool fits, or that no further one is needed.
    pub async fn rank(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        special: Special,
        k: usize,
    ) -> Result<Ranking> {
        let h = decoder.backend.rms_norm(x, &self.norm, decoder.config.rms_epsilon); // [1, d]
        let special = (self.tool_tokens + special.index()) as u32;
        let mut mask = self.first.clone();
        mask.insert(special);
        let top = decoder.backend.top_k(&h, &self.rows, Some(&mask), k.max(1) + 1).await?;
        let (mut tools, mut beside) = (Vec::new(), None);
        for scored in &top.best {
            if scored.id == special {
                beside = Some(*scored);
            } else {
                let missing = || Error::pack("metadata `indexing`", "a tool token names no tool");
                let tool = self.trie.tool(&[scored.id]).ok_or_else(missing)?;
                tools.push((tool, top.probability(scored)));
            }
        }
        tools.truncate(k.max(1));
        if beside.is_none() {
            let alone = BitMask::of(self.tool_tokens + Special::COUNT, [special]);
            let found = decoder.backend.top_k(&h, &self.rows, Some(&alone), 1).await?;
            beside = found.best.first().copied();
        }
        let special = beside.map_or(0.0, |scored| top.probability(&scored));
        Ok(Ranking { tools, special })
    }
}
