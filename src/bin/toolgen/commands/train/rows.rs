//! `toolgen train retrieval --rows-only`: rows alone, on a frozen body.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use toolgen::backend::cpu::Cpu;
use toolgen::generation::Grammar;
use toolgen::model::{Checkpoint, DocumentHead};
use toolgen::prompt;
use toolgen::tool::dataset::{read_instances, read_tools};
use toolgen::tool::{Instance, Tool};
use toolgen::training::rows::fit::{Options, fit_rows};
use toolgen::training::rows::from_documents::document_rows;
use toolgen::training::rows::pack::pack_of_fitted_rows;
use toolgen::training::rows::states::states_of_texts;
use toolgen::training::trainer::hidden_states::HiddenStates;
use toolgen::virtualization::Special;
use toolgen::{Error, Result};

use crate::project::{self, ModelFiles};

/// Options of `train retrieval --rows-only`.
#[derive(Args)]
pub struct Rows {
    /// The tools (JSON Lines).
    #[arg(long, requires = "out", default_value = "models/catalogue/tools.jsonl")]
    tools: PathBuf,
    /// Questions with their right calls (JSON Lines).
    #[arg(long, requires = "out", num_args = 1.., default_values = ["models/catalogue/train.jsonl", "models/catalogue/natural.jsonl"])]
    data: Vec<PathBuf>,
    /// Questions that were not trained on, to calibrate probabilities with (JSON Lines).
    #[arg(long)]
    calibrate: Option<PathBuf>,
    /// Where to write the pack: to be said of other tools or questions than the project's.
    #[arg(long, default_value = "models/packs/catalogue.safetensors")]
    out: PathBuf,
    /// Where to keep the questions' hidden states: a second fit reads the questions that have changed, and one that was
    /// interrupted goes on.
    #[arg(long, default_value = "target/states.safetensors")]
    cache: PathBuf,
    /// Most questions of one tool that are read; all without it. Those for no tool are always all read.
    #[arg(long)]
    per_tool: Option<usize>,
    /// Steps of the fit.
    #[arg(long = "fit-steps", default_value_t = Options::default().steps)]
    fit_steps: usize,
    /// Weight decay of the fit.
    #[arg(long, default_value_t = Options::default().weight_decay)]
    weight_decay: f64,
    /// Shrinkage of the covariance, from 0 to 1.
    #[arg(long, default_value_t = Options::default().shrinkage)]
    shrinkage: f64,
}

impl Rows {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let tools = read_tools(&self.tools)?;
        let read = |path: &PathBuf| Ok((path.clone(), read_instances(path)?));
        let files = self.data.iter().map(read).collect::<Result<Vec<_>>>()?;
        let checkpoint = model.load(Cpu)?;
        Grammar::new(&checkpoint.tokenizer)?.check(&tools)?;

