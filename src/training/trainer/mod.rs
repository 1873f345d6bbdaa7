//! What is trained, and how a run goes on: step by step, logged, saved, resumed.

pub mod adapter;
pub mod hidden_states;
pub mod memorization_head;
pub mod optimizer;
mod saved_state;

pub use saved_state::SavedState;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use candle_core::Tensor;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::model::Checkpoint;
use crate::training::autograd::{Autograd, Packed, failed};
use crate::{Error, Result};
use adapter::{Adapter, AdapterConfig};
use hidden_states::final_states;
use memorization_head::MemorizationHead;
use optimizer::{AdamW, Parameter, Schedule};

/// The model in training.
pub struct Trainer {
    /// The base checkpoint with adapters on its matrices.
    pub checkpoint: Checkpoint<Autograd>,
    /// The adapters' parameters.
    pub adapter: Adapter,
    /// What rows are computed with.
    pub head: MemorizationHead,
    ones: Tensor,
}

/// How a run goes.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Steps in all, as the learning rate's schedule counts them.
    pub steps: usize,
    /// Where the run stops: at the last step or before.
    pub until: usize,
    /// Highest learning rate of the adapters.
    pub learning_rate: f64,
    /// Everything random follows from it and the step's number.
    pub seed: u64,
    /// Where the state is saved and found again.
    pub state: PathBuf,
    /// Where the log goes, one JSON object a line.
    pub log: PathBuf,
    /// A state of an earlier stage to begin with.
    pub begin: Option<PathBuf>,
    /// Steps between savings.
    pub save_every: usize,
}

/// What a step came to.
pub struct StepReport {
    /// The loss, with its graph.
    pub loss: Tensor,
    /// Tokens that went through the decoder.
    pub tokens: usize,
    /// Further figures for the log.
    pub figures: Figures,
}

/// Named figures of a log line.
pub type Figures = serde_json::Map<String, serde_json::Value>;

/// A training stage: it draws a batch and computes its loss.
pub trait Stage {
    /// Its name in the log.
    fn name(&self) -> &'static str;

    /// Draws a batch with `random` and computes its loss.
    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport>;

    /// What it trains beside the trainer's own parameters.
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    /// What the next step depends on beside the parameters, by name.
    fn snapshot(&self) -> Result<SavedState>;

    /// Takes a saved state, so that a resumed run goes on as if it had not been cut.
    fn restore(&mut self, saved: &SavedState) -> Result<()>;

    /// Gets ready for a run that begins, with the parameters that it begins with.
    fn begin(&mut self, _trainer: &Trainer) -> Result<()> {
        Ok(())
    }
}

impl Trainer {
    /// A trainer at the base model, whose adapters add nothing yet.
    pub fn new(
        mut checkpoint: Checkpoint<Autograd>,
        config: AdapterConfig,
        seed: u64,
        head: MemorizationHead,
    ) -> Result<Self> {
        let ones =
            checkpoint
                .decoder
                .backend
                .upload_vector(vec![1.0; checkpoint.decoder.config.hidden])?;
        let adapter = Adapter::attach(&mut checkpoint.decoder, config, seed)?;
        Ok(Self { checkpoint, adapter, head, ones })
    }

    /// The trainer that left `saved`, with its adapters and its head.
    pub fn from_saved(checkpoint: Checkpoint<Autograd>, saved: &SavedState) -> Result<Self> {
        let config = AdapterConfig::of_saved(saved)?;
        let head = MemorizationHead::from_saved(saved)?;
        let trainer = Self::new(checkpoint, config, 0, head)?;
        trainer.take(saved)?;
        Ok(trainer)
    }

    /// The states that texts end in, after an RMSNorm without gain: `[texts, d]`.
    pub fn states(&self, texts: &[Vec<u32>]) -> Result<Tensor> {
        final_states(&self.checkpoint, &self.ones, texts)
    }

    /// The residual stream of all tokens of `texts`, `[n, d]`, and where each text begins.
    pub fn residual_stream(&self, texts: &[Vec<u32>]) -> Result<(Tensor, Packed)> {
        let mut packed = Packed::new(texts.iter().map(Vec::len));
        let x = self.checkpoint.decoder.residual_stream(&texts.concat(), &mut packed)?;
        Ok((x, packed))
    }

