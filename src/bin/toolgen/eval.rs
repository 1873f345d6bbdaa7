//! `toolgen eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use toolgen::Result;
use toolgen::evaluation::judge::{Outcome, judge, judge_bm25};
use toolgen::tool::dataset::read_instances;

use crate::project;

/// Options of `eval`.
#[derive(Args)]
pub struct Eval {
    /// The tool pack; by default the project's own.
    #[arg(long)]
    pack: Option<PathBuf>,
    /// Questions with their right calls (JSON Lines).
    #[arg(long, default_value = "models/catalogue/dev.jsonl")]
    data: PathBuf,
    /// Judge only the first so many.
    #[arg(long)]
    limit: Option<usize>,
    /// Judge the ranking alone; no arguments are generated.
    #[arg(long)]
    retrieval_only: bool,
    /// Judge this in place of the model, on the same questions and tools.
    #[arg(long)]
    baseline: Option<Baseline>,
    /// Print each question that went wrong to standard error.
    #[arg(long)]
    errors: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Baseline {
    /// BM25 over the tools' documents.
    Bm25,
}

impl Eval {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let mut instances = read_instances(&self.data)?;
        instances.truncate(self.limit.unwrap_or(usize::MAX));
        let report = match self.baseline {
            Some(Baseline::Bm25) => judge_bm25(&project::pack(self.pack)?.tools, &instances),
            None => {
                let engine = project::engine(checkpoint, self.pack)?;
                let each = |outcome: &Outcome<'_>| {
                    if self.errors {
                        print_error(outcome);
                    }
                };
                pollster::block_on(judge(&engine, &instances, !self.retrieval_only, each))?
            }
        };
        if json {
            project::print_json(&report);
        } else {
            println!("{}", serde_json::to_string_pretty(&report).expect("plain data serializes"));
        }
        Ok(())
    }
}

fn print_error(outcome: &Outcome<'_>) {
    let expected = serde_json::to_value(&outcome.instance.calls).unwrap_or_default();
    let right_tool =
        outcome.instance.calls.iter().any(|call| Some(&call.name) == outcome.ranking.first());
    let right_call = outcome.call.as_ref().is_none_or(|found| {
        outcome
            .instance
            .calls
            .iter()
            .any(|call| call.arguments.as_ref().is_none_or(|labels| *labels == found.arguments))
    });
    if !right_tool {
        eprintln!(
            "tool: {}\n  expected {expected}\n  ranked {:?}",
            outcome.instance.query, outcome.ranking
        );
    } else if !right_call {
        let found = serde_json::to_value(&outcome.call).unwrap_or_default();
        eprintln!("arguments: {}\n  expected {expected}\n  found {found}", outcome.instance.query);
    }
}
