//! `toolgen train memorization`, `retrieval` and `agent`: the body's adapters and the memorization head.

use std::path::PathBuf;

use clap::Args;
use rand::SeedableRng;
use rand::rngs::StdRng;
use toolgen::generation::Grammar;
use toolgen::model::file;
use toolgen::prompt;
use toolgen::training::autograd::Autograd;
use toolgen::training::data::mixture::Mixture;
use toolgen::training::stages::agent_tuning::AgentTuning;
use toolgen::training::stages::contrast::Contrast;
use toolgen::training::stages::memorization::Memorization;
use toolgen::training::stages::retrieval::RetrievalTraining;
use toolgen::training::trainer::adapter::AdapterConfig;
use toolgen::training::trainer::hidden_states::HiddenStates;
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::training::trainer::{RunOptions, SavedState, Stage, Trainer};
use toolgen::{Error, Result};

use super::rows::Rows;
use crate::project::ModelFiles;

/// Texts from which the states' statistics are taken.
const SAMPLE: usize = 1200;

#[derive(Clone, Copy, PartialEq)]
pub enum StageKind {
    Memorization,
    Retrieval,
    Agent,
}

/// Options of a stage.
#[derive(Args)]
pub struct Options {
    /// The data sets (JSON); by default models/training/mixtures/STAGE.json.
    #[arg(long)]
    mixture: Option<PathBuf>,
    /// Where the run's state is saved, and gone on from; by default target/training/STAGE.safetensors.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The state of an earlier stage to begin with.
    #[arg(long)]
    begin: Option<PathBuf>,
    /// The log, one JSON object a line; by default models/training/logs/STAGE.jsonl.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Steps.
    #[arg(long, default_value_t = 500)]
    steps: usize,
    /// Stop after this step; the learning rate goes on as for all of them.
    #[arg(long)]
    until: Option<usize>,
    /// Texts in a batch.
    #[arg(long, default_value_t = 40)]
    pub batch: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 5e-4)]
    learning_rate: f64,
    /// Rank of the adapters.
    #[arg(long, default_value_t = AdapterConfig::default().rank)]
    rank: usize,
    /// The first layer with adapters.
    #[arg(long, default_value_t = AdapterConfig::default().first_layer)]
    first_layer: usize,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps between savings.
    #[arg(long, default_value_t = 50)]
    save_every: usize,
}

/// Options of `train retrieval`.
#[derive(Args)]
pub struct Retrieval {
    /// Leave the body as it is and fit one row a tool.
    #[arg(long)]
    rows_only: bool,
    #[command(flatten)]
    rows: Rows,
    #[command(flatten)]
    stage: Options,
}

impl Retrieval {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        if self.rows_only {
            self.rows.run(model, json)
        } else {
            run(StageKind::Retrieval, &self.stage, model)
        }
    }
}

impl StageKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Memorization => "memorization",
            Self::Retrieval => "retrieval",
            Self::Agent => "agent",
        }
    }
}

/// What every stage needs: the data sets, `models/training/mixtures/{mixture}.json` by default, the trainer, and how
/// the run called `name` goes.
pub fn prepare(
    name: &str,
    mixture: &str,
    options: &Options,
    model: &ModelFiles,
) -> Result<(Mixture, Trainer, RunOptions)> {
    let file_of =
        |given: &Option<PathBuf>, default: String| given.clone().unwrap_or(default.into());
    let mixture = Mixture::read(&file_of(
        &options.mixture,
        format!("models/training/mixtures/{mixture}.json"),
    ))?;
    let checkpoint = file::load(&model.base(), Autograd)?;
    let config = AdapterConfig {
        rank: options.rank,
        alpha: options.rank as f32,
        first_layer: options.first_layer,
    };
    let run = RunOptions {
        steps: options.steps,
        until: options.until.unwrap_or(options.steps),
        learning_rate: options.learning_rate,
        seed: options.seed,
        state: file_of(&options.state, format!("target/training/{name}.safetensors")),
        log: file_of(&options.log, format!("models/training/logs/{name}.jsonl")),
        begin: options.begin.clone(),
        save_every: options.save_every,
    };
    let saved =
        [Some(&run.state), run.begin.as_ref()].into_iter().flatten().find(|path| path.exists());
    let head = match saved {
        Some(path) => MemorizationHead::from_saved(&SavedState::load(path)?)?,
        None => {
            let sample = sample(&mixture, &checkpoint.tokenizer, options.seed)?;
            let states = HiddenStates::compute(&checkpoint, &sample, |_| ())?;
            let head = MemorizationHead::from_states(&states);
            head.map_err(|error| Error::Training(error.to_string()))?
        }
    };
    let trainer = Trainer::new(checkpoint, config, options.seed, head)?;
    Ok((mixture, trainer, run))
}

/// Runs a stage, or the rest of it.
pub fn run(kind: StageKind, options: &Options, model: &ModelFiles) -> Result<()> {
    let (mixture, mut trainer, run) = prepare(kind.name(), kind.name(), options, model)?;
    if kind == StageKind::Agent {
        trainer.head.version = 2;
    }
    let mixture = &mixture;
    let batch = options.batch;
    let mut stage: Box<dyn Stage> = match kind {
        StageKind::Memorization => {
            let contrast = Contrast::new(0.5, 0.0);
            Box::new(Memorization { mixture, contrast, batch })
        }
        StageKind::Retrieval => {
            let contrast = Contrast::new(0.3, 0.05);
            Box::new(RetrievalTraining { mixture, contrast, batch, joined: 0.2 })
        }
        StageKind::Agent => {
            let grammar = Grammar::new(&trainer.checkpoint.tokenizer)?;
            let contrast = Contrast::new(0.5, 0.05);
            Box::new(AgentTuning { mixture, contrast, grammar, batch, joined: 0.1 })
        }
    };
    trainer.run(&mut *stage, &run)
}

/// Questions and documents of all data sets, as the head's statistics need them.
fn sample(
    mixture: &Mixture,
    tokenizer: &toolgen::tokenizer::Tokenizer,
    seed: u64,
) -> Result<Vec<Vec<u32>>> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..SAMPLE)
        .map(|index| {
            let data = &mixture.sources[mixture.draw(&mut random)];
            match data.draw_question(&mut random) {
                Some((instance, _)) if index % 2 == 0 => {
                    prompt::question(tokenizer, &instance.query)
                }
                _ => prompt::document(tokenizer, &data.tools[data.draw_tool(&mut random)]),
            }
        })
        .collect()
}
