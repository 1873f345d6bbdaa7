//! `toolgen bench`: speeds on this machine's processor.

mod decoder;
mod retrieval;

use std::time::Instant;

use clap::Subcommand;
use toolgen::{Error, Result};

use crate::project::ModelFiles;

#[derive(Subcommand)]
pub enum Bench {
    /// Time the choice among many tools, with rows at eight bits, on one core.
    Retrieval(retrieval::Retrieval),
    /// Time reading a prompt and writing after it.
    Decoder(decoder::Decoder),
}

impl Bench {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        match self {
            Self::Retrieval(bench) => bench.run(model, json),
            Self::Decoder(bench) => bench.run(model, json),
        }
    }
}

/// Runs `work` with the products spread over as many cores.
fn on_cores<T: Send>(cores: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build();
    pool.map_err(|error| Error::Backend(error.to_string()))?.install(work)
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
