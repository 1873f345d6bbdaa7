//! `cargo xtask fuzz`: the fuzz targets, one after another, each in a process of its own.

use anyhow::{Context, Result, bail, ensure};
use lexopt::prelude::*;
use std::fs;
use std::process::Command;

use crate::host::{project, shell};

/// Seconds that a target runs unless others are asked for.
const SECONDS: u32 = 30;
/// Of one input, after which it counts as endless.
const TIMEOUT: u32 = 20;
/// Megabytes of one process.
const MEMORY: u32 = 3072;

pub fn run(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut names, mut seconds, mut install) = (Vec::new(), SECONDS, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seconds") => seconds = arguments.value()?.parse()?,
            Long("install") => install = true,
            Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let known = targets()?;
    for name in &names {
        let list = known.join(", ");
        ensure!(known.contains(name), "there is no target `{name}`; the targets are {list}");
    }
    require(install)?;
    shell::run(fuzz("build").args(folder()))?;
    let chosen = known.iter().filter(|name| names.is_empty() || names.contains(name));
    for name in chosen {
        eprintln!("\n== {name}: {seconds} s ==");
        search(name, seconds)?;
    }
    Ok(())
}

/// The targets' names: those of the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let files = fs::read_dir(project::root().join("fuzz/fuzz_targets"))?;
    let name = |file: std::io::Result<fs::DirEntry>| {
        Some(file.ok()?.path().file_stem()?.to_str()?.to_owned())
    };
    let mut names: Vec<String> = files.filter_map(name).collect();
    names.sort();
    Ok(names)
}

/// Runs one target. What it finds interesting is kept in `target/fuzz`, for the next run.
fn search(name: &str, seconds: u32) -> Result<()> {
    let found = project::target().join("fuzz/corpus").join(name);
    fs::create_dir_all(&found)?;
    let mut run = fuzz("run");
    run.args(folder()).arg(name).arg(found).arg(format!("fuzz/corpus/{name}")).arg("--");
    run.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    run.arg(format!("-timeout={TIMEOUT}")).arg(format!("-rss_limit_mb={MEMORY}"));
    shell::run(&mut run).with_context(|| {
        format!("`{name}` failed: keep the input that is named above in fuzz/corpus/{name}, and `cargo test` repeats it")
    })
}

fn folder() -> [String; 2] {
    ["--target-dir".into(), project::target().join("fuzz").display().to_string()]
}

/// cargo-fuzz. Sanitizers are options of nightly compilers; this variable gives them to the one that is pinned, too.
fn fuzz(command: &str) -> Command {
    let mut fuzz = shell::cargo();
    fuzz.args(["fuzz", command]).env("RUSTC_BOOTSTRAP", "1");
    fuzz
}

fn require(install: bool) -> Result<()> {
    if shell::output(&mut fuzz("--version")).is_ok() {
        return Ok(());
    }
    if !install {
        bail!(
            "cargo-fuzz is missing; `cargo install cargo-fuzz --locked`, or this command with --install, brings it"
        );
    }
    shell::run(shell::cargo().args(["install", "cargo-fuzz", "--locked"]))
}
