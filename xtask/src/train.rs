//! `cargo xtask train`: from the base checkpoint to the adapter and the tool pack that ship.

use anyhow::{Context, Result};
use std::process::Command;

use crate::{base, openapi, project, release, shell};

/// One run of a stage. State and log have its name, which is the stage's where nothing else is said.
struct Run {
    name: &'static str,
    /// The run whose state it begins with.
    begin: Option<&'static str>,
    arguments: &'static [&'static str],
}

/// In order. Agent-tuning runs twice: the second begins with a high learning rate again.
const RUNS: [Run; 4] = [
    Run {
        name: "memorization",
        begin: None,
        arguments: &["memorization", "--steps", "40", "--batch", "48", "--learning-rate", "4e-4"],
    },
    Run {
        name: "retrieval",
        begin: Some("memorization"),
        arguments: &[
            "retrieval",
            "--steps",
            "500",
            "--until",
            "400",
            "--batch",
            "40",
            "--learning-rate",
            "5e-4",
        ],
    },
    Run {
        name: "agent",
        begin: Some("retrieval"),
        arguments: &[
            "agent",
            "--steps",
            "1200",
            "--until",
            "1100",
            "--batch",
            "16",
            "--learning-rate",
            "4e-4",
        ],
    },
    Run {
        name: "agent-again",
        begin: Some("agent"),
        arguments: &["agent", "--steps", "720", "--batch", "16", "--learning-rate", "3e-4"],
    },
];

/// Runs what is not done yet: a stage that was cut goes on from its saved state.
pub fn run() -> Result<()> {
    base::fetch()?;
    let documents = openapi::fetch()?;
    if !project::root().join("target/openapi/pairs.jsonl").is_file() {
        let out = "target/openapi/tools.jsonl";
        shell::run(
            toolgen()
                .args(["import", "directory"])
                .arg(documents)
                .args(["--limit", "50000", "--out", out]),
        )?;
    }
    for run in &RUNS {
        let mut train = toolgen();
        train.arg("train").args(run.arguments).arg("--state").arg(state(run.name));
        train.arg("--log").arg(format!("models/training/{}.log.jsonl", run.name));
        if let Some(begin) = run.begin {
            train.arg("--begin").arg(state(begin));
        }
        shell::run(&mut train).with_context(|| format!("the run {}", run.name))?;
    }
    let last = state(RUNS[RUNS.len() - 1].name);
    shell::run(toolgen().args(["adapter", "export", "--state", &last]))?;
    release::pin()?;
    release::build()?;
    shell::run(
        toolgen()
            .args(["train", "retrieval", "--rows-only"])
            .args(["--calibrate", "models/catalogue/dev.jsonl"]),
    )?;
    shell::run(toolgen().args(["train", "plot"]))
}

fn state(run: &str) -> String {
    format!("target/training/{run}.safetensors")
}

fn toolgen() -> Command {
    let mut toolgen = shell::cargo();
    toolgen.args(["run", "--quiet", "--release", "--bin", "toolgen", "--"]);
    toolgen.current_dir(project::root());
    toolgen
}
