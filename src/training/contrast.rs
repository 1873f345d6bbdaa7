//! Text → tool token, the loss that tool memorization and retrieval training share.
//!
//! Cross-entropy of the right tool among candidates (ToolGen, sections 3.2 and 3.3). Candidates are the
//! tools of the text's own data set, the special tokens and, for half of the texts, the other tools of the
//! batch. Rows come from documents: of some of the batch's tools freshly, with gradients, of all others from
//! the states that their documents had when they were last read.

use std::collections::{BTreeMap, BTreeSet};

use candle_core::{D, Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;

use super::autograd::failed;
use super::memorization_head::{ABSTAIN, SPECIALS};
use super::mixture::Mixture;
use super::trainer::{StepReport, Trainer};
use crate::Result;
use crate::agent::prompt;

/// Candidates of one data set in a step.
const MOST_CANDIDATES: usize = 640;
/// Longest text in tokens; longer ones are cut in front.
const MAX_TEXT: usize = 128;

/// A tool of the mixture: its data set and its index there.
pub type ToolId = (usize, usize);

/// A text and the tools that it is for; none where no tool fits.
pub struct Example {
    /// What the model reads.
    pub text: String,
    /// The data set whose tools are candidates.
    pub source: usize,
    /// The right tools in that data set.
    pub tools: Vec<usize>,
}

/// The states of documents as they were last read.
#[derive(Default)]
pub struct Memory {
    states: BTreeMap<ToolId, Vec<f32>>,
}

impl Memory {
    /// Reads all documents of the data sets that have at most `most` tools.
    pub fn fill(trainer: &Trainer, mixture: &Mixture, most: usize) -> Result<Self> {
        let mut memory = Self::default();
        for (source, data) in mixture.sources.iter().enumerate() {
            if data.tools.len() > most {
                continue;
            }
            let visible: Vec<usize> = (0..data.tools.len()).filter(|&t| data.visible[t]).collect();
            let texts = visible
                .iter()
                .map(|&tool| prompt::document(&trainer.checkpoint.tokenizer, &data.tools[tool]))
                .collect::<Result<Vec<_>>>()?;
            let states = trainer.detached_states(&texts, 4096, |_| ())?;
            memory.states.extend(visible.into_iter().map(|tool| (source, tool)).zip(states));
        }
        Ok(memory)
    }

    /// Remembered tools of a data set, at most [`MOST_CANDIDATES`] of them, drawn anew.
    fn draw(&self, source: usize, random: &mut StdRng) -> Vec<ToolId> {
        let own: Vec<ToolId> =
            self.states.range((source, 0)..(source + 1, 0)).map(|(&id, _)| id).collect();
        own.choose_multiple(random, MOST_CANDIDATES).copied().collect()
    }
}

/// Share of remembered documents that are read again when a batch needs them.
pub struct Contrast {
    /// The documents' states.
    pub memory: Memory,
    /// How often a remembered tool's document is read anew, with gradients.
    pub refresh: f64,
    /// How often a text is put before another data set's tools, so that none fits.
    pub foreign: f64,
}

impl Contrast {
    /// The loss of a batch.
    pub fn loss(
        &mut self,
        trainer: &Trainer,
        mixture: &Mixture,
        mut examples: Vec<Example>,
        random: &mut StdRng,
    ) -> Result<StepReport> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let sources: Vec<usize> = examples.iter().map(|example| example.source).collect();
        for example in &mut examples {
            let other = *sources.choose(random).expect("a batch has examples");
            if other != example.source && random.random_bool(self.foreign) {
                (example.source, example.tools) = (other, Vec::new());
            }
        }

        // Which documents are read now.
        let targets: Vec<Option<ToolId>> = examples
            .iter()
            .map(|example| example.tools.choose(random).map(|&tool| (example.source, tool)))
            .collect();
        let mut fresh = BTreeSet::new();
        for target in targets.iter().flatten() {
            if !self.memory.states.contains_key(target) || random.random_bool(self.refresh) {
                fresh.insert(*target);
            }
        }
        let fresh: Vec<ToolId> = fresh.into_iter().collect();
        let mut texts = Vec::new();
        for &(source, tool) in &fresh {
            texts.push(prompt::document(tokenizer, &mixture.sources[source].tools[tool])?);
        }
        for example in &examples {
            texts.push(prompt::question(tokenizer, &example.text)?);
        }
        texts.iter_mut().for_each(|text| shorten(text));
        let states = trainer.states(&texts)?; // [documents + examples, d]
        let tokens = texts.iter().map(Vec::len).sum();

        let mut candidates: Vec<ToolId> = fresh.clone();
        let mut wanted: BTreeSet<ToolId> = targets.iter().flatten().copied().collect();
        for &source in &sources.iter().copied().collect::<BTreeSet<_>>() {
            wanted.extend(self.memory.draw(source, random));
        }
        candidates.extend(wanted.iter().filter(|id| fresh.binary_search(id).is_err()));

        let report = self.cross_entropy(trainer, &states, &fresh, &candidates, &examples, &targets, random);
        let (loss, accuracy) = report.map_err(failed)?;
        self.remember(&states, &fresh).map_err(failed)?;
        let figures = json!({ "examples": examples.len(), "documents": fresh.len(),
            "candidates": candidates.len(), "accuracy": accuracy });
        let serde_json::Value::Object(figures) = figures else { unreachable!("an object") };
        Ok(StepReport { loss, tokens, figures })
    }

    #[allow(clippy::too_many_arguments)]
    fn cross_entropy(
        &self,
        trainer: &Trainer,
        states: &Tensor,
        fresh: &[ToolId],
        candidates: &[ToolId],
        examples: &[Example],
        targets: &[Option<ToolId>],
        random: &mut StdRng,
    ) -> candle_core::Result<(Tensor, f64)> {
        let d = states.dim(1)?;
        let remembered: Vec<f32> = candidates[fresh.len()..]
            .iter()
            .flat_map(|id| &self.memory.states[id])
            .copied()
            .collect();
        let remembered = Tensor::from_vec(remembered, (candidates.len() - fresh.len(), d), &Device::Cpu)?;
        let documents = Tensor::cat(&[&states.narrow(0, 0, fresh.len())?, &remembered], 0)?; // [c, d]
        let rows = Tensor::cat(&[&trainer.head.special_rows()?, &trainer.head.rows(&documents)?], 0)?;
        let queries = trainer.head.queries(&states.narrow(0, fresh.len(), examples.len())?)?;
        let logits = queries.matmul(&rows.t()?)?; // [examples, SPECIALS + c]

        const HIDDEN: f32 = -1e9;
        let mut mask = vec![HIDDEN; examples.len() * (SPECIALS + candidates.len())];
        let mut labels = Vec::new();
        for ((example, target), mask) in
            examples.iter().zip(targets).zip(mask.chunks_exact_mut(SPECIALS + candidates.len()))
        {
            mask[ABSTAIN] = 0.0;
            let others = random.random_bool(0.5);
            let mut label = ABSTAIN;
            for (index, id) in candidates.iter().enumerate() {
                let own = id.0 == example.source;
                let right = own && example.tools.contains(&id.1);
                if Some(id) == target.as_ref() {
                    label = SPECIALS + index;
                }
                if Some(id) == target.as_ref() || !right && (own || others && index < fresh.len() && !example.tools.is_empty()) {
                    mask[SPECIALS + index] = 0.0;
                }
            }
            labels.push(label as u32);
        }
        let mask = Tensor::from_vec(mask, logits.shape(), &Device::Cpu)?;
        let logits = (logits + mask)?;
        let labels = Tensor::from_vec(labels, examples.len(), &Device::Cpu)?;
        let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_dtype(candle_core::DType::F32)?;
        let accuracy = f64::from(right.mean_all()?.to_scalar::<f32>()?);
        Ok((candle_nn::loss::cross_entropy(&logits, &labels)?, accuracy))
    }

    fn remember(&mut self, states: &Tensor, fresh: &[ToolId]) -> candle_core::Result<()> {
        let states = states.detach().narrow(0, 0, fresh.len())?.to_vec2::<f32>()?;
        self.memory.states.extend(fresh.iter().copied().zip(states));
        Ok(())
    }
}

/// Cuts the middle out of a text that is too long: a question's wish is most often at its end, and the
/// template's tokens stand at both.
pub(super) fn shorten(text: &mut Vec<u32>) {
    if text.len() > MAX_TEXT {
        text.drain(MAX_TEXT / 4..text.len() - (MAX_TEXT - MAX_TEXT / 4));
    }
}
