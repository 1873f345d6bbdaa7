//! `cargo xtask train`: from the base checkpoint to the adapter and the tool pack that ship.

use anyhow::{Context, Result};
use std::process::Command;

use crate::{base, openapi, project, release, shell};

/// The stages, in order: the command's arguments.
const STAGES: [&[&str]; 3] = [
    &["memorization", "--steps", "40", "--batch", "48", "--learning-rate", "4e-4"],
    &["retrieval", "--steps", "500", "--until", "400", "--batch", "40", "--learning-rate", "5e-4"],
    &["agent", "--steps", "1200", "--until", "1100", "--batch", "16", "--learning-rate", "4e-4"],
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
    let mut begin = None;
    for arguments in STAGES {
        let stage = arguments[0];
        let mut train = toolgen();
        train.arg("train").args(arguments);
        if let Some(state) = begin {
            train.args(["--begin", state]);
        }
        shell::run(&mut train).with_context(|| format!("the {stage} stage"))?;
        begin = Some(match stage {
            "memorization" => "target/training/memorization.safetensors",
            _ => "target/training/retrieval.safetensors",
        });
    }
    shell::run(toolgen().args([
        "adapter",
        "export",
        "--state",
        "target/training/agent.safetensors",
    ]))?;
    release::pin()?;
    release::build()?;
    shell::run(
        toolgen()
            .args(["train", "retrieval", "--rows-only"])
            .args(["--calibrate", "models/catalogue/dev.jsonl"]),
    )?;
    shell::run(toolgen().args(["train", "plot"]))
}

fn toolgen() -> Command {
    let mut toolgen = shell::cargo();
    toolgen.args(["run", "--quiet", "--release", "--bin", "toolgen", "--"]);
    toolgen.current_dir(project::root());
    toolgen
}
