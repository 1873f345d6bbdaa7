//! `cargo xtask test`: the project's checks, all or some, in order.

use anyhow::{Context, Result};
use lexopt::prelude::*;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::build::{Profile, module, npm, size};
use crate::fetch::model::{self, Model};
use crate::host::apt::Install;
use crate::host::{browser, node, project, shell, vulkan};

/// A check that brings about what it needs, so that it can run alone.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(Install) -> Result<()>,
}

/// Cheap ones first: the first failure ends the run.
const STEPS: [Step; 14] = [
    Step { name: "format", what: "rustfmt changes nothing", run: format },
    Step { name: "lints", what: "clippy has no warning", run: lints },
    Step { name: "features", what: "each set of the crate's features compiles", run: features },
    Step { name: "docs", what: "rustdoc has no warning", run: docs },
    Step { name: "typescript", what: "types, and tests in Node.js", run: typescript },
    Step { name: "rust", what: "native tests, on the tiny checkpoint", run: rust },
    Step {
        name: "webgpu",
        what: "kernels on a Vulkan driver, on the tiny checkpoint",
        run: webgpu,
    },
    Step {
        name: "checkpoint",
        what: "fetched, and the right one, with its adapter",
        run: checkpoint,
    },
    Step {
        name: "module",
        what: "the module, the npm package and the page are built",
        run: module,
    },
    Step {
        name: "browser",
        what: "the package and the page in Chromium, on the tiny checkpoint",
        run: browser,
    },
    Step {
        name: "model",
        what: "native tests on the checkpoint, with a Vulkan driver",
        run: model,
    },
    Step {
        name: "browser-model",
        what: "the package and the page in Chromium, on the checkpoint",
        run: browser_model,
    },
    Step { name: "bundlers", what: "the examples, built and run in Chromium", run: bundlers },
    Step { name: "size", what: "what a visitor downloads is within its limits", run: size },
];

pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut names = Vec::new();
    let mut install = Install::Forbidden;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("install") => install = Install::Allowed,
            Long("list") => return Ok(list()),
            Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    run_steps(&chosen(&names)?, install)
}

fn list() -> ExitCode {
    for Step { name, what, .. } in &STEPS {
        println!("{name:<14} {what}");
    }
    ExitCode::SUCCESS
}

/// The steps of these names, or all.
fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    for name in names {
        STEPS.iter().find(|step| step.name == name).with_context(|| {
            let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            format!("there is no step `{name}`; the steps are {}", known.join(", "))
        })?;
    }
    let is_named = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(is_named).collect())
}

fn run_steps(steps: &[&Step], install: Install) -> Result<ExitCode> {
    let mut rows: Vec<(&str, &str, Duration)> = Vec::new();
    for Step { name, run, .. } in steps {
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = run(install);
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
    for step in &steps[rows.len()..] {
        rows.push((step.name, "not run", Duration::ZERO));
    }
    println!();
    for (name, verdict, duration) in rows {
        println!("{name:<14} {verdict:<8} {:>7.1} s", duration.as_secs_f64());
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn format(_: Install) -> Result<()> {
    cargo(&["fmt", "--all", "--check"])
}

/// The workspace's other packages, in the profile that this very command was built in: checked together with the
/// crate, they would give its dependencies other features, and all of them would be compiled twice.
const OTHERS: [&str; 4] = ["--package", "xtask", "--package", "candle-web"];

fn lints(_: Install) -> Result<()> {
    // All targets are all but those that are asked for by name.
    let crates = ["--release", "--all-targets"];
    let asked_for = ["--release", "--test", "webgpu", "--test", "model"];
    let others = [&OTHERS[..], &["--all-targets"]].concat();
    for targets in [&crates[..], &asked_for, &others] {
        cargo(&[&["clippy"], targets, &["--", "-D", "warnings"]].concat())?;
    }
    Ok(())
}

/// Feature sets that somebody may ask for; the default one is compiled by other steps, and `web` by `module`.
const FEATURES: [&str; 5] = ["", "train", "openapi", "cli", "webgpu"];

fn features(_: Install) -> Result<()> {
    FEATURES.iter().try_for_each(|features| {
        eprintln!("features: {features:?}");
        cargo(&["check", "--release", "--no-default-features", "--features", features])
    })
}

fn docs(_: Install) -> Result<()> {
    [&["--release"][..], &OTHERS].iter().try_for_each(|packages| {
        let mut doc = shell::cargo();
        doc.args(["doc", "--no-deps"]).args(*packages).env("RUSTDOCFLAGS", "-D warnings");
        shell::run(&mut doc)
    })
}

fn typescript(_: Install) -> Result<()> {
    node::install(project::root())?;
    shell::run(&mut node::script("test"))
}

fn checkpoint(_: Install) -> Result<()> {
    model::fetch().map(drop)
}

fn rust(_: Install) -> Result<()> {
    cargo(&["test", "--release"])?;
    cargo(&["test", "--package", "xtask"])
}

fn webgpu(install: Install) -> Result<()> {
    vulkan::require(install)?;
    cargo(&["test", "--release", "--test", "webgpu"])
}

fn model(install: Install) -> Result<()> {
    vulkan::require(install)?;
    checkpoint(install)?;
    cargo(&["test", "--release", "--test", "model"])
}

/// The page is built with its model, once there is one: `checkpoint` comes first.
fn module(install: Install) -> Result<()> {
    module::build(Profile::Web, install)?;
    module::build_threads(Profile::Web, install)?;
    npm::build()
}

fn browser(install: Install) -> Result<()> {
    in_chromium("test:browser", &[checkpoint, module], install)
}

fn browser_model(install: Install) -> Result<()> {
    in_chromium("test:browser-model", &[checkpoint, module], install)
}

fn bundlers(install: Install) -> Result<()> {
    in_chromium("test:bundlers", &[checkpoint, module], install)
}

/// Six times what the longest step takes on two cores: a browser that hangs is told of, and not waited for.
const CHROMIUM_LIMIT: Duration = Duration::from_secs(40 * 60);

fn in_chromium(script: &str, needs: &[fn(Install) -> Result<()>], install: Install) -> Result<()> {
    let chromium = browser::find(install)?;
    needs.iter().try_for_each(|bring| bring(install))?;
    shell::run_within(CHROMIUM_LIMIT, node::script(script).env("CHROMIUM", chromium))
}

fn size(install: Install) -> Result<()> {
    module(install)?;
    let Model { checkpoint, adapter } = model::fetch()?;
    let size = size::measure(&checkpoint, &adapter)?;
    for (name, bytes) in [
        ("module", size.wasm),
        ("module, gzip", size.wasm_gzip),
        ("scripts, gzip", size.js_gzip),
        ("checkpoint", size.checkpoint),
        ("adapter", size.adapter),
    ] {
        eprintln!("{name:<18} {:>10.1} kB", bytes as f64 / 1000.0);
    }
    size.check()
}

fn cargo(arguments: &[&str]) -> Result<()> {
    shell::run(shell::cargo().args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(given: &[&str]) -> Result<Vec<&'static str>> {
        let given: Vec<String> = given.iter().map(|&name| name.into()).collect();
        Ok(chosen(&given)?.into_iter().map(|step| step.name).collect())
    }

    #[test]
    fn steps_run_in_their_order() {
        assert_eq!(names(&["rust", "format"]).unwrap(), ["format", "rust"]);
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_answered_by_the_known_ones() {
        let error = names(&["format", "formt"]).unwrap_err().to_string();
        assert!(error.contains("`formt`") && error.contains("format, lints"), "{error}");
    }
}
