//! `toolgen eval`.

mod apps;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use toolgen::backend::cpu::Cpu;
use toolgen::evaluation::evaluate::{evaluate, evaluate_retriever};
use toolgen::evaluation::record::{self, CheckpointFile, Record, Study, VisitorsRecord};
use toolgen::evaluation::teacher_forcing::evaluate_by_teacher_forcing;
use toolgen::evaluation::visitors::{Outcome, Visit, evaluate_visitors, read_visits};
use toolgen::evaluation::{Prediction, Report};
use toolgen::model::file;
use toolgen::tool::Instance;
use toolgen::tool::dataset::read_tools;
use toolgen::training::autograd::Autograd;
use toolgen::training::trainer::{SavedState, Trainer};
use toolgen::{Error, Result};

use crate::commands::baseline::{Baseline, Training};
use crate::project::{self, ModelFiles, ToolSource};
use crate::questions::{Questions, Selected};

/// Options of `eval`.
#[derive(Args)]
pub struct Eval {
    #[command(flatten)]
    tools: ToolSource,
    #[command(flatten)]
    questions: Questions,
    /// Judge on these apps, each among its own tools with rows from their documents: a file with one app a line, or
    /// a folder with one a file.
    #[arg(long, conflicts_with_all = ["tools", "pack", "data", "retrieval_only"])]
    apps: Option<PathBuf>,
    /// Only questions that are answered by one of these tools, a name a line, are judged (with --apps).
    #[arg(long, requires = "apps", value_name = "FILE")]
    answered_by: Option<PathBuf>,
    /// Judge another model's calls, `{"app", "query", "call"}` a line, in place of ours (with --apps).
    #[arg(long, requires_all = ["apps", "method"], value_name = "FILE", conflicts_with_all = ["baseline", "state"])]
    calls: Option<PathBuf>,
    /// Judge by what would content visitors: their questions with the outcomes that are accepted (JSON Lines).
    #[arg(long, conflicts_with_all = ["apps", "data", "baseline", "retrieval_only", "teacher_forcing"])]
    visitors: Option<PathBuf>,
    /// Evaluate the ranking alone; no arguments are generated.
    #[arg(long)]
    retrieval_only: bool,
    /// Evaluate whole batches by teacher forcing, faster: of calls, only whether they are exact, from below.
    #[arg(long, alias = "forced", conflicts_with = "baseline")]
    teacher_forcing: bool,
    /// The training state whose adapters are evaluated, as trained, on the base (with --teacher-forcing).
    #[arg(long, requires = "teacher_forcing", value_name = "FILE")]
    state: Option<PathBuf>,
    /// Write what the model says of each question, one JSON object a line, to this file (with --apps and --state).
    #[arg(long, requires_all = ["apps", "state"], value_name = "FILE")]
    judged: Option<PathBuf>,
    /// Evaluate this in place of the model, on the same questions and tools.
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

/// What was evaluated, and how it did.
struct Evaluated {
    method: String,
    indexing: Option<String>,
    model: Option<ModelFiles>,
    report: Report,
}

impl Eval {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        if let Some(apps) = &self.apps {
            return self.evaluate_apps(apps, model, json);
        }
        if let Some(visits) = &self.visitors {
            return self.evaluate_visitors(visits, model, json);
        }
        let (selected, evaluated) = match self.baseline {
            Some(baseline) => self.evaluate_baseline(baseline, model)?,
            None if self.teacher_forcing => self.evaluate_by_teacher_forcing(model)?,
            None => self.evaluate_model(model)?,
        };
        print_report(json, &evaluated.report);
        match &self.header.report {
            Some(path) => record::write(&self.record(&selected, evaluated)?, path),
            None => Ok(()),
        }
    }

    fn evaluate_visitors(&self, path: &Path, model: &ModelFiles, json: bool) -> Result<()> {
        let visits = read_visits(path)?;
        let engine = project::engine(model, &self.tools)?;
        let mut done = 0;
        let each = |visit: &Visit, outcome: &Outcome, is_accepted: bool| {
            done += 1;
            tell(done, visits.len());
            if self.errors && !is_accepted {
                let found = serde_json::to_value(outcome).unwrap_or_default();
                eprintln!("{}: {}\n  {found}", visit.kind, visit.query);
            }
        };
        let report = pollster::block_on(evaluate_visitors(&engine, &visits, each))?;
        print_report(json, &report);
        let Some(out) = &self.header.report else { return Ok(()) };
        let of_file = || path.file_stem().unwrap_or_default().to_string_lossy().into();
        let record = VisitorsRecord {
            set: self.header.set.clone().unwrap_or_else(of_file),
            method: self.header.method.clone().unwrap_or("ToolGen".into()),
            checkpoint: Some(checkpoint_file(model)?),
            visitors: report,
        };
        record::write(&record, out)
    }

