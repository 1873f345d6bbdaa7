//! Stage 3, end-to-end agent-tuning: question → tool token → arguments → observation → next tool token …
//! → finish (ToolGen, section 3.4).
//!
//! A question with its labelled calls becomes a [`Trajectory`]: the tokens that the agent would read and
//! write, in the very order and tokenization of [`Stream`](crate::agent::Stream). Two losses are added: the
//! cross-entropy of the tool token at every step, as in retrieval training, and that of each argument token
//! among those that the grammar allows there. What the grammar forces is read but not trained: no model will
//! ever be asked for it.

use candle_core::{Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::contrast::{Contrast, Query, shortened};
use crate::Result;
use crate::backend::Backend;
use crate::generation::Grammar;
use crate::prompt;
use crate::tokenizer::Tokenizer;
use crate::tool::Instance;
use crate::training::autograd::failed;
use crate::training::data::imagined_answer::imagined_answer;
use crate::training::data::joined::joined;
use crate::training::data::mixture::{Mixture, Source};
use crate::training::data::written_arguments::{ArgumentWriter, Decision, Written, additive_mask};
use crate::training::trainer::hidden_states::rows_at;
use crate::training::trainer::{SavedState, Stage, StepReport, Trainer};
use crate::virtualization::Special;

/// Longest trajectory in tokens; longer ones end after their first tool token.
const MAX_TOKENS: usize = 384;
/// How often a trajectory of one call goes on to the observation and the finish.
const FINISHED: f64 = 0.3;

/// The stage.
pub struct AgentTuning<'a> {
    /// The questions with their calls.
    pub mixture: &'a Mixture,
    /// The loss of tool tokens.
    pub contrast: Contrast,
    /// Turns schemas into masks.
    pub grammar: Grammar,
    /// Questions in a batch.
    pub batch: usize,
    /// How often two questions of a data set are joined to one wish, its calls in their order.
    pub joined: f64,
}

/// What the agent reads and writes, and what it is trained on.
#[derive(Debug, Default)]
pub struct Trajectory {
    /// All tokens.
    pub tokens: Vec<u32>,
    /// Where a tool token is chosen: after token `.0`.
    pub decisions: Vec<(usize, Query)>,
    /// Where an argument token is chosen: after token `.0`.
    pub choices: Vec<(usize, Decision)>,
}

impl Stage for AgentTuning<'_> {
    fn name(&self) -> &'static str {
        "agent"
    }

    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport> {
        let tokenizer = &trainer.checkpoint.tokenizer;
        let mut trajectories = Vec::new();
        while trajectories.len() < self.batch {
            let source = self.mixture.draw(random);
            let data = &self.mixture.sources[source];
            if let Some(instance) = self.draw_instance(data, random) {
                let tuner = Tuner { grammar: &self.grammar, tokenizer, data, source };
                trajectories.push(tuner.trajectory(&instance, random)?);
            }
        }

        let mut queries: Vec<Query> = trajectories
            .iter()
            .flat_map(|trajectory| trajectory.decisions.iter().map(|(_, query)| query.clone()))
            .collect();
        let plan = self.contrast.plan(&mut queries, random);
        let mut texts = plan.documents(trainer, self.mixture)?;
        texts.extend(trajectories.iter().map(|trajectory| trajectory.tokens.clone()));
        let (x, packed) = trainer.residual_stream(&texts)?; // [n, d]

        // Rows of x: the documents' ends, the tool tokens' places, the argument tokens' places.
        let documents = packed.last_tokens()[..plan.computed.len()].to_vec();
        let starts = &packed.offsets[plan.computed.len()..];
        let (mut decisions, mut choices, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (trajectory, &start) in trajectories.iter().zip(starts) {
            decisions.extend(trajectory.decisions.iter().map(|(at, _)| (start + at) as u32));
            choices.extend(trajectory.choices.iter().map(|(at, _)| (start + at) as u32));
            wanted.extend(trajectory.choices.iter().map(|(_, choice)| choice));
        }
        let documents = trainer.normalized(&rows_at(&x, documents)?);
        let states = trainer.normalized(&rows_at(&x, decisions)?);
        let (mut loss, mut figures) =
            self.contrast.cross_entropy(trainer, &plan, &queries, &documents, &states, random)?;
        if !choices.is_empty() {
            let (arguments, right) = argument_loss(trainer, &rows_at(&x, choices)?, &wanted)?;
            let value: f32 = arguments.to_scalar().map_err(failed)?;
            figures.insert("argument_tokens".into(), json!(wanted.len()));
            figures.insert("argument_loss".into(), json!(value));
            figures.insert("argument_accuracy".into(), json!(right));
            loss = (loss + arguments).map_err(failed)?;
        }
        Ok(StepReport { loss, tokens: texts.iter().map(Vec::len).sum(), figures })
    }

    fn snapshot(&self) -> Result<SavedState> {
        self.contrast.snapshot()
    }

    fn restore(&mut self, saved: &SavedState) -> Result<()> {
        self.contrast.restore(saved)
    }

    fn begin(&mut self, trainer: &Trainer) -> Result<()> {
        self.contrast.begin(trainer, self.mixture)
    }
}

