//! `cargo xtask train`: from the base checkpoint to the adapter and the tool pack that ship.

use anyhow::{Context, Result};
use lexopt::prelude::*;
use std::path::{Path, PathBuf};

use crate::fetch::{data, model, openapi, weights};
use crate::host::shell::{self, toolgen};

/// One run of a stage. State and log have its name.
struct Run {
    name: &'static str,
    stage: &'static str,
    /// What it is trained on, if not the mixture of its stage.
    mixture: Option<&'static str>,
    /// The run whose state it begins with.
    begin: Option<&'static str>,
    /// Of its schedule.
    steps: u32,
    /// Where it ends before its schedule does.
    until: u32,
    batch: u32,
    learning_rate: f32,
}

/// In order. Agent-tuning runs twice on data sets, the second beginning with a high learning rate again, then on apps, and
/// at last with the catalogue's questions in people's own words.
const RUNS: [Run; 6] = [
    Run {
        name: "memorization",
        stage: "memorization",
        mixture: None,
        begin: None,
        steps: 40,
        until: 40,
        batch: 48,
        learning_rate: 4e-4,
    },
    Run {
        name: "retrieval",
        stage: "retrieval",
        mixture: None,
        begin: Some("memorization"),
        steps: 500,
        until: 400,
        batch: 40,
        learning_rate: 5e-4,
    },
    Run {
        name: "agent",
        stage: "agent",
        mixture: None,
        begin: Some("retrieval"),
        steps: 1200,
        until: 1100,
        batch: 16,
        learning_rate: 4e-4,
    },
    Run {
        name: "agent-again",
        stage: "agent",
        mixture: None,
        begin: Some("agent"),
        steps: 720,
        until: 720,
        batch: 16,
        learning_rate: 3e-4,
    },
    Run {
        name: "apps",
        stage: "agent",
        mixture: Some("models/training/mixtures/apps.json"),
        begin: Some("agent-again"),
        steps: 3600,
        until: 3600,
        batch: 16,
        learning_rate: 4e-4,
    },
    Run {
        name: "natural",
        stage: "agent",
        mixture: Some("models/training/mixtures/natural.json"),
        begin: Some("apps"),
        steps: 400,
        until: 400,
        batch: 16,
        learning_rate: 2e-4,
    },
];

/// Steps of each run, and questions a tool, of a trial.
const TRIAL: u32 = 2;

pub fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let mut trial = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("trial") => trial = true,
            other => return Err(other.unexpected().into()),
        }
    }
    train(trial)
}

/// Runs what is not done yet: a stage that was cut goes on from its saved state. A trial goes the whole way
/// in minutes, in a folder of its own, and touches nothing that ships.
fn train(trial: bool) -> Result<()> {
    let base = weights::fetch_base()?;
    data::fetch()?;
    openapi::import()?;
    let folder = |release, of_trial| PathBuf::from(if trial { of_trial } else { release });
    let states = folder("target/training", "target/trial");
    let logs = folder("models/training/logs", "target/trial");
    let peft = folder("models/adapter", "target/trial/adapter");
    let adapter = peft.join("toolgen-135m.safetensors");
    for run in &RUNS {
        run.train(&states, &logs, trial).with_context(|| format!("the run {}", run.name))?;
    }
    let last = state(&states, RUNS[RUNS.len() - 1].name);
    shell::run(toolgen().args(["adapter", "export", "--state"]).arg(last).arg("--out").arg(&peft))?;
    shell::run(
        toolgen().args(["adapter", "pack", "--peft"]).arg(&peft).arg("--out").arg(&adapter),
    )?;
    if !trial {
        model::pin()?;
    }
    let mut rows = toolgen();
    rows.arg("--checkpoint").arg(base).arg("--adapter").arg(adapter);
    rows.args(["train", "retrieval", "--rows-only"]);
    rows.args(["--calibrate", "models/catalogue/dev.jsonl"]);
    if trial {
        rows.args(["--per-tool", &TRIAL.to_string()]);
        rows.arg("--cache").arg(states.join("questions.safetensors"));
        rows.arg("--out").arg(states.join("catalogue.safetensors"));
        return shell::run(&mut rows);
    }
    shell::run(&mut rows)?;
    shell::run(toolgen().args(["train", "plot"]))
}

impl Run {
    fn train(&self, states: &Path, logs: &Path, trial: bool) -> Result<()> {
        let end = |steps: u32| if trial { TRIAL } else { steps }.to_string();
        let mut train = toolgen();
        train.args(["train", self.stage]);
        train.args(["--steps", &end(self.steps), "--until", &end(self.until)]);
        train.args(["--batch", &self.batch.to_string()]);
        train.args(["--learning-rate", &self.learning_rate.to_string()]);
        train.arg("--state").arg(state(states, self.name));
        train.arg("--log").arg(logs.join(self.name).with_extension("jsonl"));
        if let Some(mixture) = self.mixture {
            train.args(["--mixture", mixture]);
        }
        if let Some(begin) = self.begin {
            train.arg("--begin").arg(state(states, begin));
        }
        shell::run(&mut train)
    }
}

fn state(folder: &Path, run: &str) -> PathBuf {
    folder.join(run).with_extension("safetensors")
}
