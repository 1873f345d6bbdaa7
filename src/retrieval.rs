//! Question → ranked tools: the next tool tokens, chosen among the pack's tools alone.
//!
//! Only the tools' rows are computed, never the vocabulary's, and the trie of tools masks them at every
//! step: the paper's constrained decoding (ToolGen, section 3.4). With atomic indexing that is one step;
//! otherwise the decoder reads the tool tokens' own embeddings and goes on.

use serde::Serialize;

use crate::backend::{Backend, BitMask, Scored, Sequence, TopK};
use crate::generation::beam::{Beam, NextToolTokens, beam_search, unconstrained};
use crate::model::Decoder;
use crate::tool::ToolPack;
use crate::virtualization::{Special, Trie, atomic};
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
    /// What the decoder reads of a tool token; none where a tool is one token.
    embeddings: Option<B::Matrix>,
    trie: Trie,
    tool_tokens: usize,
}

impl<B: Backend> ToolHead<B> {
    /// Hands a pack's rows to the backend.
    pub fn new(backend: &B, pack: &ToolPack) -> Result<Self> {
        let tool_tokens = pack.tool_tokens();
        let tokens = tool_tokens + Special::COUNT;
        let (trie, embeddings) = match &pack.table {
            None => (Trie::new(tokens, &atomic::sequences(tool_tokens)), None),
            Some(table) => {
                let embeddings = backend.upload_matrix(table.embeddings().clone())?;
                (Trie::new(tokens, table.sequences()), Some(embeddings))
            }
        };
        Ok(Self {
            norm: backend.upload_vector(pack.norm.clone())?,
            rows: backend.upload_matrix(pack.rows.clone())?,
            embeddings,
            trie,
            tool_tokens,
        })
    }

    /// Places that ranking needs in a sequence after the question.
    pub fn room(&self) -> usize {
        self.trie.depth().saturating_sub(1)
    }

    /// The `k` likeliest tools after the residual stream `x`, `[1, d]`, of the last token of `sequence`, from
    /// a beam search of `k` beams. At its first step the special token competes: that no tool fits, or that
    /// no further one is needed. The sequence is left as it was.
    pub async fn rank(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        sequence: &mut B::Sequence,
        special: Special,
        k: usize,
    ) -> Result<Ranking> {
        self.rank_among(None, decoder, x, sequence, special, k).await
    }

    /// A trie of some tools, for [`Self::rank_among`].
    pub fn only(&self, tools: &[usize]) -> Trie {
        self.trie.only(tools)
    }

    /// As [`Self::rank`], among the tools of `some` trie alone.
    pub async fn rank_among(
        &self,
        some: Option<&Trie>,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        sequence: &mut B::Sequence,
        special: Special,
        k: usize,
    ) -> Result<Ranking> {
        let mut model = AfterQuestion::new(self, decoder, x, sequence, Some(special));
        let beams = beam_search(&mut model, some.unwrap_or(&self.trie), k.max(1)).await?;
        let ranked = |beam: &Beam| match self.trie.tool(&beam.tokens) {
            Some(tool) => Ok((tool, beam.probability())),
            None => Err(Error::pack("metadata `indexing`", "a tool token names no tool")),
        };
        let tools = beams.iter().map(ranked).collect::<Result<_>>()?;
        Ok(Ranking { tools, special: model.special_probability })
    }

    /// The tool that the likeliest tool tokens name when nothing holds them to the trie; `None` is a
    /// hallucination. For comparison alone.
    pub async fn unconstrained(
        &self,
        decoder: &Decoder<B>,
        x: &B::Tensor,
        sequence: &mut B::Sequence,
    ) -> Result<Option<usize>> {
        let mut model = AfterQuestion::new(self, decoder, x, sequence, None);
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
    /// The row of the special token that competes with first tool tokens.
    special: Option<u32>,
    special_probability: f32,
}

impl<'a, B: Backend> AfterQuestion<'a, B> {
    fn new(
        head: &'a ToolHead<B>,
        decoder: &'a Decoder<B>,
        x: &'a B::Tensor,
        sequence: &'a mut B::Sequence,
        special: Option<Special>,
    ) -> Self {
        let question = sequence.len();
        let special = special.map(|special| (head.tool_tokens + special.index()) as u32);
        Self { head, decoder, x, sequence, question, special, special_probability: 0.0 }
    }

    /// The residual stream after the question and `prefix`, `[1, d]`.
    fn read(&mut self, prefix: &[u32]) -> Result<B::Tensor> {
        let backend = &self.decoder.backend;
        let missing = || Error::pack("embeddings", "are missing where a tool is several tokens");
        let embeddings = self.head.embeddings.as_ref().ok_or_else(missing)?;
        let x = backend.embed(embeddings, prefix); // [n, d]
        let x = self.decoder.forward_of(x, prefix.len(), self.sequence); // [1, d]
        self.sequence.truncate(self.question);
        x
    }

    /// The `k` likeliest first tool tokens among those of `mask`, beside the special token.
    async fn first(&mut self, mut mask: BitMask, k: usize) -> Result<TopK> {
        let Some(special) = self.special else { return self.top_k(self.x, &mask, k).await };
        mask.insert(special);
        let mut top = self.top_k(self.x, &mask, k + 1).await?;
        let place = top.best.iter().position(|scored| scored.id == special);
        let scored: Option<Scored> = match place {
            Some(place) => Some(top.best.remove(place)),
            None => {
                top.best.truncate(k);
                let alone = BitMask::of(self.tokens(), [special]);
                self.top_k(self.x, &alone, 1).await?.best.first().copied()
            }
        };
        self.special_probability = scored.map_or(0.0, |scored| top.probability(&scored));
        Ok(top)
    }

    async fn top_k(&self, x: &B::Tensor, mask: &BitMask, k: usize) -> Result<TopK> {
        let (head, decoder) = (self.head, self.decoder);
        let h = decoder.backend.rms_norm(x, &head.norm, decoder.config.rms_epsilon); // [1, d]
        decoder.backend.top_k(&h, &head.rows, Some(mask), k).await
    }

    /// Tool tokens and special tokens.
    fn tokens(&self) -> usize {
        self.head.tool_tokens + Special::COUNT
    }
}

impl<B: Backend> NextToolTokens for AfterQuestion<'_, B> {
    async fn next(&mut self, asked: &[(&[u32], Option<BitMask>)], k: usize) -> Result<Vec<TopK>> {
        let mut answers = Vec::with_capacity(asked.len());
        for (prefix, mask) in asked {
            let every = || BitMask::of(self.tokens(), 0..self.head.tool_tokens as u32);
            let mask = mask.clone().unwrap_or_else(every);
            answers.push(if prefix.is_empty() {
                self.first(mask, k).await?
            } else {
                let x = self.read(prefix)?;
                self.top_k(&x, &mask, k).await?
            });
        }
        Ok(answers)
    }
}
