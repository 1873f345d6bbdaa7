//! Stage 3, end-to-end agent-tuning: question → tool token → arguments → observation → next tool token …
//! → finish (ToolGen, section 3.4).
//!
//! A question with its labelled calls becomes a [`Trajectory`](super::trajectory::Trajectory): the tokens that the agent would read and
//! write, in the very order and tokenization of [`Stream`](crate::agent::Stream). Three losses are added: the
//! cross-entropy of the tool token at every step, as in retrieval training, that of a second look, which says
//! whether a document is the right tool's, and that of each argument token among those that the grammar allows
//! there, "not said" among them. What the grammar forces is read but not trained: no model will ever be asked for
//! it.

use candle_core::{D, Device, Tensor};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::json;

use super::contrast::{Contrast, Query};
use super::trajectory::Tuner;
use crate::Result;
use crate::backend::Backend;
use crate::generation::Grammar;
use crate::prompt;
use crate::tool::Instance;
use crate::training::autograd::failed;
use crate::training::data::joined::joined;
use crate::training::data::mixture::{Mixture, Source};
use crate::training::data::written_arguments::{Decision, additive_mask, additive_mask_of_right};
use crate::training::trainer::hidden_states::rows_at;
use crate::training::trainer::{SavedState, Stage, StepReport, Trainer};

/// Weight of the arguments' loss beside those of tool tokens and second looks: more than half of its choices are easy
/// ones, that something was not said.
const ARGUMENTS: f64 = 3.0;

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

impl Stage for AgentTuning<'_> {
    fn name(&self) -> &'static str {
        "agent"
    }

    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport> {
        self.contrast.tick(trainer, self.mixture)?;
        let tokenizer = &trainer.checkpoint.tokenizer;
        let mut trajectories = Vec::new();
        while trajectories.len() < self.batch {
            let source = self.mixture.draw(random);
            let data = &self.mixture.sources[source];
            if let Some(instance) = self.draw_instance(data, random) {
                let similar = &|tool| self.contrast.memory.similar(trainer, source, tool);
                let tuner = Tuner { grammar: &self.grammar, tokenizer, data, source, similar };
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

        // Rows of x: the documents' ends, the places of tool tokens, of second looks and of argument tokens.
        let documents = packed.last_tokens()[..plan.computed.len()].to_vec();
        let starts = &packed.offsets[plan.computed.len()..];
        let (mut decisions, mut choices, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        let (mut looks, mut fits) = (Vec::new(), Vec::new());
        for (trajectory, &start) in trajectories.iter().zip(starts) {
            decisions.extend(trajectory.decisions.iter().map(|(at, _)| (start + at) as u32));
            choices.extend(trajectory.choices.iter().map(|(at, _)| (start + at) as u32));
            wanted.extend(trajectory.choices.iter().map(|(_, choice)| choice));
            looks.extend(trajectory.looks.iter().map(|(at, _)| (start + at) as u32));
            fits.extend(trajectory.looks.iter().map(|(_, fits)| *fits));
        }
        let documents = trainer.normalized(&rows_at(&x, documents)?);
        let states = trainer.normalized(&rows_at(&x, decisions)?);
        let (mut loss, mut figures) =
            self.contrast.cross_entropy(trainer, &plan, &queries, &documents, &states, random)?;
        if !looks.is_empty() {
            let (look, right) = look_loss(trainer, &rows_at(&x, looks)?, &fits)?;
            let value: f32 = look.to_scalar().map_err(failed)?;
            figures.insert("looks".into(), json!(fits.len()));
            figures.insert("look_loss".into(), json!(value));
            figures.insert("look_accuracy".into(), json!(right));
            loss = (loss + look).map_err(failed)?;
        }
        if !choices.is_empty() {
            let (arguments, right) = argument_loss(trainer, &rows_at(&x, choices)?, &wanted)?;
            let value: f32 = arguments.to_scalar().map_err(failed)?;
            figures.insert("argument_tokens".into(), json!(wanted.len()));
            figures.insert("argument_loss".into(), json!(value));
            figures.insert("argument_accuracy".into(), json!(right));
            loss = (loss + (arguments * ARGUMENTS).map_err(failed)?).map_err(failed)?;
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
        if instance.calls.len() == 1 && instance.then.is_none() && random.random_bool(self.joined) {
            let (second, _) = data.draw_question(random)?;
            // Two times would be counted from two clocks.
            if second.calls.len() == 1 && (instance.now.is_none() || second.now.is_none()) {
                instance.query = joined(&instance.query, &second.query, random);
                instance.calls.extend(second.calls.clone());
                instance.now = instance.now.or(second.now);
            }
        }
        Some(instance)
    }
}

/// Mean cross-entropy of what second looks should say after the states `x`, `[looks, d]`, and the share of them that
/// say it.
fn look_loss(trainer: &Trainer, x: &Tensor, fits: &[bool]) -> Result<(Tensor, f64)> {
    let decoder = &trainer.checkpoint.decoder;
    let h = decoder.backend.rms_norm(x, &decoder.output_norm, decoder.config.rms_epsilon);
    let tokens = prompt::look(&trainer.checkpoint.tokenizer)?;
    let rows = decoder.backend.embed(&decoder.embedding, &tokens); // [2, d]
    let loss = || -> candle_core::Result<(Tensor, f64)> {
        let logits = h.matmul(&rows.t()?)?; // [looks, 2]
        let labels: Vec<u32> = fits.iter().map(|fits| u32::from(!fits)).collect();
        let labels = Tensor::from_vec(labels, fits.len(), &Device::Cpu)?;
        let right = logits.argmax(1)?.eq(&labels)?.to_dtype(candle_core::DType::F32)?;
        let right = f64::from(right.mean_all()?.to_scalar::<f32>()?);
        Ok((candle_nn::loss::cross_entropy(&logits, &labels)?, right))
    };
    loss().map_err(failed)
}

/// Mean of −log of the share that right argument tokens have of the allowed ones' probability after the states `x`,
/// `[choices, d]`, and the share of choices whose likeliest token is right. It is the cross-entropy of what is
/// written, however it is spelled.
fn argument_loss(trainer: &Trainer, x: &Tensor, choices: &[&Decision]) -> Result<(Tensor, f64)> {
    let decoder = &trainer.checkpoint.decoder;
    let h = decoder.backend.rms_norm(x, &decoder.output_norm, decoder.config.rms_epsilon);
    let logits = decoder.backend.linear(&h, &decoder.embedding); // [choices, vocabulary]
    let masked = |mask: Vec<f32>| &logits + Tensor::from_vec(mask, logits.shape(), &Device::Cpu)?;
    let loss = || -> candle_core::Result<(Tensor, f64)> {
        let allowed = masked(additive_mask(choices, decoder.config.vocabulary))?;
        let right = masked(additive_mask_of_right(choices, decoder.config.vocabulary))?;
        let best = allowed.argmax(D::Minus1)?.to_vec1::<u32>()?;
        let is_right =
            best.iter().zip(choices).filter(|(best, choice)| choice.right.contains(best));
        let accuracy = is_right.count() as f64 / choices.len() as f64;
        let (allowed, right) = (allowed.log_sum_exp(D::Minus1)?, right.log_sum_exp(D::Minus1)?);
        Ok(((allowed - right)?.mean_all()?, accuracy))
    };
    loss().map_err(failed)
}
