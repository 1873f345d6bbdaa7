//! `toolgen eval`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use toolgen::evaluation::judge::{judge, judge_retriever};
use toolgen::evaluation::record::{CheckpointFile, Record, Study};
use toolgen::evaluation::teacher_forcing::judge_forced;
use toolgen::evaluation::{Prediction, Report};
use toolgen::model::file;
use toolgen::tool::Instance;
use toolgen::tool::dataset::read_tools;
use toolgen::training::autograd::Autograd;
use toolgen::training::trainer::{SavedState, Trainer};
use toolgen::{Error, Result};

use crate::commands::baseline::{Baseline, Training};
use crate::project::{self, ToolSource};
use crate::questions::{Questions, Selected};

/// Options of `eval`.
#[derive(Args)]
pub struct Eval {
    #[command(flatten)]
    tools: ToolSource,
    #[command(flatten)]
    questions: Questions,
    /// Judge the ranking alone; no arguments are generated.
    #[arg(long)]
    retrieval_only: bool,
    /// Judge whole batches by teacher forcing, faster: of calls, only whether they are exact, from below.
    #[arg(long, conflicts_with = "baseline")]
    forced: bool,
    /// The training state whose adapters are judged, as trained, on the base (with --forced).
    #[arg(long, requires = "forced", value_name = "FILE")]
    state: Option<PathBuf>,
    /// Judge this in place of the model, on the same questions and tools.
    #[arg(long)]
    baseline: Option<Baseline>,
    #[command(flatten)]
    training: Training,
    /// Print each question that went wrong to standard error.
    #[arg(long)]
    errors: bool,
    #[command(flatten)]
    header: Header,
}

/// Where the report is kept, and what it says of itself.
#[derive(Args)]
struct Header {
    /// Write the report, with a header, to this file, for `toolgen results`.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The data set's name in the report; by default that of the data's folder.
    #[arg(long)]
    set: Option<String>,
    /// The method's name in the report.
    #[arg(long)]
    method: Option<String>,
    /// The seed that the model was trained with, noted in the report.
    #[arg(long)]
    seed: Option<u64>,
    /// The comparison that the report belongs to, if not that of methods.
    #[arg(long, value_enum)]
    study: Option<StudyName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StudyName {
    /// How tools become tokens.
    Indexing,
    /// How many tools are in the choice.
    Scale,
    /// How weights are stored.
    Quantization,
}

/// What was judged, and how it did.
struct Judged {
    method: String,
    indexing: Option<String>,
    checkpoint: Option<PathBuf>,
    report: Report,
}

impl Eval {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let (selected, judged) = match self.baseline {
            Some(baseline) => self.judge_baseline(baseline, checkpoint)?,
            None if self.forced => self.judge_forced(checkpoint)?,
            None => self.judge_model(checkpoint)?,
        };
        if json {
            project::print_json(&judged.report);
        } else {
            let text = serde_json::to_string_pretty(&judged.report);
            println!("{}", text.expect("plain data serializes"));
        }
        match &self.header.report {
            Some(path) => self.record(&selected, judged)?.write(path),
            None => Ok(()),
        }
    }

    fn judge_baseline(
        &self,
        baseline: Baseline,
        path: Option<PathBuf>,
    ) -> Result<(Selected, Judged)> {
        let tools = match &self.tools.tools {
            Some(path) => read_tools(path)?,
            None => project::pack(self.tools.pack.clone())?.tools,
        };
        let selected = self.questions.select(&tools)?;
        let path = baseline.needs_checkpoint().then(|| project::checkpoint_path(path));
        let checkpoint = path.clone().map(|path| project::checkpoint(Some(path))).transpose()?;
        let (method, mut retriever) =
            baseline.build(&tools, &self.training, &selected.part, checkpoint.as_ref())?;
        let report =
            judge_retriever(&mut *retriever, &tools, &selected.instances, |instance, answer| {
                self.see(instance, answer);
            })?;
        Ok((selected, Judged { method, indexing: None, checkpoint: path, report }))
    }

