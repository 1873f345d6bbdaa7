//! `cargo xtask test`: every check of the project, in order.

use anyhow::Result;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::no_options;
use crate::build::{module, npm, size};
use crate::fetch::checkpoint;
use crate::host::{browser, node, shell, vulkan};

type Step = (&'static str, fn() -> Result<()>);

/// Cheap ones first: the first failure ends the run.
const STEPS: [Step; 9] = [
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("lints", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--release", "--", "-D", "warnings"])
    }),
    ("checkpoint", || checkpoint::build().map(drop)),
    ("Rust tests", || {
        vulkan::require()?;
        cargo(&["test", "--workspace", "--release"])
    }),
    ("module and page", || module::build().and_then(|()| npm::build())),
    ("TypeScript tests", || shell::run(&mut node::script("test"))),
    ("browser tests", || in_chromium("test:browser")),
    ("bundlers", || in_chromium("test:bundlers")),
    ("size", report_size),
];

pub fn run(arguments: lexopt::Parser) -> Result<ExitCode> {
    no_options(arguments)?;
    let mut rows: Vec<(&str, &str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            eprintln!("error: {error:#}");
        }
        let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
        eprintln!("== {name}: {verdict} in {:.1} s ==", start.elapsed().as_secs_f64());
        rows.push((name, verdict, start.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    let passed = rows.iter().all(|(_, verdict, _)| *verdict == "passed");
    for (name, _) in &STEPS[rows.len()..] {
        rows.push((name, "not run", Duration::ZERO));
    }
    println!();
    for (name, verdict, duration) in rows {
        println!("{name:<18} {verdict:<8} {:>7.1} s", duration.as_secs_f64());
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cargo(arguments: &[&str]) -> Result<()> {
    shell::run(shell::cargo().args(arguments))
}

fn in_chromium(script: &str) -> Result<()> {
    let chromium = browser::find()?;
    shell::run(node::script(script).env("CHROMIUM", chromium))
}

fn report_size() -> Result<()> {
    let size = size::measure(&checkpoint::build()?)?;
    for (name, bytes) in [
        ("module", size.wasm),
        ("module, gzip", size.wasm_gzip),
        ("scripts, gzip", size.js_gzip),
        ("checkpoint", size.checkpoint),
    ] {
        eprintln!("{name:<18} {:>10.1} kB", bytes as f64 / 1000.0);
    }
    size.check()
}