        let prior = match &checkpoint.document_head {
            Some(head) => Some(prior(&checkpoint, head, &tools)?),
            None => None,
        };
        let (questions, labels) = self.labelled(&files, &tools, self.per_tool)?;
        if prior.is_none() {
            self.check_each_tool_has_a_question(&tools, &labels)?;
        }
        let states = states_of(&checkpoint, &questions, &self.cache)?;
        let fit = Options {
            steps: self.fit_steps,
            weight_decay: self.weight_decay,
            shrinkage: self.shrinkage,
            ..Options::default()
        };
        let tokens = tools.len() + 1; // the tools, and that none fits
        let mut fitted =
            fit_rows(&states, &labels, tokens, prior.as_deref(), &fit, |step, loss| {
                if step.is_multiple_of(20) {
                    eprintln!("{}", json!({ "step": step, "loss": loss }));
                }
            })?;
        let calibration = match &self.calibrate {
            None => None,
            Some(path) => {
                let files = [read(path)?];
                let (questions, labels) = self.labelled(&files, &tools, None)?;
                let cache = self.cache.with_extension("calibration.safetensors");
                let states = states_of(&checkpoint, &questions, &cache)?;
                Some(fitted.calibrate(&states, &labels, tools.len())?)
            }
        };
        let (loss, head) = (fitted.loss, checkpoint.document_head.as_ref());
        let found = calibration.as_ref().map(|(found, _)| found);
        let pack = pack_of_fitted_rows(&checkpoint.id, head, tools, fitted, found)?;
        let bytes = project::write_pack(&pack, &self.out)?;
        let mut summary = json!({
            "pack": self.out, "tools": pack.tools.len(), "questions": questions.len(),
            "loss": loss, "bytes": bytes,
        });
        if let Some((found, accuracy)) = calibration {
            summary["calibration"] = json!({
                "temperature": 1.0 / found.inverse_temperature, "abstain_offset": found.offset,
                "loss_before": found.loss[0], "loss_after": found.loss[1], "accuracy_before": accuracy,
            });
        }
        project::report(json, &summary);
        Ok(())
    }

    /// The questions of files with the indices of the tools that answer them, at most `per_tool` of one tool; a
    /// question for several tools stands once for each, one for none has the index after the last tool's.
    fn labelled<'a>(
        &self,
        files: &'a [(PathBuf, Vec<Instance>)],
        tools: &[Tool],
        per_tool: Option<usize>,
    ) -> Result<(Vec<&'a str>, Vec<u32>)> {
        let index: HashMap<&str, u32> =
            tools.iter().map(|tool| tool.name.as_str()).zip(0..).collect();
        let (mut questions, mut labels) = (Vec::new(), Vec::new());
        let mut counts = vec![0; tools.len() + 1];
        let lines = files.iter().flat_map(|(path, instances)| {
            (1..).zip(instances).map(move |(line, instance)| (path, line, instance))
        });
        for (path, line, instance) in lines {
            let mut right = Vec::new();
            for call in &instance.calls {
                let missing = || Error::Dataset {
                    path: path.clone(),
                    line,
                    reason: format!(
                        "calls `{}`, which {} does not hold",
                        call.name,
                        self.tools.display()
                    ),
                };
                right.push(*index.get(call.name.as_str()).ok_or_else(missing)?);
            }
            if right.is_empty() {
                right.push(tools.len() as u32);
            }
            for tool in right {
                counts[tool as usize] += 1;
                let is_tool = (tool as usize) < tools.len();
                if !is_tool || per_tool.is_none_or(|most| counts[tool as usize] <= most) {
                    questions.push(instance.query.as_str());
                    labels.push(tool);
                }
            }
        }
        Ok((questions, labels))
    }

    /// A row without a prior starts at nothing.
    fn check_each_tool_has_a_question(&self, tools: &[Tool], labels: &[u32]) -> Result<()> {
        match (0..).zip(tools).find(|(tool, _)| !labels.contains(tool)) {
            None => Ok(()),
            Some((_, tool)) => Err(Error::Dataset {
                path: self.data[0].clone(),
                line: 1,
                reason: format!("no question for `{}`; every tool needs at least one", tool.name),
            }),
        }
    }
}

/// The states that questions end in, kept at `cache`.
fn states_of(
    checkpoint: &Checkpoint<Cpu>,
    questions: &[&str],
    cache: &Path,
) -> Result<HiddenStates> {
    let texts = questions
        .iter()
        .map(|question| prompt::question(&checkpoint.tokenizer, question.trim()))
        .collect::<Result<Vec<_>>>()?;
    states_of_texts(checkpoint, &texts, Some(cache), |done| {
        eprintln!("hidden states {done}/{}", texts.len());
    })
}

/// The rows of the tools' documents and of the token that no tool fits, for states without a gain:
/// `[tools + 1, d]`.
fn prior(
    checkpoint: &Checkpoint<Cpu>,
    head: &DocumentHead<Cpu>,
    tools: &[Tool],
) -> Result<Vec<f32>> {
    let progress = |done| eprintln!("documents {done}/{}", tools.len());
    let mut rows = document_rows(checkpoint, head, tools, None, progress)?;
    rows.extend(
        &head.special_rows[Special::Abstain.index() * head.norm.len()..][..head.norm.len()],
    );
    for row in rows.chunks_exact_mut(head.norm.len()) {
        row.iter_mut().zip(&head.norm).for_each(|(w, gain)| *w *= gain);
    }
    Ok(rows)
}
