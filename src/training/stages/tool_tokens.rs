//! The tool tokens of an indexing as they are trained: rows, biases and input embeddings.

use candle_core::{DType, Device, Tensor, Var};

use crate::backend::Backend;
use crate::rows::from_names::initial_rows;
use crate::training::autograd::{Packed, failed};
use crate::training::trainer::memorization_head::MemorizationHead;
use crate::training::trainer::optimizer::Parameter;
use crate::training::trainer::{SavedState, Trainer};
use crate::virtualization::{Indexing, IndexingKind, Trie, check_sequences};
use crate::{Error, Result};

/// Root mean square of a direction's features at the start; lengths don't count, only how far a step of
/// the optimizer turns them.
const DIRECTION: f64 = 0.1;

/// Tool tokens in training.
pub struct ToolTokens {
    /// Which indexing they are of.
    pub kind: IndexingKind,
    /// The sequence of each tool.
    pub sequences: Vec<Vec<u32>>,
    /// `[tool tokens, d]`: where rows point, in the coordinates of standardised states.
    directions: Var,
    /// `[tool tokens]`.
    biases: Var,
    /// `[tool tokens, d]`: what the decoder reads.
    embeddings: Var,
}

impl ToolTokens {
    /// Tokens that start from the mean embeddings of their texts (ToolGen, section 4.1). The head is tied
    /// to the embedding `E` and reads `γ ∘ x̂`, where a tool's row reads `g ∘ x̂`: so rows start along
    /// `γ/g ∘ e`, which gives the vocabulary's logits.
    pub fn new(trainer: &Trainer, indexing: &dyn Indexing) -> Result<Self> {
        let decoder = &trainer.checkpoint.decoder;
        let texts = indexing.texts();
        let means = pollster::block_on(initial_rows(&trainer.checkpoint, &texts))?;
        let build = || -> candle_core::Result<_> {
            let means =
                Tensor::from_vec(means, (texts.len(), decoder.config.hidden), &Device::Cpu)?;
            let directions = means.broadcast_mul(&(&decoder.output_norm / &trainer.head.gain)?)?;
            let size = (directions.sqr()?.mean_keepdim(1)? + 1e-12)?.sqrt()?;
            let directions = (directions.broadcast_div(&size)? * DIRECTION)?;
            let biases = Tensor::zeros(texts.len(), DType::F32, &Device::Cpu)?;
            Self::of(indexing.kind(), indexing.sequences(), [&directions, &biases, &means])
        };
        build().map_err(failed)
    }

    fn of(
        kind: IndexingKind,
        sequences: Vec<Vec<u32>>,
        [directions, biases, embeddings]: [&Tensor; 3],
    ) -> candle_core::Result<Self> {
        let (directions, biases) = (Var::from_tensor(directions)?, Var::from_tensor(biases)?);
        Ok(Self { kind, sequences, directions, biases, embeddings: Var::from_tensor(embeddings)? })
    }

    /// The tokens that a saved state holds.
    pub fn from_saved(saved: &SavedState) -> Result<Self> {
        let (kind, sequences) = saved_sequences(saved)?;
        let [directions, biases, embeddings] = ["directions", "biases", "embeddings"];
        let find = |name| part(saved, name);
        let parts = [find(directions)?, find(biases)?, find(embeddings)?];
        check_sequences(parts[0].dim(0).map_err(failed)?, &sequences)?;
        Self::of(kind, sequences, parts).map_err(failed)
    }

    /// Takes the sequences of a saved state, whose parameters are taken already. Fails when it is of another
    /// indexing or of another number of tools.
    pub fn take_sequences(&mut self, saved: &SavedState) -> Result<()> {
        let (kind, sequences) = saved_sequences(saved)?;
        if (kind, sequences.len()) != (self.kind, self.sequences.len()) {
            let (kind, tools) = (kind.name(), sequences.len());
            return Err(Error::Training(format!(
                "the saved state is of {tools} tools, {kind} indexing"
            )));
        }
        check_sequences(self.embeddings.dims()[0], &sequences)?;
        self.sequences = sequences;
        Ok(())
    }

    /// What is trained, with learning rates relative to the adapters'.
    pub fn parameters(&self) -> Vec<Parameter> {
        [
            ("directions", &self.directions, 4.0),
            ("biases", &self.biases, 20.0),
            ("embeddings", &self.embeddings, 1.0),
        ]
        .map(|(name, var, rate)| Parameter {
            name: format!("indexing.{name}"),
            var: var.clone(),
            rate,
        })
        .into()
    }