    fn evaluate_baseline(
        &self,
        baseline: Baseline,
        model: &ModelFiles,
    ) -> Result<(Selected, Evaluated)> {
        let tools = match &self.tools.tools {
            Some(path) => read_tools(path)?,
            None => project::pack(self.tools.pack.clone())?.tools,
        };
        let selected = self.questions.select(&tools)?;
        let model = baseline.needs_checkpoint().then_some(model);
        let checkpoint = model.map(|model| model.load(Cpu)).transpose()?;
        let (method, mut retriever) =
            baseline.build(&tools, &self.training, &selected.part, checkpoint.as_ref())?;
        let report = evaluate_retriever(
            &mut *retriever,
            &tools,
            &selected.instances,
            |instance, answer| {
                self.see(instance, answer);
            },
        )?;
        Ok((selected, Evaluated { method, indexing: None, model: model.cloned(), report }))
    }

    fn evaluate_model(&self, model: &ModelFiles) -> Result<(Selected, Evaluated)> {
        let checkpoint = model.load(Cpu)?;
        let pack = self.tools.pack(&checkpoint)?;
        let engine = project::engine_of(checkpoint, pack)?;
        let pack = engine.pack()?;
        let (tools, indexing) = (&pack.tools, pack.indexing);
        let selected = self.questions.select(tools)?;
        let (mut done, all) = (0, selected.instances.len());
        let each = |instance: &Instance, answer: &Prediction| {
            self.see(instance, answer);
            done += 1;
            tell(done, all);
        };
        let evaluating = evaluate(&engine, &selected.instances, !self.retrieval_only, each);
        let report = pollster::block_on(evaluating)?;
        let indexing = Some(indexing.name().to_owned());
        let method = "ToolGen".into();
        Ok((selected, Evaluated { method, indexing, model: Some(model.clone()), report }))
    }

    fn evaluate_by_teacher_forcing(&self, model: &ModelFiles) -> Result<(Selected, Evaluated)> {
        let pack = project::pack(self.tools.pack.clone())?;
        let (checkpoint, trained) = match &self.state {
            Some(state) => {
                let base = file::load(&model.base(), Autograd)?;
                (Trainer::from_saved(base, &SavedState::load(state)?)?.checkpoint, None)
            }
            None => (model.load(Autograd)?, Some(model.clone())),
        };
        let selected = self.questions.select(&pack.tools)?;
        let progress = |done, all| eprintln!("{done}/{all}");
        let calling = !self.retrieval_only;
        let report = evaluate_by_teacher_forcing(
            &checkpoint,
            &pack,
            &selected.instances,
            calling,
            progress,
        )?;
        let indexing = Some(pack.indexing.name().to_owned());
        let method = "ToolGen".into();
        Ok((selected, Evaluated { method, indexing, model: trained, report }))
    }

    fn see(&self, instance: &Instance, answer: &Prediction) {
        if self.errors {
            print_error(instance, answer);
        }
    }

    fn record(&self, selected: &Selected, evaluated: Evaluated) -> Result<Record> {
        let header = &self.header;
        Ok(Record {
            set: header.set.clone().unwrap_or_else(|| self.questions.set()),
            method: header.method.clone().unwrap_or(evaluated.method),
            split: selected.part.name().to_owned(),
            questions: selected.total,
            seed: header.seed,
            steps: None,
            study: header.study.map(|study| match study {
                StudyName::Indexing => Study::Indexing,
                StudyName::Scale => Study::Scale,
                StudyName::Quantization => Study::Quantization,
            }),
            indexing: evaluated.indexing,
            checkpoint: evaluated.model.as_ref().map(checkpoint_file).transpose()?,
            hallucinated_unconstrained: None,
            hallucinated_constrained: None,
            report: evaluated.report,
        })
    }
}

/// Questions between two lines of progress.
const TOLD: usize = 25;

/// Says on standard error how many questions are answered.
fn tell(done: usize, all: usize) {
    if done.is_multiple_of(TOLD) || done == all {
        eprintln!("{done}/{all}");
    }
}

fn print_report(json: bool, report: &impl serde::Serialize) {
    if json {
        project::print_json(report);
    } else {
        println!("{}", serde_json::to_string_pretty(report).expect("plain data serializes"));
    }
}

fn write_lines<T: serde::Serialize>(path: &Path, items: &[T]) -> Result<()> {
    let lines = items.iter().map(|item| serde_json::to_string(item).expect("plain data") + "\n");
    std::fs::write(path, lines.collect::<String>()).map_err(Error::io(path))
}

/// The model's name, its last file's, and the bytes of all its files.
fn checkpoint_file(model: &ModelFiles) -> Result<CheckpointFile> {
    let mut file = CheckpointFile { name: String::new(), bytes: 0 };
    for path in std::iter::once(model.base()).chain(model.adapter()) {
        file.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        file.bytes += std::fs::metadata(&path).map_err(Error::io(&path))?.len();
    }
    Ok(file)
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
