//! `toolgen train indexing`: one indexing on one data set.

use clap::Args;
use toolgen::Result;
use toolgen::training::stages::indexing::IndexingTraining;
use toolgen::virtualization::IndexingKind;

use super::stages;
use crate::project::{self, ModelFiles};

/// Options of `train indexing`. The mixture is models/training/mixtures/ablation.json by default; state and log are
/// named after the indexing.
#[derive(Args)]
pub struct Indexing {
    /// How tools become tokens.
    #[arg(long, value_parser = project::indexing_kinds())]
    kind: IndexingKind,
    #[command(flatten)]
    stage: stages::Options,
}

impl Indexing {
    pub fn run(self, model: &ModelFiles) -> Result<()> {
        let name = format!("indexing-{}", self.kind.name());
        let (mixture, trainer, run) = stages::prepare(&name, "ablation", &self.stage, model)?;
        let mut stage = IndexingTraining::new(&trainer, &mixture, self.kind, run.seed)?;
        stage.batch = self.stage.batch;
        trainer.run(&mut stage, &run)
    }
}
