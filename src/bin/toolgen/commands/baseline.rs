//! The baselines of `toolgen eval`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use toolgen::Result;
use toolgen::backend::cpu::Cpu;
use toolgen::evaluation::baselines::Retriever;
use toolgen::evaluation::baselines::bm25::Bm25;
use toolgen::evaluation::baselines::embedding::{EmbeddingIndex, Encoder};
use toolgen::evaluation::baselines::naive_bayes::NaiveBayes;
use toolgen::evaluation::baselines::prompted::{CANDIDATES, Prompted};
use toolgen::model::Checkpoint;
use toolgen::tool::Tool;
use toolgen::tool::dataset::read_instances;

use crate::project;
use crate::questions::Part;

/// What naive Bayes is made from.
#[derive(Args)]
pub struct Training {
    /// Questions that naive Bayes is trained on (JSON Lines).
    #[arg(long, num_args = 1.., required_if_eq("baseline", "naive-bayes"))]
    train: Vec<PathBuf>,
    /// What naive Bayes adds to every count.
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    smoothing: f64,
}

fn positive(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| x.is_finite() && *x > 0.0);
    number.ok_or_else(|| "is not a positive number".into())
}

/// What the model is compared with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Baseline {
    /// BM25 over the tools' documents.
    Bm25,
    /// Naive Bayes on the words and word pairs of the questions in --train.
    NaiveBayes,
    /// all-MiniLM-L6-v2 over the tools' documents.
    Embedding,
    /// The base model with the tools' documents in its prompt; slow, so give a --limit.
    Prompted,
}

impl Baseline {
    /// Whether it asks the base model.
    pub fn needs_checkpoint(self) -> bool {
        self == Self::Prompted
    }

    /// Makes it for `tools`, with its name in reports. Naive Bayes is trained on the questions of
    /// `training` that call no tool held out for `part`.
    pub fn build<'a>(
        self,
        tools: &'a [Tool],
        training: &Training,
        part: &Part,
        checkpoint: Option<&'a Checkpoint<Cpu>>,
    ) -> Result<(String, Box<dyn Retriever + 'a>)> {
        Ok(match self {
            Self::Bm25 => ("BM25".into(), Box::new(Bm25::new(tools))),
            Self::NaiveBayes => {
                let mut instances = Vec::new();
                for path in &training.train {
                    instances.extend(read_instances(path)?);
                }
                instances.retain(|instance| part.trains_on(instance));
                let name = format!("naive Bayes, add {}", training.smoothing);
                (name, Box::new(NaiveBayes::train(tools, &instances, training.smoothing)))
            }
            Self::Embedding => {
                let encoder = Encoder::load(Path::new(project::MINILM))
                    .map_err(|error| project::hint(error, "run `cargo xtask fetch minilm`"))?;
                ("MiniLM".into(), Box::new(EmbeddingIndex::new(encoder, tools)?))
            }
            Self::Prompted => {
                let checkpoint = checkpoint.expect("loaded for the baseline that needs it");
                let prompted = Prompted::new(checkpoint, tools)?;
                let name = if prompted.is_narrowed() {
                    let name = format!("prompted base, BM25's first {CANDIDATES}");
                    eprintln!("the documents do not fit the prompt: {name} are the candidates");
                    name
                } else {
                    "prompted base, all documents".into()
                };
                (name, Box::new(prompted))
            }
        })
    }
}
