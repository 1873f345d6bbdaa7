//! `toolgen eval-indexing`: judge what `train indexing` left.

use std::path::PathBuf;

use clap::Args;
use toolgen::evaluation::indexing::evaluate_indexing;
use toolgen::evaluation::record::{self, Record, Study};
use toolgen::model::file;
use toolgen::tool::dataset::read_instances;
use toolgen::training::autograd::Autograd;
use toolgen::training::data::mixture::Mixture;
use toolgen::training::stages::tool_tokens::ToolTokens;
use toolgen::training::trainer::{SavedState, Trainer};
use toolgen::{Error, Result};

use crate::project::{self, ModelFiles};

/// Options of `eval-indexing`.
#[derive(Args)]
pub struct EvalIndexing {
    /// The state that training left.
    #[arg(long)]
    state: PathBuf,
    /// The data set that it was trained on.
    #[arg(long, default_value = "models/training/mixtures/ablation.json")]
    mixture: PathBuf,
    /// Questions with their right calls (JSON Lines).
    #[arg(long)]
    data: PathBuf,
    /// Judge so many of those that a tool answers, evenly spread over the file.
    #[arg(long, default_value_t = 500)]
    limit: usize,
    /// Report it by this name among the methods on its data set, not among the indexings.
    #[arg(long)]
    method: Option<String>,
    /// The seed that it was trained with, for the report.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the report (JSON), as `toolgen results` reads it.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl EvalIndexing {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let mixture = Mixture::read(&self.mixture)?;
        let [source] = mixture.sources.as_slice() else {
            let reason = format!("{} does not name one data set", self.mixture.display());
            return Err(Error::Training(reason));
        };
        let mut instances = read_instances(&self.data)?;
        instances.retain(|instance| !instance.calls.is_empty());
        let (questions, limit) = (instances.len(), self.limit.min(instances.len()));
        let instances: Vec<_> =
            (0..limit).map(|index| instances[index * questions / limit].clone()).collect();

        let state = SavedState::load(&self.state)?;
        let tokens = ToolTokens::from_saved(&state)?;
        let checkpoint = file::load(&model.base(), Autograd)?;
        let trainer = Trainer::from_saved(checkpoint, &state)?;
        let progress = |done: usize| eprintln!("{done}/{limit} questions");
        let evaluating = evaluate_indexing(&trainer, &tokens, &source.tools, &instances, progress);
        let evaluated = pollster::block_on(evaluating)?;
        let record = Record {
            set: source.name.clone(),
            study: self.method.is_none().then_some(Study::Indexing),
            method: self.method.unwrap_or("ToolGen".into()),
            split: "all".into(),
            questions,
            seed: Some(self.seed),
            steps: Some(state.steps_taken()?),
            indexing: Some(tokens.kind.name().into()),
            checkpoint: None,
            hallucinated_unconstrained: Some(evaluated.hallucinated_unconstrained),
            hallucinated_constrained: Some(evaluated.hallucinated_constrained),
            report: evaluated.report,
        };
        if let Some(path) = &self.report {
            record::write(&record, path)?;
        }
        project::report(json, &record);
        Ok(())
    }
}