    /// Rows of a residual stream after an RMSNorm without gain: what [`MemorizationHead`] reads.
    pub fn normalized(&self, x: &Tensor) -> Tensor {
        let decoder = &self.checkpoint.decoder;
        decoder.backend.rms_norm(x, &self.ones, decoder.config.rms_epsilon)
    }

    /// Takes the trainer's own parameters of a saved state.
    pub fn take(&self, saved: &SavedState) -> Result<()> {
        for parameter in self.parameters() {
            parameter.var.set(saved.tensor(&parameter.name)?).map_err(failed)?;
        }
        Ok(())
    }

    /// Everything that is trained whatever the stage.
    pub fn parameters(&self) -> Vec<Parameter> {
        let adapters = self.adapter.parameters.iter().map(|(name, var)| Parameter {
            name: name.clone(),
            var: var.clone(),
            rate: 1.0,
        });
        adapters.chain(self.head.parameters()).collect()
    }

    /// Runs `stage` from where its saved state stands, or from the beginning.
    pub fn run(&self, stage: &mut dyn Stage, options: &RunOptions) -> Result<()> {
        let mut parameters = self.parameters();
        parameters.extend(stage.parameters());
        let mut optimizer = AdamW::new(parameters, 0.01).map_err(failed)?;
        let mut done = 0;
        if options.state.exists() {
            let saved = SavedState::load(&options.state)?;
            optimizer.load(&saved)?;
            stage.restore(&saved)?;
            done = saved.steps_taken()?;
        } else {
            if let Some(begin) = &options.begin {
                self.take(&SavedState::load(begin)?)?;
            }
            stage.begin(self)?;
        }
        let schedule = Schedule {
            peak: options.learning_rate,
            steps: options.steps,
            warm_up: (options.steps * 3).div_ceil(100),
        };
        let mut log = open_log(&options.log, done)?;
        for step in done..options.until.min(options.steps) {
            let start = Instant::now();
            let mut random = StdRng::seed_from_u64(options.seed << 32 | step as u64);
            let StepReport { loss, tokens, figures } = stage.step(self, &mut random)?;
            let gradients = loss.backward().map_err(failed)?;
            let rate = schedule.rate(step);
            let norm = optimizer.step(&gradients, rate).map_err(failed)?;
            let loss: f32 = loss.to_scalar().map_err(failed)?;
            if !loss.is_finite() {
                return Err(Error::Training(format!(
                    "the loss of step {step} is {loss}; lower the learning rate"
                )));
            }
            let seconds = start.elapsed().as_secs_f64();
            let mut line = json!({
                "stage": stage.name(), "step": step + 1, "loss": loss, "learning_rate": rate,
                "gradient_norm": norm, "tokens": tokens, "tokens_per_s": (tokens as f64 / seconds).round(),
            });
            line.as_object_mut().expect("an object").extend(figures);
            writeln!(log, "{line}").map_err(Error::io(&options.log))?;
            if (step + 1).is_multiple_of(options.save_every)
                || step + 1 == options.until.min(options.steps)
            {
                self.save(&optimizer, stage, &options.state)?;
            }
        }
        Ok(())
    }

    /// Writes everything that the next step depends on.
    fn save(&self, optimizer: &AdamW, stage: &dyn Stage, path: &Path) -> Result<()> {
        let mut saved = optimizer.snapshot()?;
        saved.extend(self.head.constants().map_err(failed)?);
        saved.extend(stage.snapshot()?);
        saved.save(path)
    }
}

/// The log without the lines of steps after `done`, which a cut run comes to once more.
fn open_log(path: &Path, done: usize) -> Result<File> {
    let io = Error::io(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let before =
        if path.exists() { std::fs::read_to_string(path).map_err(io)? } else { String::new() };
    let mut log = File::create(path).map_err(io)?;
    let step = |line: &str| serde_json::from_str::<Value>(line).ok()?["step"].as_u64();
    for line in before.lines().filter(|line| step(line).is_none_or(|step| step <= done as u64)) {
        writeln!(log, "{line}").map_err(io)?;
    }
    Ok(log)
}
