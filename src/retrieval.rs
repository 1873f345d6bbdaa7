//! Question → ranked tools: the next tool tokens, chosen among the pack's tools alone.
//!
//! Only the tools' rows are computed, never the vocabulary's, and the trie of tools masks them at every
//! step: the paper's constrained decoding (ToolGen, section 3.4). With atomic indexing that is one step;
//! otherwise the decoder reads the tool tokens' own embeddings and goes on.

use serde::Serialize;

use crate::backend::{Backend, BitMask, Sequence, TopK};
use crate::generation::beam::{Beam, NextToolTokens, beam_search, unconstrained};
use crate::model::Decoder;
use crate::tool::ToolPack;
use crate::virtualization::{Trie, atomic};
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
    /// What the decoder reads of a tool token; none where a tool is one token.
    embeddings: Option<B::Matrix>,
    trie: Trie,
}

impl<B: Backend> ToolHead<B> {
    /// Hands a pack's rows to the backend.
    pub fn new(backend: &B, pack: &ToolPack) -> Result<Self> {
        let (trie, embeddings) = match &pack.table {
            None => (Trie::new(pack.tools.len(), &atomic::sequences(pack.tools.len())), None),
            Some(table) => (table.trie(), Some(backend.upload_matrix(table.embeddings().clone())?)),
        };
        Ok(Self {
            norm: backend.upload_vector(pack.norm.clone())?,
            rows: backend.upload_matrix(pack.rows.clone())?,
            embeddings,
            trie,
        })
    }

    /// Places that ranking needs in a sequence after the question.
    pub fn room(&self) -> usize {
        self.trie.depth().saturating_sub(1)
    }

    /// The `k` likeliest tools after the residual stream `x`, `[1, d]`, of the last token of `sequence`:
    /// indices into the pack with their probabilities, from a beam search of `k` beams. The sequence is
    /// left as it was.
    pub async fn rank(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        sequence: &mut B::Sequence,
        k: usize,
    ) -> Result<Vec<(usize, f32)>> {
        let mut model = AfterQuestion::new(self, decoder, x, sequence);
        let beams = beam_search(&mut model, &self.trie, k.max(1)).await?;
        let ranked = |beam: &Beam| match self.trie.tool(&beam.tokens) {
            Some(tool) => Ok((tool, beam.probability())),
            None => Err(Error::pack("metadata `indexing`", "a tool token names no tool")),
        };
        beams.iter().map(ranked).collect()
    }

    /// The tool that the likeliest tokens name when nothing holds them to the trie; `None` is a
    /// hallucination. For comparison alone.
    pub async fn unconstrained(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        sequence: &mut B::Sequence,
    ) -> Result<Option<usize>> {
        let mut model = AfterQuestion::new(self, decoder, x, sequence);
        let tokens = unconstrained(&mut model, &self.trie).await?;
        Ok(self.trie.tool(&tokens))
    }
}

/// The decoder with a question read: prefixes are read one after another behind it.
struct AfterQuestion<'a, B: Backend> {
    head: &'a ToolHead<B>,
    decoder: &'a Decoder<B>,
    x: &'a B::Tensor,
    sequence: &'a mut B::Sequence,
    question: usize,
}

impl<'a, B: Backend> AfterQuestion<'a, B> {
    fn new(
        head: &'a ToolHead<B>,
        decoder: &'a Decoder<B>,
        x: &'a B::Tensor,
        sequence: &'a mut B::Sequence,
    ) -> Self {
        let question = sequence.len();
        Self { head, decoder, x, sequence, question }
    }

    /// The residual stream after the question and `prefix`, `[1, d]`.
    fn read(&mut self, prefix: &[u32]) -> Result<B::Tensor> {
        let backend = &self.decoder.backend;
        let missing = || Error::pack("embeddings", "are missing where a tool is several tokens");
        let embeddings = self.head.embeddings.as_ref().ok_or_else(missing)?;
        let x = backend.embed(embeddings, prefix); // [n, d]
        let x = self.decoder.residual_stream_of(x, prefix.len(), self.sequence);
        self.sequence.truncate(self.question);
        Ok(backend.last_row(x?)) // [1, d]
    }
}

impl<B: Backend> NextToolTokens for AfterQuestion<'_, B> {
    async fn next(&mut self, asked: &[(&[u32], Option<BitMask>)], k: usize) -> Result<Vec<TopK>> {
        let (head, decoder) = (self.head, self.decoder);
        let mut answers = Vec::with_capacity(asked.len());
        for (prefix, mask) in asked {
            let read;
            let x = if prefix.is_empty() {
                self.x
            } else {
                read = self.read(prefix)?;
                &read
            };
            let h = decoder.backend.rms_norm(x, &head.norm, decoder.config.rms_epsilon); // [1, d]
            answers.push(decoder.backend.top_k(&h, &head.rows, mask.as_ref(), k).await?);
        }
        Ok(answers)
    }
}
