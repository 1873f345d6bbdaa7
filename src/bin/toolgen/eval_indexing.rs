//! `toolgen eval-indexing`: judge what `train indexing` left.

use std::path::PathBuf;

use clap::Args;
use toolgen::evaluation::indexing::judge_indexing;
use toolgen::model::file;
use toolgen::tool::dataset::read_instances;
use toolgen::training::autograd::Autograd;
use toolgen::training::indexing_training::Trained;
use toolgen::training::mixture::Mixture;
use toolgen::training::trainer::Trainer;
use toolgen::{Error, Result};

use crate::project;
use crate::train::stages::keep_memory;

/// Options of `eval-indexing`.
#[derive(Args)]
pub struct EvalIndexing {
    /// The state that training left.
    #[arg(long)]
    state: PathBuf,
    /// The data set that it was trained on.
    #[arg(long, default_value = "models/training/ablation.json")]
    mixture: PathBuf,
    /// Questions with their right calls (JSON Lines).
    #[arg(long)]
    data: PathBuf,
    /// Judge so many, evenly spread over the file.
    #[arg(long, default_value_t = 500)]
    limit: usize,
    /// Where to write the report (JSON).
    #[arg(long)]
    out: Option<PathBuf>,
}

impl EvalIndexing {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        keep_memory();
        let trained = Trained::restore(&self.state)?;
        let mixture = Mixture::read(&self.mixture)?;
        let [source] = mixture.sources.as_slice() else {
            let reason = format!("{} names not one data set", self.mixture.display());
            return Err(Error::Backend(reason));
        };
        let mut instances = read_instances(&self.data)?;
        instances.retain(|instance| !instance.calls.is_empty());
        let (count, limit) = (instances.len(), self.limit.min(instances.len()));
        let instances: Vec<_> =
            (0..limit).map(|index| instances[index * count / limit].clone()).collect();

        let checkpoint = file::load(&project::checkpoint_path(checkpoint), Autograd)?;
        let trainer = Trainer::restore(checkpoint, &self.state)?;
        let progress = |done: usize| eprintln!("{done}/{limit} questions");
        let judged = judge_indexing(&trainer, &trained.tokens, &source.tools, &instances, progress);
        let mut report = pollster::block_on(judged)?;
        report.set = source.name.clone();
        report.indexing = trained.tokens.kind.name().into();
        (report.steps, report.seed) = (trained.steps, trained.seed);
        let text = serde_json::to_string_pretty(&report).expect("plain data serializes");
        if let Some(path) = self.out {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|source| Error::Io { path: path.clone(), source })?;
            }
            std::fs::write(&path, text.clone() + "\n")
                .map_err(|source| Error::Io { path, source })?;
        }
        if json {
            project::print_json(&report);
        } else {
            println!("{text}");
        }
        Ok(())
    }
}