    /// The sequences and the indexing's name, as a state holds them: `indexing.sequences` one after another,
    /// `indexing.ends` where each ends.
    pub fn constants(&self) -> candle_core::Result<SavedState> {
        let mut end = 0;
        let ends = self.sequences.iter().map(|sequence| {
            end += sequence.len() as u32;
            end
        });
        let ends: Vec<u32> = ends.collect();
        Ok(SavedState::from_iter([
            ("indexing.kind".into(), Tensor::new(self.kind.name().as_bytes(), &Device::Cpu)?),
            ("indexing.ends".into(), Tensor::new(ends, &Device::Cpu)?),
            ("indexing.sequences".into(), Tensor::new(self.sequences.concat(), &Device::Cpu)?),
        ]))
    }

    /// The trie of the sequences.
    pub fn trie(&self) -> Trie {
        Trie::new(self.embeddings.dims()[0], &self.sequences)
    }

    /// The rows that read standardised states, `[tool tokens, d]`.
    pub fn rows(&self, head: &MemorizationHead) -> candle_core::Result<Tensor> {
        head.biased_rows(&self.directions, &self.biases)
    }

    /// Logits of all tool tokens after each question and after each tool token behind it: for `texts`,
    /// questions in the vocabulary's tokens with tool tokens after them, `[n, tool tokens]`, where `n`
    /// counts 1 and its tool tokens for each text, in their order. One packed pass.
    pub fn logits(&self, trainer: &Trainer, texts: &[(&[u32], &[u32])]) -> Result<Tensor> {
        let decoder = &trainer.checkpoint.decoder;
        let questions: Vec<u32> = texts.iter().flat_map(|text| text.0).copied().collect();
        let tool_tokens: Vec<u32> = texts.iter().flat_map(|text| text.1).copied().collect();
        // Questions' embeddings, then those of tool tokens; `order` puts each behind its question.
        let (mut order, mut asked) = (Vec::new(), Vec::new());
        let (mut question, mut tool_token) = (0, questions.len() as u32);
        for (words, tools) in texts {
            order.extend(question..question + words.len() as u32);
            asked.extend(order.len() as u32 - 1..(order.len() + tools.len()) as u32);
            order.extend(tool_token..tool_token + tools.len() as u32);
            question += words.len() as u32;
            tool_token += tools.len() as u32;
        }
        let mut packed = Packed::new(texts.iter().map(|text| text.0.len() + text.1.len()));
        let mut x = decoder.backend.embed(&decoder.embedding, &questions); // [words, d]
        if !tool_tokens.is_empty() {
            let read = || {
                let read = self.embeddings.index_select(&indices(tool_tokens)?, 0)?;
                Tensor::cat(&[&x, &read], 0)?.index_select(&indices(order.clone())?, 0)
            };
            x = read().map_err(failed)?; // [words + tool tokens, d]
        }
        let x = decoder.residual_stream_of(x, order.len(), &mut packed)?;
        let score = || {
            let states = trainer.normalized(&x.index_select(&indices(asked)?, 0)?); // [n, d]
            trainer.head.queries(&states)?.matmul(&self.rows(&trainer.head)?.t()?)
        };
        score().map_err(failed)
    }

    /// [`ToolTokens::logits`] as numbers, a row each, without a graph.
    pub fn logit_rows(
        &self,
        trainer: &Trainer,
        texts: &[(&[u32], &[u32])],
    ) -> Result<Vec<Vec<f32>>> {
        self.logits(trainer, texts)?.to_vec2().map_err(failed)
    }
}

/// What a saved state holds as `indexing.{name}`.
fn part<'a>(saved: &'a SavedState, name: &str) -> Result<&'a Tensor> {
    saved.tensor(&format!("indexing.{name}"))
}

/// The indexing of a saved state, and its sequences.
fn saved_sequences(saved: &SavedState) -> Result<(IndexingKind, Vec<Vec<u32>>)> {
    let kind = part(saved, "kind")?.to_vec1::<u8>().map_err(failed)?;
    let kind = IndexingKind::from_name(&String::from_utf8_lossy(&kind))?;
    let ends = part(saved, "ends")?.to_vec1::<u32>().map_err(failed)?;
    let tokens = part(saved, "sequences")?.to_vec1::<u32>().map_err(failed)?;
    let mut start = 0;
    let sequence = |end: u32| {
        let from = std::mem::replace(&mut start, end as usize);
        tokens.get(from..end as usize).map(<[u32]>::to_vec)
    };
    let sequences: Option<Vec<Vec<u32>>> = ends.into_iter().map(sequence).collect();
    let broken = || Error::Training("the saved state's `indexing.ends` do not rise".into());
    Ok((kind, sequences.ok_or_else(broken)?))
}

fn indices(indices: Vec<u32>) -> candle_core::Result<Tensor> {
    let len = indices.len();
    Tensor::from_vec(indices, len, &Device::Cpu)
}