    fn judge_model(&self, path: Option<PathBuf>) -> Result<(Selected, Judged)> {
        let path = project::checkpoint_path(path);
        let checkpoint = project::checkpoint(Some(path.clone()))?;
        let pack = self.tools.pack(&checkpoint)?;
        let engine = project::engine_of(checkpoint, pack)?;
        let pack = engine.pack()?;
        let (tools, indexing) = (&pack.tools, pack.indexing);
        let selected = self.questions.select(tools)?;
        let each = |instance: &Instance, answer: &Prediction| self.see(instance, answer);
        let judging = judge(&engine, &selected.instances, !self.retrieval_only, each);
        let report = pollster::block_on(judging)?;
        let indexing = Some(indexing.name().to_owned());
        let method = "ToolGen".into();
        Ok((selected, Judged { method, indexing, checkpoint: Some(path), report }))
    }

    fn judge_forced(&self, path: Option<PathBuf>) -> Result<(Selected, Judged)> {
        let pack = project::pack(self.tools.pack.clone())?;
        let (checkpoint, trained) = match &self.state {
            Some(state) => {
                let base = file::load(&project::base_path(path), Autograd)?;
                (Trainer::from_saved(base, &SavedState::load(state)?)?.checkpoint, None)
            }
            None => {
                let path = project::checkpoint_path(path);
                (file::load(&path, Autograd)?, Some(path))
            }
        };
        let selected = self.questions.select(&pack.tools)?;
        let progress = |done, all| eprintln!("{done}/{all}");
        let calling = !self.retrieval_only;
        let report = judge_forced(&checkpoint, &pack, &selected.instances, calling, progress)?;
        let indexing = Some(pack.indexing.name().to_owned());
        let method = "ToolGen".into();
        Ok((selected, Judged { method, indexing, checkpoint: trained, report }))
    }

    fn see(&self, instance: &Instance, answer: &Prediction) {
        if self.errors {
            print_error(instance, answer);
        }
    }

    fn record(&self, selected: &Selected, judged: Judged) -> Result<Record> {
        let header = &self.header;
        Ok(Record {
            set: header.set.clone().unwrap_or_else(|| self.questions.set()),
            method: header.method.clone().unwrap_or(judged.method),
            split: selected.part.name().to_owned(),
            questions: selected.total,
            seed: header.seed,
            steps: None,
            study: header.study.map(|study| match study {
                StudyName::Indexing => Study::Indexing,
                StudyName::Scale => Study::Scale,
                StudyName::Quantization => Study::Quantization,
            }),
            indexing: judged.indexing,
            checkpoint: judged.checkpoint.as_deref().map(checkpoint_file).transpose()?,
            hallucinated_unconstrained: None,
            hallucinated_constrained: None,
            report: judged.report,
        })
    }
}

fn checkpoint_file(path: &Path) -> Result<CheckpointFile> {
    let metadata = std::fs::metadata(path).map_err(Error::io(path))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(CheckpointFile { name, bytes: metadata.len() })
}

fn print_error(instance: &Instance, answer: &Prediction) {
    let query = &instance.query;
    let expected = serde_json::to_value(&instance.calls).unwrap_or_default();
    let right_tool = match answer.tool() {
        Some(tool) => instance.calls.iter().any(|call| call.name == tool),
        None => instance.calls.is_empty() && answer.abstained,
    };
    let right_call = answer.call.as_ref().is_none_or(|found| {
        let right = |labels: &Option<_>| labels.as_ref().is_none_or(|x| *x == found.arguments);
        instance.calls.iter().any(|call| call.name == found.name && right(&call.arguments))
    });
    if !right_tool {
        let abstained = if answer.abstained { "abstained, " } else { "" };
        eprintln!("tool: {query}\n  expected {expected}\n  {abstained}ranked {:?}", answer.ranking);
    } else if !right_call {
        let found = serde_json::to_value(&answer.call).unwrap_or_default();
        eprintln!("arguments: {query}\n  expected {expected}\n  found {found}");
    }
}
