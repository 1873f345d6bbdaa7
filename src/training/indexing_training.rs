//! Training one indexing on one data set, to compare the four (ToolGen, section 4.4: the ablation).
//!
//! Question → sequence of tool tokens, with documents → sequence mixed in: retrieval training and tool
//! memorization at once, alike for every indexing. The loss is the whole sequence's negative
//! log-likelihood among all tool tokens, each predicted from the right ones before it, so that a first
//! token weighs the same however long the sequences are.

use std::path::Path;

use candle_core::{D, DType, Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;

use super::autograd::failed;
use super::contrast::shorten;
use super::memorization::view_example;
use super::mixture::Mixture;
use super::optimizer::Parameter;
use super::tool_tokens::ToolTokens;
use super::trainer::{Stage, StepReport, Trainer};
use crate::agent::prompt;
use crate::tokenizer::Tokenizer;
use crate::virtualization::IndexingKind;
use crate::{Error, Result};

/// What a run's saved state says of it.
pub struct Trained {
    /// The tool tokens.
    pub tokens: ToolTokens,
    /// Steps taken.
    pub steps: usize,
    /// The run's seed.
    pub seed: u64,
}

impl Trained {
    /// Reads the state at `path`. (The adapters and the head: [`Trainer::restore`].)
    pub fn restore(path: &Path) -> Result<Self> {
        let state = candle_core::safetensors::load(path, &Device::Cpu).map_err(failed)?;
        let number = |name: &str| {
            let lacks = || Error::Backend(format!("{} lacks `{name}`", path.display()));
            let number = state.get(name).ok_or_else(lacks)?.to_dtype(DType::I64).map_err(failed)?;
            number.sum_all().and_then(|number| number.to_scalar::<i64>()).map_err(failed)
        };
        let (steps, seed) = (number("#step")? as usize, number("indexing.seed")? as u64);
        Ok(Self { tokens: ToolTokens::restore(&state)?, steps, seed })
    }
}

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
    /// The run's seed, kept in its state.
    pub seed: u64,
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
            return Err(Error::Backend(format!(
                "an indexing is of one data set; the mixture names {count}"
            )));
        };
        if source.questions.iter().all(|(_, tools)| tools.is_empty()) {
            let reason = format!("no question of the data set `{}` has a tool", source.name);
            return Err(Error::Backend(reason));
        }
        let tokenizer = &trainer.checkpoint.tokenizer;
        let names: Vec<&str> = source.tools.iter().map(|tool| tool.name.as_str()).collect();
        let document_states = || {
            let document = |tool| prompt::document(tokenizer, tool);
            let documents = source.tools.iter().map(document).collect::<Result<Vec<_>>>()?;
            trainer.detached_states(&documents, 4096, |_| ())
        };
        let indexing = kind.of(tokenizer, &names, document_states, seed)?;
        let tokens = ToolTokens::new(trainer, &*indexing)?;
        Ok(Self { mixture, tokens, batch: 40, documents: 0.2, seed })
    }

    /// Takes the tool tokens of the state at `path`, from which the run goes on. Fails when it is of
    /// another indexing or of other tools.
    pub fn resume(&mut self, path: &Path) -> Result<()> {
        let tokens = Trained::restore(path)?.tokens;
        if (tokens.kind, tokens.sequences.len()) != (self.tokens.kind, self.tokens.sequences.len())
        {
            let (kind, tools) = (tokens.kind.name(), tokens.sequences.len());
            let reason = format!("{} is of {tools} tools, {kind} indexing", path.display());
            return Err(Error::Backend(reason));
        }
        self.tokens = tokens;
        Ok(())
    }

    /// A text and its tool.
    fn draw(&self, tokenizer: &Tokenizer, random: &mut StdRng) -> Result<(Vec<u32>, usize)> {
        let source = &self.mixture.sources[0];
        let (mut text, tool) = if random.random_bool(self.documents) {
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
        shorten(&mut text);
        Ok((text, tool))
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
        let figures = json!({ "examples": self.batch, "accuracy": accuracy });
        let serde_json::Value::Object(figures) = figures else { unreachable!("an object") };
        Ok(StepReport { loss, tokens, figures })
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.tokens.parameters()
    }

    fn constants(&self) -> Vec<(String, Tensor)> {
        let mut constants = self.tokens.constants().expect("plain numbers make tensors");
        let seed = Tensor::new(&[self.seed as i64], &Device::Cpu).expect("a number makes a tensor");
        constants.push(("indexing.seed".into(), seed));
        constants
    }
}
