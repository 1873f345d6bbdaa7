//! Text → tool token, the loss that tool memorization and retrieval training share.
//!
//! Cross-entropy of the right tool among candidates (ToolGen, sections 3.2 and 3.3). Candidates are the
//! tools of the text's own data set, the special tokens and, for some of the texts, the other tools of the
//! batch: a sampled softmax. Rows come from documents: of some of the batch's tools they are computed, with
//! gradients, of all others they come from a memory bank of the hidden states that their documents had when they
//! were last read (Wu et al. 2018, <https://arxiv.org/abs/1805.01978>).

use std::collections::{BTreeMap, BTreeSet};

use candle_core::{D, Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;

use crate::Result;
use crate::prompt;
use crate::training::autograd::failed;
use crate::training::data::mixture::Mixture;
use crate::training::trainer::hidden_states::HiddenStates;
use crate::training::trainer::{Figures, SavedState, StepReport, Trainer};
use crate::virtualization::Special;

const SPECIALS: usize = Special::COUNT;

/// Candidates of one data set in a step.
const MAX_CANDIDATES: usize = 640;
/// Steps after which documents are read once more: rows of long ago no longer fit the questions' states.
const MAX_AGE: u32 = 900;
/// Data sets with more tools than this are read as they come.
const READ_AT_START: usize = 1000;
/// Longest text in tokens; longer ones are cut in front.
pub const MAX_TEXT: usize = 128;

/// Share of the texts for which the batch's other tools are candidates too: two apps may have a tool for the same.
const OTHERS: f64 = 0.25;

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
pub struct MemoryBank {
    states: BTreeMap<ToolId, Vec<f32>>,
    /// How many tools each data set had.
    sizes: Vec<u32>,
}

fn sizes(mixture: &Mixture) -> Vec<u32> {
    mixture.sources.iter().map(|data| data.tools.len() as u32).collect()
}

/// Tools that are most like a tool.
const SIMILAR: usize = 3;

impl MemoryBank {
    /// Reads all documents of the data sets that have at most 1,000 tools.
    pub fn fill(trainer: &Trainer, mixture: &Mixture) -> Result<Self> {
        let mut memory = Self { states: BTreeMap::new(), sizes: sizes(mixture) };
        for (source, data) in mixture.sources.iter().enumerate() {
            if data.tools.len() > READ_AT_START {
                continue;
            }
            let visible: Vec<usize> = (0..data.tools.len()).filter(|&t| data.visible[t]).collect();
            let texts = visible
                .iter()
                .map(|&tool| prompt::document(&trainer.checkpoint.tokenizer, &data.tools[tool]))
                .collect::<Result<Vec<_>>>()?;
            let states = HiddenStates::compute(&trainer.checkpoint, &texts, |_| ())?;
            let states = states.rows().map(<[f32]>::to_vec);
            memory.states.extend(visible.into_iter().map(|tool| (source, tool)).zip(states));
        }
        Ok(memory)
    }

    /// As tensors: the tools `[n, 2]` (data set and index) and their states `[n, d]`.
    fn snapshot(&self) -> Result<SavedState> {
        let ids: Vec<u32> =
            self.states.keys().flat_map(|&(source, tool)| [source as u32, tool as u32]).collect();
        let values: Vec<f32> = self.states.values().flatten().copied().collect();
        let (n, d) = (self.states.len(), values.len() / self.states.len().max(1));
        let ids = Tensor::from_vec(ids, (n, 2), &Device::Cpu).map_err(failed)?;
        let values = Tensor::from_vec(values, (n, d), &Device::Cpu).map_err(failed)?;
        let sizes = Tensor::new(self.sizes.as_slice(), &Device::Cpu).map_err(failed)?;
        let parts = [("tools", ids), ("states", values), ("sizes", sizes)];
        Ok(parts.into_iter().map(|(name, part)| (format!("memory.{name}"), part)).collect())
    }

    /// What [`Self::snapshot`] gave.
    fn from_saved(saved: &SavedState) -> Result<Self> {
        let ids = saved.tensor("memory.tools")?.to_vec2::<u32>().map_err(failed)?;
        let ids = ids.into_iter().map(|id| (id[0] as usize, id[1] as usize));
        let states = saved.tensor("memory.states")?.to_vec2::<f32>().map_err(failed)?;
        let sizes = match saved.find("memory.sizes") {
            Some(sizes) => sizes.to_vec1().map_err(failed)?,
            None => Vec::new(),
        };
        Ok(Self { states: ids.zip(states).collect(), sizes })
    }

    /// The remembered tools of a data set whose rows point most where `tool`'s does.
    pub fn similar(&self, trainer: &Trainer, source: usize, tool: usize) -> Vec<usize> {
        let own: Vec<(usize, &Vec<f32>)> = self
            .states
            .range((source, 0)..(source + 1, 0))
            .map(|(id, state)| (id.1, state))
            .take(MAX_CANDIDATES)
            .collect();
        let Some(place) = own.iter().position(|(id, _)| *id == tool) else { return Vec::new() };
        let cosines = || -> candle_core::Result<Vec<f32>> {
            let states: Vec<f32> = own.iter().flat_map(|(_, state)| *state).copied().collect();
            let shape = (own.len(), states.len() / own.len());
            let rows = trainer.head.rows(&Tensor::from_vec(states, shape, &Device::Cpu)?)?.detach();
            rows.matmul(&rows.narrow(0, place, 1)?.t()?)?.flatten_all()?.to_vec1()
        };
        // What can't be computed here fails in the step itself.
        let cosines = cosines().unwrap_or_default();
        let mut others: Vec<usize> = (0..cosines.len()).filter(|&other| other != place).collect();
        others.sort_by(|&a, &b| cosines[b].total_cmp(&cosines[a]));
        others.truncate(SIMILAR);
        others.into_iter().map(|other| own[other].0).collect()
    }

    /// Remembered tools of a data set, at most [`MAX_CANDIDATES`] of them, drawn anew.
    fn draw(&self, source: usize, random: &mut StdRng) -> Vec<ToolId> {
        let own: Vec<ToolId> =
            self.states.range((source, 0)..(source + 1, 0)).map(|(&id, _)| id).collect();
        own.choose_multiple(random, MAX_CANDIDATES).copied().collect()
    }
}

/// A place where a tool token is chosen.
#[derive(Clone, Debug)]
pub struct Query {
    /// The data set whose tools are candidates.
    pub source: usize,
    /// The right tools in that data set; none where the special token is right.
    pub tools: Vec<usize>,
    /// Tools that are no candidates, as if the data set did not have them.
    pub hidden: Vec<usize>,
    /// The special token that is a candidate here: to abstain after a question, to finish after an
    /// observation.
    pub special: Special,
}

/// The documents and candidates of a step.
pub struct Plan {
    /// The tool that each query is trained towards, of the right ones.
    targets: Vec<Option<ToolId>>,
    /// Tools whose documents are read now; the first of the candidates.
    pub computed: Vec<ToolId>,
    candidates: Vec<ToolId>,
}

/// The loss, and what it remembers.
pub struct Contrast {
    /// The documents' states.
    pub memory: MemoryBank,
    /// How often a target's document is read anew, with gradients.
    pub refresh: f64,
    /// How often a text is put before another data set's tools, so that none fits.
    pub out_of_domain: f64,
    /// Steps since all of small data sets' documents were read.
    age: u32,
}

impl Contrast {
    /// A loss whose memory is empty until a run begins.
    pub fn new(refresh: f64, out_of_domain: f64) -> Self {
        Self { memory: MemoryBank::default(), refresh, out_of_domain, age: 0 }
    }

    /// What the next step depends on: the memory and its age.
    pub fn snapshot(&self) -> Result<SavedState> {
        let mut saved = self.memory.snapshot()?;
        saved.insert("memory.age", Tensor::new(self.age, &Device::Cpu).map_err(failed)?);
        Ok(saved)
    }

    /// Counts a step, and reads all documents of small data sets once more where the memory has become old, or the
    /// mixture another.
    pub fn tick(&mut self, trainer: &Trainer, mixture: &Mixture) -> Result<()> {
        self.age += 1;
        let is_same = self.memory.sizes == sizes(mixture);
        if self.age >= MAX_AGE || !is_same {
            let filled = MemoryBank::fill(trainer, mixture)?;
            if is_same {
                self.memory.states.extend(filled.states);
            } else {
                self.memory = filled;
            }
            self.age = 0;
        }
        Ok(())
    }

    /// Takes what [`Self::snapshot`] gave.
    pub fn restore(&mut self, saved: &SavedState) -> Result<()> {
        self.memory = MemoryBank::from_saved(saved)?;
        self.age = match saved.find("memory.age") {
            Some(age) => age.to_scalar().map_err(failed)?,
            None => MAX_AGE, // of a state that was saved before ages were
        };
        Ok(())
    }

    /// Fills the memory with the parameters that a run begins with.
    pub fn begin(&mut self, trainer: &Trainer, mixture: &Mixture) -> Result<()> {
        self.memory = MemoryBank::fill(trainer, mixture)?;
        Ok(())
    }

    /// The loss of texts whose state before the tool token is the only one that counts.
    pub fn loss(
        &mut self,
        trainer: &Trainer,
        mixture: &Mixture,
        examples: Vec<Example>,
        random: &mut StdRng,
    ) -> Result<StepReport> {
        let mut queries = Vec::new();
        let mut questions = Vec::new();
        for Example { text, source, tools } in examples {
            let text = prompt::question(&trainer.checkpoint.tokenizer, &text)?;
            questions.push(shortened(text, MAX_TEXT));
            let hidden = Vec::new();
            queries.push(Query { source, tools, hidden, special: Special::Abstain });
        }
        let plan = self.plan(&mut queries, random);
        let mut texts = plan.documents(trainer, mixture)?;
        texts.extend(questions);
        let states = trainer.states(&texts)?; // [documents + queries, d]
        let (documents, states) = (
            states.narrow(0, 0, plan.computed.len()).map_err(failed)?,
            states.narrow(0, plan.computed.len(), queries.len()).map_err(failed)?,
        );
        let (loss, figures) =
            self.cross_entropy(trainer, &plan, &queries, &documents, &states, random)?;
        Ok(StepReport { loss, tokens: texts.iter().map(Vec::len).sum(), figures })
    }

    /// Decides which documents are read; moves some queries before tools of another domain.
    pub fn plan(&self, queries: &mut [Query], random: &mut StdRng) -> Plan {
        let sources: Vec<usize> = queries.iter().map(|query| query.source).collect();
        for query in queries.iter_mut().filter(|query| query.special == Special::Abstain) {
            let other = *sources.choose(random).expect("a batch has queries");
            if other != query.source && random.random_bool(self.out_of_domain) {
                (query.source, query.tools, query.hidden) = (other, Vec::new(), Vec::new());
            }
        }
        let target = |query: &Query| query.tools.choose(random).map(|&tool| (query.source, tool));
        let targets: Vec<Option<ToolId>> = queries.iter().map(target).collect();
        let mut computed = BTreeSet::new();
        let mut from_bank: BTreeSet<ToolId> = targets.iter().flatten().copied().collect();
        for target in targets.iter().flatten() {
            if !self.memory.states.contains_key(target) || random.random_bool(self.refresh) {
                computed.insert(*target);
            }
        }
        for source in sources.into_iter().collect::<BTreeSet<_>>() {
            from_bank.extend(self.memory.draw(source, random));
        }
        let from_bank = from_bank.difference(&computed).copied();
        let candidates = computed.iter().copied().chain(from_bank).collect();
        Plan { targets, computed: computed.into_iter().collect(), candidates }
    }

    /// The cross-entropy of the queries whose states are `[queries, d]`, with the states `[computed, d]` of the
    /// plan's documents, which are from_bank.
    pub fn cross_entropy(
        &mut self,
        trainer: &Trainer,
        plan: &Plan,
        queries: &[Query],
        documents: &Tensor,
        states: &Tensor,
        random: &mut StdRng,
    ) -> Result<(Tensor, Figures)> {
        let (loss, accuracy) =
            self.loss_of(trainer, plan, queries, documents, states, random).map_err(failed)?;
        let read = documents.detach().to_vec2::<f32>().map_err(failed)?;
        self.memory.states.extend(plan.computed.iter().copied().zip(read));
        let figures = json!({ "examples": queries.len(), "documents": plan.computed.len(),
            "candidates": plan.candidates.len(), "accuracy": accuracy });
        let serde_json::Value::Object(figures) = figures else { unreachable!("an object") };
        Ok((loss, figures))
    }

    fn loss_of(
        &self,
        trainer: &Trainer,
        plan: &Plan,
        queries: &[Query],
        documents: &Tensor,
        states: &Tensor,
        random: &mut StdRng,
    ) -> candle_core::Result<(Tensor, f64)> {
        let (computed, candidates) = (plan.computed.len(), plan.candidates.len());
        let from_bank: Vec<f32> = plan.candidates[computed..]
            .iter()
            .flat_map(|id| &self.memory.states[id])
            .copied()
            .collect();
        let shape = (candidates - computed, states.dim(1)?);
        let from_bank = Tensor::from_vec(from_bank, shape, &Device::Cpu)?;
        let documents = Tensor::cat(&[documents, &from_bank], 0)?; // [candidates, d]
        let rows = [trainer.head.special_rows()?, trainer.head.rows(&documents)?];
        let rows = Tensor::cat(&rows, 0)?; // [SPECIALS + candidates, d]
        let logits = trainer.head.queries(states)?.matmul(&rows.t()?)?; // [queries, SPECIALS + candidates]

        const HIDDEN: f32 = -1e9;
        let width = SPECIALS + candidates;
        let mut mask = vec![HIDDEN; queries.len() * width];
        let mut labels = Vec::new();
        for ((query, target), mask) in
            queries.iter().zip(&plan.targets).zip(mask.chunks_exact_mut(width))
        {
            mask[query.special.index()] = 0.0;
            let mut label = query.special.index();
            let others = target.is_some() && random.random_bool(OTHERS);
            for (index, id) in plan.candidates.iter().enumerate() {
                let is_target = Some(id) == target.as_ref();
                let is_own = id.0 == query.source;
                let is_wrong =
                    is_own && !query.tools.contains(&id.1) && !query.hidden.contains(&id.1);
                if is_target {
                    label = SPECIALS + index;
                }
                if is_target || is_wrong || others && !is_own && index < computed {
                    mask[SPECIALS + index] = 0.0;
                }
            }
            labels.push(label as u32);
        }
        let mask = Tensor::from_vec(mask, logits.shape(), &Device::Cpu)?;
        let logits = (logits + mask)?;
        let labels = Tensor::from_vec(labels, queries.len(), &Device::Cpu)?;
        let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_dtype(candle_core::DType::F32)?;
        let accuracy = f64::from(right.mean_all()?.to_scalar::<f32>()?);
        Ok((candle_nn::loss::cross_entropy(&logits, &labels)?, accuracy))
    }
}

impl Plan {
    /// The documents to read, tokenized.
    pub fn documents(&self, trainer: &Trainer, mixture: &Mixture) -> Result<Vec<Vec<u32>>> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let document = |&(source, tool): &ToolId| {
            let document = prompt::document(tokenizer, &mixture.sources[source].tools[tool])?;
            Ok(shortened(document, MAX_TEXT))
        };
        self.computed.iter().map(document).collect()
    }
}

/// Cuts the middle out of a text of more than `most` tokens: a question's wish is most often at its end, and the
/// template's tokens stand at both.
pub fn shortened(mut text: Vec<u32>, most: usize) -> Vec<u32> {
    if text.len() > most {
        text.drain(most / 4..text.len() - (most - most / 4));
    }
    text
}
