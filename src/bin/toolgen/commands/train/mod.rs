//! `toolgen train`: the stages, rows alone, and examples for PyTorch.

mod export;
mod indexing;
mod plot;
mod rows;
pub mod stages;

use crate::project::ModelFiles;

use clap::Subcommand;
use toolgen::Result;

#[derive(Subcommand)]
pub enum Train {
    /// Stage 1: document → tool token.
    Memorization(stages::Options),
    /// Stage 2: question → tool token.
    Retrieval(stages::Retrieval),
    /// Stage 3: question → tool token → arguments → observation → … → finish.
    Agent(stages::Options),
    /// One indexing on one data set, to compare the four.
    Indexing(indexing::Indexing),
    /// Write a stage's examples as conversations in ShareGPT's form, to train with PyTorch.
    Export(export::Export),
    /// Draw the stages' logs.
    Plot(plot::Plot),
}

impl Train {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        match self {
            Self::Memorization(options) => {
                stages::run(stages::StageKind::Memorization, &options, model)
            }
            Self::Retrieval(options) => options.run(model, json),
            Self::Export(options) => options.run(json),
            Self::Plot(options) => options.run(),
            Self::Agent(options) => stages::run(stages::StageKind::Agent, &options, model),
            Self::Indexing(options) => options.run(model),
        }
    }
}