impl AgentTuning<'_> {
    fn draw_instance(&self, data: &Source, random: &mut StdRng) -> Option<Instance> {
        let (first, _) = data.draw_question(random)?;
        let mut instance = first.clone();
        if instance.calls.len() == 1 && random.random_bool(self.joined) {
            let (second, _) = data.draw_question(random)?;
            if second.calls.len() == 1 {
                instance.query = joined(&instance.query, &second.query, random);
                instance.calls.extend(second.calls.clone());
            }
        }
        Some(instance)
    }
}

/// Makes trajectories of one data set's questions.
pub struct Tuner<'a> {
    /// Turns schemas into masks.
    pub grammar: &'a Grammar,
    /// The checkpoint's tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// The data set.
    pub data: &'a Source,
    /// Its index in the mixture.
    pub source: usize,
}

impl Tuner<'_> {
    /// The agent's way from a question to the end of its labelled calls, or as far as labels go.
    pub fn trajectory(&self, instance: &Instance, random: &mut StdRng) -> Result<Trajectory> {
        let tools: Vec<usize> = instance
            .calls
            .iter()
            .filter_map(|call| self.data.tools.iter().position(|tool| tool.name == call.name))
            .collect();
        let question = shortened(prompt::question(self.tokenizer, instance.query.trim())?);
        let mut trajectory = Trajectory { tokens: question, ..Trajectory::default() };
        for (step, (call, &tool)) in instance.calls.iter().zip(&tools).enumerate() {
            // Where nothing says in which order calls go, those still to come are all right.
            let special = if step == 0 { Special::Abstain } else { Special::Finish };
            trajectory.decide(Query {
                source: self.source,
                tools: tools[step..].to_vec(),
                special,
            });
            let Some(arguments) = &call.arguments else { return Ok(trajectory) };
            let arguments = Value::Object(arguments.clone());
            let tool = &self.data.tools[tool];
            let writer = ArgumentWriter { grammar: self.grammar, tokenizer: self.tokenizer };
            let Some(Written { tokens, choices }) =
                writer.write(tool, &instance.query, &arguments)?
            else {
                return Ok(trajectory);
            };
            let document = self.tokenizer.encode(&prompt::arguments(tool))?;
            if trajectory.tokens.len() + document.len() + tokens.len() > MAX_TOKENS {
                return Ok(trajectory);
            }
            trajectory.tokens.extend(document);
            let start = trajectory.tokens.len();
            let placed = choices.into_iter().map(|(at, choice)| (start + at - 1, choice));
            trajectory.choices.extend(placed);
            trajectory.tokens.extend(tokens);
            if instance.calls.len() == 1 && !random.random_bool(FINISHED) {
                return Ok(trajectory);
            }
            let seen = prompt::observation(self.tokenizer, &imagined_answer(tool, random))?;
            trajectory.tokens.extend(seen);
        }
        let special = if instance.calls.is_empty() { Special::Abstain } else { Special::Finish };
        trajectory.decide(Query { source: self.source, tools: Vec::new(), special });
        Ok(trajectory)
    }
}

impl Trajectory {
    fn decide(&mut self, query: Query) {
        self.decisions.push((self.tokens.len() - 1, query));
    }
}

/// Mean cross-entropy of the right argument tokens among the allowed ones after the states `x`,
/// `[choices, d]`, and the share of them that are likeliest.
fn argument_loss(trainer: &Trainer, x: &Tensor, choices: &[&Decision]) -> Result<(Tensor, f64)> {
    let decoder = &trainer.checkpoint.decoder;
    let h = decoder.backend.rms_norm(x, &decoder.output_norm, decoder.config.rms_epsilon);
    let logits = decoder.backend.linear(&h, &decoder.embedding); // [choices, vocabulary]
    let mask = additive_mask(choices, decoder.config.vocabulary);
    let loss = || -> candle_core::Result<(Tensor, f64)> {
        let logits = (&logits + Tensor::from_vec(mask, logits.shape(), &Device::Cpu)?)?;
        let labels: Vec<u32> = choices.iter().map(|choice| choice.token).collect();
        let labels = Tensor::from_vec(labels, choices.len(), &Device::Cpu)?;
        let right = logits.argmax(1)?.eq(&labels)?.to_dtype(candle_core::DType::F32)?;
        let right = f64::from(right.mean_all()?.to_scalar::<f32>()?);
        Ok((candle_nn::loss::cross_entropy(&logits, &labels)?, right))
    };
    loss().map_err(failed)
}
