//! Training one indexing on one data set, to compare the four as the paper does.
//!
//! Question → sequence of tool tokens, with documents → sequence mixed in: retrieval training and tool
//! memorization at once, alike for every indexing. The loss is the whole sequence's negative
//! log-likelihood among all tool tokens, each predicted from the right ones before it, so that a first
//! token weighs the same however long the sequences are.

use candle_core::{D, DType, Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;

use super::contrast::{MAX_TEXT, shortened};
use super::memorization::view_example;
use super::tool_tokens::ToolTokens;
use crate::prompt;
use crate::tokenizer::Tokenizer;
use crate::training::autograd::failed;
use crate::training::data::mixture::Mixture;
use crate::training::trainer::hidden_states::HiddenStates;
use crate::training::trainer::optimizer::Parameter;
use crate::training::trainer::{SavedState, Stage, StepReport, Trainer};
use crate::virtualization::{IndexingKind, indexing_of};
use crate::{Error, Result};

/// The stage.
pub struct IndexingTraining<'a> {
    /// One data set: its tools and questions.
    mixture: &'a Mixture,
    /// What is trained beside the adapters.
    pub tokens: ToolTokens,
    /// Texts in a batch.
    pub batch: usize,
    /// Share of texts that are documents or views of them.
    pub documents: f64,
}

impl<'a> IndexingTraining<'a> {
    /// A stage on the mixture's only data set, whose tools are indexed by `kind`. Fails when there are
    /// more data sets, or no question that a tool answers.
    pub fn new(
        trainer: &Trainer,
        mixture: &'a Mixture,
        kind: IndexingKind,
        seed: u64,
    ) -> Result<Self> {
        let [source] = mixture.sources.as_slice() else {
            let count = mixture.sources.len();
            return Err(Error::Training(format!(
                "an indexing is of one data set; the mixture names {count}"
            )));
        };
        if source.questions.iter().all(|(_, tools)| tools.is_empty()) {
            let reason = format!("no question of the data set `{}` has a tool", source.name);
            return Err(Error::Training(reason));
        }
        let tokenizer = &trainer.checkpoint.tokenizer;
        let names: Vec<&str> = source.tools.iter().map(|tool| tool.name.as_str()).collect();
        let document_states = || {
            let document = |tool| prompt::document(tokenizer, tool);
            let documents = source.tools.iter().map(document).collect::<Result<Vec<_>>>()?;
            let states = HiddenStates::compute(&trainer.checkpoint, &documents, |_| ())?;
            Ok(states.rows().map(<[f32]>::to_vec).collect())
        };
        let indexing = indexing_of(kind, tokenizer, &names, document_states, seed)?;
        let tokens = ToolTokens::new(trainer, &*indexing)?;
        Ok(Self { mixture, tokens, batch: 40, documents: 0.2 })
    }

    /// A text and its tool.
    fn draw(&self, tokenizer: &Tokenizer, random: &mut StdRng) -> Result<(Vec<u32>, usize)> {
        let source = &self.mixture.sources[0];
        let (text, tool) = if random.random_bool(self.documents) {
            if random.random_bool(0.5) {
                let tool = source.draw_tool(random);
                (prompt::document(tokenizer, &source.tools[tool])?, tool)
            } else {
                let view = view_example(self.mixture, random);
                (prompt::question(tokenizer, &view.text)?, view.tools[0])
            }
        } else {
            loop {
                let (instance, tools) = source.draw_question(random).expect("there are questions");
                if let Some(&tool) = tools.choose(random) {
                    break (prompt::question(tokenizer, &instance.query)?, tool);
                }
            }
        };
        Ok((shortened(text, MAX_TEXT), tool))
    }

    /// The loss of `logits`, and the share of texts whose every token would have been chosen.
    fn loss(&self, logits: &Tensor, sequences: &[&[u32]]) -> candle_core::Result<(Tensor, f64)> {
        let labels: Vec<u32> = sequences.concat();
        let n = labels.len();
        let labels = Tensor::from_vec(labels, n, &Device::Cpu)?;
        let loss = candle_nn::loss::cross_entropy(logits, &labels)?;
        let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_dtype(DType::U8)?.to_vec1::<u8>()?;
        let mut right = right.into_iter();
        let whole = |tokens: &&&[u32]| {
            right.by_ref().take(tokens.len()).fold(true, |all, one| all & (one == 1))
        };
        let accuracy = sequences.iter().filter(whole).count() as f64 / sequences.len() as f64;
        Ok(((loss * (n as f64 / sequences.len() as f64))?, accuracy))
    }
}

impl Stage for IndexingTraining<'_> {
    fn name(&self) -> &'static str {
        self.tokens.kind.name()
    }

    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let drawn = (0..self.batch)
            .map(|_| self.draw(tokenizer, random))
            .collect::<Result<Vec<(Vec<u32>, usize)>>>()?;
        let sequences: Vec<&[u32]> =
            drawn.iter().map(|(_, tool)| self.tokens.sequences[*tool].as_slice()).collect();
        let texts: Vec<(&[u32], &[u32])> = drawn
            .iter()
            .zip(&sequences)
            .map(|((text, _), sequence)| (text.as_slice(), &sequence[..sequence.len() - 1]))
            .collect();
        let logits = self.tokens.logits(trainer, &texts)?;
        let (loss, accuracy) = self.loss(&logits, &sequences).map_err(failed)?;
        let tokens = texts.iter().map(|(text, tools)| text.len() + tools.len()).sum();
        let figures = [("examples", json!(self.batch)), ("accuracy", json!(accuracy))];
        let figures = figures.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        Ok(StepReport { loss, tokens, figures })
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.tokens.parameters()
    }

    fn snapshot(&self) -> Result<SavedState> {
        self.tokens.constants().map_err(failed)
    }

    fn restore(&mut self, saved: &SavedState) -> Result<()> {
        self.tokens.take_sequences(saved)
    }
}
