//! `toolgen train retrieval --rows-only`: rows alone, on a frozen body.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use toolgen::agent::prompt;
use toolgen::model::{QuantizedMatrix, file};
use toolgen::tool::dataset::{read_instances, read_tools};
use toolgen::tool::{Example, Instance, Tool, ToolPack};
use toolgen::training::autograd::Autograd;
use toolgen::training::retrieval::{Options, fit_rows};
use toolgen::training::states::HiddenStates;
use toolgen::virtualization::{IndexingKind, Special};
use toolgen::{Error, Result};

use crate::{pack, project};

/// Options of `train retrieval --rows-only`.
#[derive(Args)]
pub struct Rows {
    /// The tools (JSON Lines).
    #[arg(long, default_value = "models/catalogue/tools.jsonl")]
    tools: PathBuf,
    /// Questions with their right calls (JSON Lines).
    #[arg(long, default_value = "models/catalogue/train.jsonl")]
    data: PathBuf,
    /// Where to write the pack.
    #[arg(long, default_value = "models/packs/catalogue.safetensors")]
    out: PathBuf,
    /// Where to keep the questions' hidden states, so that a second fit takes seconds.
    #[arg(long, default_value = "target/states.safetensors")]
    cache: PathBuf,
    /// Example questions that the pack keeps for each tool.
    #[arg(long, default_value_t = 24)]
    examples: usize,
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
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let mut tools = read_tools(&self.tools)?;
        let instances = read_instances(&self.data)?;
        let checkpoint = file::load(&project::checkpoint_path(checkpoint), Autograd)?;
        pack::check_schemas(&checkpoint.tokenizer, &tools)?;

        let (questions, labels) = self.labelled(&tools, &instances)?;
        let texts = questions
            .iter()
            .map(|question| prompt::question(&checkpoint.tokenizer, question.trim()))
            .collect::<Result<Vec<_>>>()?;
        let states = HiddenStates::compute(&checkpoint, &texts, Some(&self.cache), |done| {
            eprintln!("hidden states {done}/{}", texts.len());
        })?;
        let fit = Options {
            steps: self.fit_steps,
            weight_decay: self.weight_decay,
            shrinkage: self.shrinkage,
            ..Options::default()
        };
        let width = states.width;
        let tokens = tools.len() + 1; // the tools, and that none fits
        let mut fitted = fit_rows(&states, &labels, tokens, None, &fit, |step, loss| {
            if step.is_multiple_of(20) {
                eprintln!("{}", json!({ "step": step, "loss": loss }));
            }
        })?;
        let rows = tools.len() + Special::COUNT;
        fitted.rows.resize(rows * width, 0.0);

        keep_examples(&mut tools, &instances, self.examples);
        let pack = ToolPack {
            base_sha256: checkpoint.sha256,
            indexing: IndexingKind::Atomic,
            norm: fitted.gain,
            rows: QuantizedMatrix::quantize_q8_0(rows, width, &fitted.rows)?,
            table: None,
            tools,
        };
        let bytes = project::write_pack(&pack, &self.out)?;
        let summary = json!({
            "pack": self.out, "tools": pack.tools.len(), "questions": questions.len(),
            "loss": fitted.loss, "bytes": bytes,
        });
        if json {
            project::print_json(&summary);
        } else {
            println!("{}", serde_json::to_string_pretty(&summary).expect("plain data serializes"));
        }
        Ok(())
    }

    /// The questions with the indices of the tools that answer them; a question for several tools stands once
    /// for each, one for none has the index after the last tool's. Every tool needs a question.
    fn labelled<'a>(
        &self,
        tools: &[Tool],
        instances: &'a [Instance],
    ) -> Result<(Vec<&'a str>, Vec<u32>)> {
        let index: HashMap<&str, u32> =
            tools.iter().map(|tool| tool.name.as_str()).zip(0..).collect();
        let (mut questions, mut labels) = (Vec::new(), Vec::new());
        for (line, instance) in (1..).zip(instances) {
            let mut right = Vec::new();
            for call in &instance.calls {
                let missing = || Error::Dataset {
                    path: self.data.clone(),
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
            questions.extend(right.iter().map(|_| instance.query.as_str()));
            labels.extend(right);
        }
        match (0..).zip(tools).find(|(tool, _)| !labels.contains(tool)) {
            Some((_, tool)) => Err(Error::Dataset {
                path: self.data.clone(),
                line: instances.len(),
                reason: format!("no question for `{}`; every tool needs at least one", tool.name),
            }),
            None => Ok((questions, labels)),
        }
    }
}

/// Gives each tool the first `count` of its questions that have labelled arguments.
fn keep_examples(tools: &mut [Tool], instances: &[Instance], count: usize) {
    for tool in tools {
        let own = instances.iter().filter_map(|instance| match instance.calls.as_slice() {
            [call] if call.name == tool.name => {
                Some(Example { query: instance.query.clone(), arguments: call.arguments.clone()? })
            }
            _ => None,
        });
        tool.examples = own.take(count).collect();
    }
}
